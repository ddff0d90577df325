#!/bin/sh
# SPDX-License-Identifier: MIT
# usage: exports.sh NM LIBRARY MAP
# The shared library defines the names of its version script and no more.
set -u

"$1" -D --defined-only "$2" | awk '{ print $NF }' | sed 's/@.*//' |
	sort -u >"exports.$$"
sed -n 's/^[ \t]*\([a-z_0-9]*\);.*/\1/p' "$3" | sort -u >"wanted.$$"
diff -u "wanted.$$" "exports.$$"
bad=$?
rm -f "exports.$$" "wanted.$$"
exit $bad
