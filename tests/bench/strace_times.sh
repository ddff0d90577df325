#!/bin/busybox sh
# SPDX-License-Identifier: MIT
# usage: strace_times.sh CALLS
# Time strace over the program CALLS; prints NAME,MILLISECONDS, the median of
# three. Runs on both kernels; ./bench --strace makes the ratios.
calls=$1
b=/bin/busybox

now()
{
	# Seconds of uptime have two digits behind the point on every kernel.
	read -r up _ </proc/uptime
	echo $((${up%.*} * 1000 + 1${up#*.} * 10 - 1000))
}

measure()
{
	name=$1
	shift
	for i in 1 2 3; do
		start=$(now)
		"$@" >/dev/null 2>&1 || { echo "$name: status $?" >&2; exit 1; }
		end=$(now)
		echo $((end - start))
	done | $b sort -n | $b sed -n "2s/^/$name,/p"
}

measure plain "$calls" 20000
measure strace_f strace -f -o /dev/null "$calls" 20000
measure strace_c strace -c "$calls" 20000
measure strace_c_seccomp strace -f -c --seccomp-bpf -e trace=openat "$calls" 20000
for n in 10 100 1000; do
	measure "strace_f_$n" strace -f -o /dev/null "$calls" 20000 $n
done
