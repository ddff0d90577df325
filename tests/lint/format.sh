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
bad=0
for file in $(project_files '*.c' '*.h'); do
	places=$($tool --dry-run "$file" 2>&1 | grep -c 'clang-formatted')
	[ "$places" = 0 ] && continue
	echo "$file: $places places"
	bad=1
done
exit $bad
