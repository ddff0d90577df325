#!/bin/sh
# SPDX-License-Identifier: MIT
# Options and ways of use of strace: what it says is the same on the host's
# Linux and on the refkernel.
. "$(dirname "$0")/lib.sh"
need strace setpriv

script=$top/tests/debuggers/traced/options.sh

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
done_testing
