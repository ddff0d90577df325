#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Arrays, substitution of processes and commands, traps, coprocesses, here
# documents, and jobs.
set -eu

declare -A squares=()
for i in {1..9}; do
	squares[$i]=$((i * i))
done
for i in $(printf '%s\n' "${!squares[@]}" | sort -n); do
	printf '%d:%d ' "$i" "${squares[$i]}"
done
echo
diff <(printf '%s\n' a b c) <(printf '%s\n' a x c) || echo "differ: $?"
while read -r word rest; do
	echo "${rest^^} ${word:1:3}"
done <<-END
	first line
	second text
END
coproc upper { tr "[:lower:]" "[:upper:]"; }
echo "to the coprocess" >&"${upper[1]}"
eval "exec ${upper[1]}>&-"
cat <&"${upper[0]}"
trap 'echo "got USR1"' USR1
kill -USR1 $$
for i in 3 1 2; do
	(exit "$i") &
	wait $! || echo "job $?"
done
sleep 100 &
kill $!
wait $! || echo "killed: $?"
trap 'echo "the end"' EXIT
exit 7
