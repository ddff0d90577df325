#!/bin/sh
# SPDX-License-Identifier: MIT
# Sourced by the scripts of this directory, which get the build directory as
# their argument. A script tries its cases and ends with done_testing.

top=$(cd "$(dirname "$0")/../.." && pwd) || exit 99
build=$1
programs=$build/tests/debuggers # where the programs to debug are
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
number=0
bad=0

# need PROGRAM...: skip the script where one is not installed.
need()
{
	for tool; do
		command -v "$tool" >/dev/null && continue
		echo "1..0 # SKIP $tool is not installed"
		exit 0
	done
}

# boot [OPTION OF run]... PROGRAM [ARG]...: on the refkernel, from standard
# input to standard output; libptrace is preloaded for the debuggers.
boot()
{
	"$top/tests/in_refkernel.sh" "$build" "$@"
}

# result STATUS NAME: one case, which passed if STATUS is 0.
result()
{
	number=$((number + 1))
	if [ "$1" = 0 ]; then
		echo "ok $number - $2"
	else
		echo "not ok $number - $2"
		bad=1
	fi
	return "$1"
}

# show FILE...: what a case that failed has to say.
show()
{
	sed 's/^/# /' "$@" | head -n 60
}

# mask: standard input with what differs from run to run made equal: addresses,
# process ids, times. Sizes, flags and results stay.
mask()
{
	sed -E \
		-e 's/0x[0-9a-f]{7,16}/ADDR/g' \
		-e 's/\b(pid|PID|process|Process|Thread|LWP) [0-9]+/\1 N/g' \
		-e 's/\[pid +[0-9]+\]/[pid N]/g' \
		-e 's/^[0-9]+ +([a-z_0-9]+\(|---|\+\+\+|<\.\.\.)/N \1/' \
		-e 's/(tv_n?u?sec|st_[amc]time(_nsec)?)=[0-9]+/\1=T/g'
}

# same NAME EXPECTED ACTUAL: one case, two files are equal.
same()
{
	diff -u "$2" "$3" >"$work/diff"
	result $? "$1" || show "$work/diff"
}

# split FILE DIRECTORY: one file for each part that begins with "== NAME:".
split()
{
	mkdir -p "$2"
	awk -v dir="$2" '/^== /{f = dir "/" substr($2, 1, length($2) - 1)}
		f {print > f}' "$1"
}

# both_alike TOOL SCRIPT: each function case_NAME of SCRIPT, run on both kernels,
# is a case: TOOL says the same, line by line. SCRIPT gets the directory of the
# programs and the names.
both_alike()
{
	names=$(sed -n 's/^case_\([a-z_]*\)().*/\1/p' "$2")
	# shellcheck disable=SC2086 # a list of words
	env -i PATH="$PATH" sh "$2" "$programs" $names >"$work/linux" 2>&1 &
	# shellcheck disable=SC2086
	boot --clear-env --preload --env PATH="$PATH" \
		/bin/sh "$2" "$programs" $names >"$work/refkernel" 2>&1
	wait
	split "$work/linux" "$work/l"
	split "$work/refkernel" "$work/r"
	for name in $names; do
		touch "$work/l/$name" "$work/r/$name"
		same "$1 $name" "$work/l/$name" "$work/r/$name"
	done
}

# contains NAME FILE PATTERN...: one case, FILE has a line for each extended
# regular expression, in this order.
contains()
{
	name=$1
	file=$2
	shift 2
	from=1
	for pattern; do
		at=$(sed -n "$from,\$p" "$file" | grep -nE -m 1 -e "$pattern" |
			cut -d : -f 1)
		if [ -z "$at" ]; then
			result 1 "$name" || show "$file"
			echo "# no line (from $from on): $pattern"
			return 1
		fi
		from=$((from + at))
	done
	result 0 "$name"
}

# serve NAME [OPTION of run]... SERVER [ARG]...: start it in the refkernel, its
# /dev/ttyS0 being the socket $work/line. What it and the program say goes to
# $work/NAME.server.
serve()
{
	serving=$1
	shift
	rm -f "$work/line"
	boot --forward "unix:$work/line" --timeout 60 "$@" \
		>"$work/$serving.server" 2>&1 &
	server=$!
	tries=0
	until [ -S "$work/line" ] || [ $tries = 100 ]; do
		sleep 0.1
		tries=$((tries + 1))
	done
}

# served: it has ended.
served()
{
	wait $server
	echo "status $?" >>"$work/$serving.server"
}

done_testing()
{
	echo "1..$number"
	exit $bad
}
