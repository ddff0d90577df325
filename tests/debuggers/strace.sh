#!/bin/sh
# SPDX-License-Identifier: MIT
# usage: strace.sh BUILD SCRIPT
# What strace says in the cases of traced/SCRIPT.sh is the same on the host's
# Linux and on the refkernel.
. "$(dirname "$0")/lib.sh"
need strace setpriv

script=$top/tests/debuggers/traced/$2.sh

env -i PATH="$PATH" sh "$script" "$programs/traced" >"$work/linux" 2>&1
boot --clear-env --preload --env PATH="$PATH" \
	/bin/sh "$script" "$programs/traced" >"$work/refkernel" 2>&1
split "$work/linux" "$work/l"
split "$work/refkernel" "$work/r"
for file in "$work"/l/*; do
	name=$(basename "$file")
	touch "$work/r/$name"
	same "strace: $name" "$file" "$work/r/$name"
done

# Process 1 is a thread of the kernel here, as process 2 is on Linux.
if [ "$2" = bad ]; then
	boot --preload strace -p 1 >"$work/init" 2>&1
	echo "status $?" >>"$work/init"
	contains 'strace: init' "$work/init" 'SEIZE, 1\): Operation not permitted' \
		'status 1'
fi
done_testing
