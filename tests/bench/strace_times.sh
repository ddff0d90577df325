#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# usage: strace_times.sh BUILD OUT [CALLS]
# Time Debian's strace over a program that makes CALLS system calls (100000) on
# the refkernel and on Debian's Linux kernel, in the same QEMU, row by row in
# turn: a table, and OUT/strace.csv. ./bench --strace calls it.
set -u
build=$1
out=$2
calls=${3:-100000}
export PROCTRACE_BUILD=$build
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd) || exit 99
top=$here/../..
row=$here/strace_row.sh
program=$build/tests/bench/calls
strace=$(type -P strace) || {
	echo "bench: strace is not installed" >&2
	exit 99
}

# measure NAME PROCESSES COMMAND [ARG]...: a line of the table.
measure()
{
	local name=$1 processes=$2 ours theirs

	shift 2
	set -- "$row" "$calls" "$processes" "$@" "$program"
	echo "bench: strace, $name ..." >&2
	ours=$("$top/run" --preload --clear-env --timeout 900 "$@" \
		</dev/null) || exit 1
	theirs=$("$top/tools/linux-vm" --timeout 1800 --add "$strace" \
		--add "$program" "$@" | tr -d '\r') || exit 1
	case $ours$theirs in
	*[!0-9]* | '') echo "bench: $ours $theirs" >&2; exit 1 ;;
	esac
	awk -v OFS=, -v n="$name" -v a="$ours" -v b="$theirs" \
		'BEGIN {print n, a, b, sprintf("%.3f", a / (b > 0 ? b : 10))}'
}

{
	echo "operation,refkernel_ms,linux_ms,ratio"
	measure untraced 1
	measure strace_f 1 "$strace" -f -o /dev/null
	measure strace_c 1 "$strace" -c
	measure strace_f_seccomp 1 "$strace" -f --seccomp-bpf -e trace=openat \
		-o /dev/null
	measure strace_c_seccomp 1 "$strace" -f -c --seccomp-bpf \
		-e trace=openat
	for n in 10 100 1000; do
		measure "strace_f_$n" $n "$strace" -f -o /dev/null
	done
} >"$out/strace.csv" || exit 1
awk -F, 'NR == 1 {
	printf "%-20s %12s %12s %7s\n", "operation", "refkernel", "Linux",
		"ratio"
	next
}
{
	printf "%-20s %9d ms %9d ms %7.3f\n", $1, $2, $3, $4
}' "$out/strace.csv"
echo "bench: $out/strace.csv" >&2
