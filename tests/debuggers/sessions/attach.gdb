# SPDX-License-Identifier: MIT
# program: waiter
shell "$PROGRAMS/waiter" >/dev/shm/waiter.out & echo "attach $!" >/dev/shm/waiter.gdb; sleep 0.5
source /dev/shm/waiter.gdb
pipe frame function main | cut -d " " -f 5-
break turn
continue
set $before = rounds
continue
p rounds - $before
delete
detach
shell sleep 0.2
source /dev/shm/waiter.gdb
p rounds > $before
set var end = 7
detach
shell sleep 0.5; cat /dev/shm/waiter.out
shell rm /dev/shm/waiter.*
