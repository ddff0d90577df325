#!/bin/sh
# SPDX-License-Identifier: MIT
# usage: compare.sh BUILD-DIRECTORY preloaded|static FIRST LAST
# Run the random sequences of these seeds on this Linux and on the refkernel and
# compare. A sequence that differs is run again on both, since not all is
# determined on Linux: when a tracer ends or kills all, several run at a time.
# What differs each time is printed, and its seed: to see it again,
#	compare.sh BUILD-DIRECTORY MODE SEED SEED
set -u
build=$1 mode=$2 first=$3 last=$4
here=$(dirname "$0")
programs=$build/tests/differential
tmp=$(mktemp -d) || exit 99
trap 'rm -rf "$tmp"' EXIT

# PTRACE_SET_SYSCALL_INFO came with 6.16.
if ! printf '%s\n' 6.16 "$(uname -r)" | sort -V -C; then
	echo "1..0 # SKIP this Linux is older than 6.16"
	exit 77
fi

on_linux()
{
	"$programs/differential_dynamic" "$@"
}

on_refkernel()
{
	if [ "$mode" = preloaded ]; then
		"$here/../in_refkernel.sh" "$build" --timeout 1200 --preload \
			"$programs/differential_dynamic" "$@"
	else
		"$here/../in_refkernel.sh" "$build" --timeout 1200 \
			"$programs/differential_static" "$@"
	fi
}

# differs SEED: it does so each time.
differs()
{
	on_refkernel -v "$1" "$1" >"$tmp/there"
	grep -v '^#' "$tmp/there" >"$tmp/there.text"
	tries=0
	while [ $tries -lt 200 ]; do
		on_linux -v "$1" "$1" >"$tmp/here"
		grep -v '^#' "$tmp/here" >"$tmp/here.text"
		cmp -s "$tmp/here.text" "$tmp/there.text" && return 1
		tries=$((tries + 1))
	done
	return 0
}

on_linux "$first" "$last" >"$tmp/linux" || exit 99
on_refkernel "$first" "$last" >"$tmp/refkernel" || {
	echo "not ok 1 - the refkernel came to the end"
	tail -n 1 "$tmp/refkernel" | sed 's/^/# after /'
	echo 1..1
	exit 1
}
diff "$tmp/linux" "$tmp/refkernel" |
	sed -n 's/^< sequence \([0-9]*\):.*/\1/p' >"$tmp/seeds"
bad=0
while read -r seed; do
	differs "$seed" || continue
	bad=$((bad + 1))
	echo "# sequence $seed, Linux (-) and the refkernel, $mode (+):"
	grep '^#' "$tmp/there"
	diff -U 12 "$tmp/here.text" "$tmp/there.text" | head -n 60 |
		sed 's/^/# /'
done <"$tmp/seeds"
count=$((last - first + 1))
if [ $bad -eq 0 ]; then
	echo "ok 1 - $count sequences, $mode, have Linux's outcome"
else
	echo "not ok 1 - $bad of $count sequences, $mode, differ from Linux"
fi
echo "# at first $(wc -l <"$tmp/seeds") differed"
echo 1..1
[ $bad -eq 0 ]
