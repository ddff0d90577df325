#!/bin/sh
# SPDX-License-Identifier: MIT
# Debian's other programs that trace, eu-stack, gcore, proot and scanmem, do
# the same on the host's Linux and on the refkernel.
. "$(dirname "$0")/lib.sh"
need eu-stack gcore proot scanmem

script=$top/tests/debuggers/ptracers_cases.sh
names=$(sed -n 's/^case_\([a-z_]*\)().*/\1/p' "$script")

# shellcheck disable=SC2086 # a list of words
env -i PATH="$PATH" sh "$script" "$programs" $names >"$work/linux" 2>&1 &
# shellcheck disable=SC2086
boot --clear-env --preload --env PATH="$PATH" \
	/bin/sh "$script" "$programs" $names >"$work/refkernel" 2>&1
wait
split "$work/linux" "$work/l"
split "$work/refkernel" "$work/r"
for name in $names; do
	touch "$work/l/$name" "$work/r/$name"
	same "ptracers $name" "$work/l/$name" "$work/r/$name"
done
done_testing
