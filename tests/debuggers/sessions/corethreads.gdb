# SPDX-License-Identifier: MIT
# program: threads
break all_met
run
generate-core-file /dev/shm/core
kill
core-file /dev/shm/core
info threads
thread apply all bt 2
p passed
shell rm /dev/shm/core
