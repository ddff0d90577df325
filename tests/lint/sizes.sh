#!/bin/sh
# SPDX-License-Identifier: MIT
# A source file has at most 500 lines, a function 60, a line of C 80 columns,
# and the root build file 150 lines; every file names its licence.
set -u
cd "$(dirname "$0")/../.." || exit 99
. tests/lint/files.sh

sources=$(project_files '*.c' '*.h' '*.S')
scripts=$(project_files '*.sh' '*.py' check run tools/setup .ci/run \
	'meson.build' '*/meson.build' 'meson_options.txt' 'cross/*')

# shellcheck disable=SC2086,SC2046 # lists of names without blanks
found=$(
	awk 'FNR == 501 { print FILENAME ": more than 500 lines" }' \
		$sources $scripts
	awk 'FNR == 151 { print FILENAME ": more than 150 lines" }' meson.build
	awk '	/^{$/ { start = FNR }
		/^}/ && start {
			if (FNR - start - 1 > 60)
				print FILENAME ":" start ": a function of " \
					FNR - start - 1 " lines"
			start = 0
		}
		FNR == 1 { start = 0 }' $(project_files '*.c')
	for file in $sources $scripts; do
		head -n 3 "$file" | grep -q 'SPDX-License-Identifier: MIT' ||
			echo "$file: no SPDX line"
	done
)
[ -z "$found" ] || { printf '%s\n' "$found"; exit 1; }
