#!/bin/sh
# SPDX-License-Identifier: MIT
# usage: exports.sh NM SHARED-LIBRARY ARCHIVE
# The shared library defines the names of exports.txt and no others; what else
# the archive defines begins with ptl_ or float80_, out of the way of a
# program's names.
set -u

list=$(dirname "$0")/exports.txt
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
bad=0

"$1" -D --defined-only "$2" | awk '{ print $NF }' | sed 's/@.*//' |
	LC_ALL=C sort -u >"$work/exports"
diff -u "$list" "$work/exports" || bad=1
"$1" -g --defined-only "$3" | awk 'NF == 3 { print $3 }' | LC_ALL=C sort -u |
	grep -vxFf "$list" | grep -vE '^(ptl|float80)_' >"$work/others"
sed 's/$/: in the archive, not a public name/' "$work/others"
[ -s "$work/others" ] && bad=1
exit $bad
