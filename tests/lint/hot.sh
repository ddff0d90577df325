#!/bin/sh
# SPDX-License-Identifier: MIT
# The refkernel's linker scripts name functions and variables that shall lie
# beside each other. The linker says nothing of a name that is no longer there;
# this does.
set -u
cd "$(dirname "$0")/../.." || exit 99
. tests/lint/files.sh
port=kernel-shim/ports/refkernel

names()
{
	grep -ohE "\.($1)\.[A-Za-z_0-9]+" $port/hot.ld $port/kernel.ld |
		sed 's/.*\.//' | sort -u
}

sources=$(project_files 'kernel-shim/core/*.c' 'kernel-shim/arch/*.c' \
	"$port/*.c")
assembler=$(project_files "$port/*.S")
bad=0
[ -n "$(names text)" ] || exit 99
for name in $(names text); do
	# shellcheck disable=SC2086 # lists of names without blanks
	grep -qE "^$name\(" $sources ||
		grep -qE "section \.text\.$name," $assembler ||
		{ echo "there is no function $name"; bad=1; }
done
for name in $(names 'data|bss|rodata'); do
	# shellcheck disable=SC2086
	grep -qE "^[a-z}].*[ *]$name(\[[^;]*\])?( =.*|;.*)$" $sources ||
		{ echo "there is no variable $name"; bad=1; }
done
exit $bad
