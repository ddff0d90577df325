#!/bin/sh
# SPDX-License-Identifier: MIT
# Sourced by the checks of the source text. Prints the project's files that
# match the patterns given: those that git tracks, or in an unpacked archive
# all that are there.

project_files()
{
	if git rev-parse --git-dir >/dev/null 2>&1; then
		git ls-files -- "$@"
	else
		for pattern; do
			find . -path './build*' -prune -o -path "./$pattern" \
				-type f -print -o -name "$pattern" -type f -print
		done | sed 's,^\./,,' | sort -u
	fi | while read -r file; do
		# A file that is deleted but not yet committed is none.
		[ ! -f "$file" ] || echo "$file"
	done
}
