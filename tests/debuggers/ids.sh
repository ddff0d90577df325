# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# Sourced. Process ids of three digits and less would be taken for other
# numbers, and small ones come after the greatest: use ids up until neither is
# near.
most=$(cat /proc/sys/kernel/pid_max)
until id=$(sh -c 'echo $$') && [ "$id" -ge 1000 ] &&
		[ "$id" -lt $((most - 3000)) ]; do
	for _ in 0 1 2 3 4 5 6 7 8 9; do
		(:)
	done
done
