#!/bin/sh
# SPDX-License-Identifier: MIT
# usage: headers.sh [--cxx COMMAND] -- CC [ARG...]
# Each public header compiles alone, all of them together in either order, and
# beside the libc's own header of the same name in either order; those of the
# library in C++ too. Prints TAP.
set -u

cxx=
if [ "$1" = --cxx ]; then
	cxx=$2
	shift 2
fi
shift

top=$(cd "$(dirname "$0")/.." && pwd) || exit 99
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
number=0
bad=0

# compile NAME COMMAND...: one case.
compile()
{
	name=$1
	shift
	number=$((number + 1))
	if "$@" -Wall -Wextra -Werror -fsyntax-only -x "$language" \
			-I "$top/include" -I "$top/kernel-shim/include" \
			"$work/program.c" >"$work/log" 2>&1; then
		echo "ok $number - $name"
	else
		echo "not ok $number - $name"
		sed 's/^/# /' "$work/log" | head -n 20
		bad=1
	fi
}

# Make the program of includes of the headers given.
includes()
{
	for included; do
		echo "#include $included"
	done >"$work/program.c"
	echo 'extern int not_empty;' >>"$work/program.c"
}

# The libc's own header of name $1: where the compiler finds it without ours.
libc_header()
{
	name=$1
	shift
	echo "#include <$name>" | "$@" -E -x c - 2>/dev/null |
		sed -n "s,^# 1 \"\(/.*$name\)\".*,\1,p" | head -n 1
}

library=$(cd "$top/include" && ls sys/*.h)
# port_trace.h is a piece of a structure.
kernel=$(cd "$top/kernel-shim/include" && echo kshim/*.h |
	sed 's,kshim/port_trace\.h ,,')

language=c
for header in $library $kernel; do
	includes "<$header>"
	compile "$header" "$@" -std=c11
	includes "<$header>"
	compile "$header, GNU C" "$@" -std=gnu11 -D_GNU_SOURCE
done
forward=$(for h in $library $kernel; do echo "<$h>"; done)
backward=$(echo "$forward" | sort -r)
# shellcheck disable=SC2086 # lists of words
includes $forward
compile 'all, forwards' "$@" -std=gnu11 -D_GNU_SOURCE
# shellcheck disable=SC2086
includes $backward
compile 'all, backwards' "$@" -std=gnu11 -D_GNU_SOURCE

# The registers are x86_64's: elsewhere the libc's header describes another
# machine and cannot be used beside ours.
if echo __x86_64__ | "$@" -E -P -x c - | grep -qx 1; then
	for header in sys/ptrace.h sys/user.h sys/reg.h sys/procfs.h; do
		[ -e "$top/include/$header" ] || continue
		theirs=$(libc_header "$header" "$@")
		[ -n "$theirs" ] || continue
		includes "<$header>" "\"$theirs\""
		compile "$header, then libc's" "$@" -D_GNU_SOURCE
		includes "\"$theirs\"" "<$header>"
		compile "libc's $header, then ours" "$@" -D_GNU_SOURCE
	done
fi
if [ -e "$top/include/sys/ptrace.h" ]; then
	for header in linux/ptrace.h asm/ptrace.h; do
		echo "#include <$header>" |
			"$@" -E -x c - >/dev/null 2>&1 || continue
		includes '<sys/ptrace.h>' "<$header>"
		compile "sys/ptrace.h, then $header" "$@" -D_GNU_SOURCE
	done
fi

language=c++
if [ -n "$cxx" ]; then
	for header in $library; do
		includes "<$header>"
		# shellcheck disable=SC2086 # a command with its words
		compile "$header, C++" $cxx -std=c++11
	done
fi
echo "1..$number"
exit $bad
