# SPDX-License-Identifier: MIT
# program: threads
set args 2
break all_met
run
show scheduler-locking
delete
tbreak apart thread 2
continue
p $_thread
set scheduler-locking on
next
next
p number
thread apply all -q p number
set var passed = 0
next 2
set scheduler-locking step
show scheduler-locking
thread 3
p $_thread
set scheduler-locking off
continue
