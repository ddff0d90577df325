#!/bin/sh
# SPDX-License-Identifier: MIT
# The scripts pass shellcheck and compile; no file names a place that only
# one machine has.
set -u
cd "$(dirname "$0")/../.." || exit 99
. tests/lint/files.sh

bad=0
# Left out: what it says of names that a sourced file defines, of words split
# on purpose and of listings of names that the tests themselves made.
if command -v shellcheck >/dev/null; then
	for file in $(project_files '*.sh' check run bench tools/setup \
			.ci/run); do
		shellcheck -x -s "$(head -n 1 "$file" | grep -q bash &&
			echo bash || echo sh)" -S warning \
			-e SC2010,SC2034,SC2045,SC2046,SC2054,SC2100,SC2115,SC2154,SC2206 "$file" || bad=1
	done
fi
for file in $(project_files '*.py'); do
	python3 - "$file" <<-'EOF' || bad=1
		import sys
		compile(open(sys.argv[1]).read(), sys.argv[1], 'exec')
	EOF
done
home='/(home|root|Users)/[a-z]|/work/|/tmp/(build|bash)'
project_files '*' | grep -v '^tests/lint/scripts\.sh$' |
	xargs grep -nIE "$home" && bad=1
exit $bad
