#!/bin/sh
# SPDX-License-Identifier: MIT
# usage: trace.sh DIRECTORY NAME...
# Trace each program DIRECTORY/traced_NAME and print the traces, thread after
# thread in the order of their birth, with ids and addresses masked. Runs on
# the host's Linux and on the refkernel.
programs=$1
shift
. "$(dirname "$0")/../ids.sh"
dir=/dev/shm/traced.$$
mkdir "$dir" && cd "$dir" || exit 99
for name; do
	timeout -s KILL 20 strace -a 1 -ff -o "$dir/trace" "$programs/traced_$name" \
		</dev/null >/dev/null 2>&1
	echo "== $name: $?"
	number=0
	ids=
	for file in $(ls -v "$dir"/trace.*); do
		number=$((number + 1))
		ids="$ids;s/\\b${file##*.}\\b/P$number/g"
	done
	for file in $(ls -v "$dir"/trace.*); do
		echo "-- thread"
		sed -E -e "$ids" \
			-e 's/0x[0-9a-f]{6,16}/ADDR/g' \
			-e 's/[0-9]+ vars?/N vars/' \
			-e 's/si_([us])time=[0-9]+/si_\1time=T/g' \
			-e 's/"(\\x[0-9a-f]{2})+"/BYTES/g' "$file"
	done
	rm -f "$dir"/*
done
cd / && rmdir "$dir"
