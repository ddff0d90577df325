#!/bin/sh
# SPDX-License-Identifier: MIT
# The traces of a set of static programs are the same, line by line, on the
# host's Linux and on the refkernel.
. "$(dirname "$0")/lib.sh"
need strace

names=$(cd "$programs/traced" && ls traced_* | sed -n 's/^traced_\([a-z]*\)$/\1/p')
script=$top/tests/debuggers/traced/trace.sh

# shellcheck disable=SC2086 # a list of words
env -i PATH="$PATH" sh "$script" "$programs/traced" $names >"$work/linux"
# shellcheck disable=SC2086
boot --clear-env --preload --env PATH="$PATH" \
	/bin/sh "$script" "$programs/traced" $names >"$work/refkernel"
split "$work/linux" "$work/l"
split "$work/refkernel" "$work/r"
for name in $names; do
	touch "$work/r/$name"
	same "strace $name" "$work/l/$name" "$work/r/$name"
done
done_testing
