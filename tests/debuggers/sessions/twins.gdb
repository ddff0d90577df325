# SPDX-License-Identifier: MIT
# program: waiter
shell "$PROGRAMS/waiter" >/dev/shm/one.out & echo "attach $!" >/dev/shm/one.gdb; echo "shell kill -USR1 $!" >/dev/shm/one.end
shell "$PROGRAMS/waiter" >/dev/shm/two.out & echo "attach $!" >/dev/shm/two.gdb; echo "shell kill -USR1 $!" >/dev/shm/two.end; sleep 0.5
source /dev/shm/one.gdb
break turn
continue
continue
shell sleep 0.5
source /dev/shm/two.end
shell sleep 0.5; cat /dev/shm/two.out
info breakpoints
delete
source /dev/shm/one.end
continue
continue
shell cat /dev/shm/one.out
shell rm /dev/shm/one.* /dev/shm/two.*
