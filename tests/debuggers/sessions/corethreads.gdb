# SPDX-License-Identifier: MIT
# program: threads
break all_met
run
generate-core-file core
kill
core-file core
info threads
thread apply all bt 2
p passed
shell rm core
