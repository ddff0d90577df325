#!/bin/sh
# SPDX-License-Identifier: MIT
# The C sources are as clang-format 14 leaves them.
set -u
cd "$(dirname "$0")/../.." || exit 99
. tests/lint/files.sh

tool=clang-format-14
command -v $tool >/dev/null || tool=clang-format
case $($tool --version 2>/dev/null) in
*"version 14."*) ;;
*) echo "clang-format 14 is not installed"; exit 77 ;;
esac
found=$(project_files '*.c' '*.h' | xargs $tool --dry-run 2>&1 |
	sed -n 's/^\([^:]*\):[0-9:]* .*clang-formatted.*/\1/p' | sort | uniq -c)
[ -z "$found" ] || { printf 'places to change:\n%s\n' "$found"; exit 1; }
