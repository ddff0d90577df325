# SPDX-License-Identifier: MIT
# program: waiter
shell "$PROGRAMS/waiter" >waiter.out & echo "attach $!" >waiter.gdb; sleep 0.5
source waiter.gdb
pipe frame function main | cut -d " " -f 5-
break turn
continue
set $before = rounds
continue
p rounds - $before
delete
detach
shell sleep 0.2
source waiter.gdb
p rounds > $before
set var end = 7
detach
shell sleep 0.5; cat waiter.out
shell rm waiter.*
