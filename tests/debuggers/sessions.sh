#!/bin/sh
# SPDX-License-Identifier: MIT
# usage: sessions.sh BUILD NAME...
# What gdb says in each session sessions/NAME.gdb is the same, line by line, on
# the host's Linux and on the refkernel.
. "$(dirname "$0")/lib.sh"
need gdb
shift

script=$top/tests/debuggers/session.sh
sessions=$top/tests/debuggers/sessions

# split FILE DIRECTORY: one file for each session.
split()
{
	mkdir -p "$2"
	awk -v dir="$2" '/^== /{f = dir "/" $2} f {print > f}' "$1"
}

env -i PATH="$PATH" LC_ALL=C.UTF-8 TERM=dumb HOME=/nonexistent \
	sh "$script" "$programs" "$sessions" "$@" >"$work/linux" &
boot --clear-env --preload --env PATH="$PATH" --env LC_ALL=C.UTF-8 \
	--env TERM=dumb --env HOME=/nonexistent \
	/bin/sh "$script" "$programs" "$sessions" "$@" >"$work/refkernel"
wait
split "$work/linux" "$work/l"
split "$work/refkernel" "$work/r"
for name; do
	touch "$work/l/$name" "$work/r/$name"
	same "gdb $name" "$work/l/$name" "$work/r/$name"
done
done_testing
