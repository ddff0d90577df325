#!/bin/sh
# SPDX-License-Identifier: MIT
# usage: proc_random.sh BUILD-DIRECTORY PROGRAM [ARGUMENT]...
# proc_random on the refkernel, which must have everything back in the end: as
# many frames, blocks, threads and processes as after a program that did
# nothing.
set -u
build=$1
shift
tmp=$(mktemp -d) || exit 99
trap 'rm -rf "$tmp"' EXIT

census()
{
	"$(dirname "$0")/../in_refkernel.sh" "$build" --census "$@" \
		2>"$tmp/errors" | grep -v '^1\.\.'
	sed -n 's/^census: frames \([0-9]*\).*heap-blocks \([0-9]*\).*\(threads .*\)$/\1 \2 \3/p' \
		"$tmp/errors"
	grep -v '^census:' "$tmp/errors" >&2
}

census true >"$tmp/clean"
census "$@" >"$tmp/out"
sed '$d' "$tmp/out"
cases=$(grep -c '^\(not \)\?ok' "$tmp/out")
if tail -n 1 "$tmp/out" | cmp -s - "$tmp/clean"; then
	echo "ok $((cases + 1)) - the kernel has everything back"
else
	echo "not ok $((cases + 1)) - the kernel has everything back"
	echo "# $(tail -n 1 "$tmp/out"), not $(cat "$tmp/clean")"
fi
# Eleven of the program's, if it came to its end.
echo 1..12
! grep -q '^not ok' "$tmp/out" &&
	tail -n 1 "$tmp/out" | cmp -s - "$tmp/clean"
