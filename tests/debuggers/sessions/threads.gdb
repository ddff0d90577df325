# SPDX-License-Identifier: MIT
# program: threads
break meet if n == 2
break all_met
run
p n
p $_thread
bt
next
next
p number
finish
delete 1
continue
info threads
thread apply all bt
p $_thread
thread 3
up 2
p arg
thread apply all -q p $_thread
thread apply 2-4 p number
thread name third
thread find third
info threads 3
thread 9
break apart thread 4
continue
p n
p $_thread
p $_inferior_thread_count
delete
continue
