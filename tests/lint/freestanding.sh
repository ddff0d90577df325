#!/bin/sh
# SPDX-License-Identifier: MIT
# usage: freestanding.sh NM ARCHIVE...
# What an archive of the kernel's half needs from outside is these four.
set -u
nm=$1
shift

bad=0
for archive; do
	defined=$("$nm" -g --defined-only "$archive" | awk 'NF == 3 { print $3 }' |
		sort -u)
	needed=$("$nm" -u "$archive" | awk '$1 == "U" { print $2 }' | sort -u |
		grep -vxE 'memcpy|memset|memmove|memcmp|_GLOBAL_OFFSET_TABLE_')
	for symbol in $needed; do
		echo "$defined" | grep -qxF "$symbol" && continue
		echo "$archive needs $symbol"
		bad=1
	done
done
exit $bad
