# SPDX-License-Identifier: MIT
# program: waiter
shell "$PROGRAMS/waiter" >one.out & echo "attach $!" >one.gdb; echo "shell kill -USR1 $!" >one.end
shell "$PROGRAMS/waiter" >two.out & echo "attach $!" >two.gdb; echo "shell kill -USR1 $!" >two.end; sleep 0.5
source one.gdb
break turn
continue
continue
shell sleep 0.5
source two.end
shell sleep 0.5; cat two.out
info breakpoints
delete
source one.end
continue
continue
shell cat one.out
shell rm one.* two.*
