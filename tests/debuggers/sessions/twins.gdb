# SPDX-License-Identifier: MIT
# program: waiter
shell "$PROGRAMS/waiter" 0 aloud >one.out & echo "attach $!" >one.gdb; echo "shell kill -USR1 $!" >one.end
shell "$PROGRAMS/waiter" 0 aloud >two.out & echo "attach $!" >two.gdb; echo "shell kill -USR1 $!" >two.end
shell until grep -qs round one.out && grep -qs round two.out; do sleep 0.05; done
source one.gdb
break turn
continue
continue
shell >mark; until [ two.out -nt mark ]; do sleep 0.05; done
source two.end
shell until grep end two.out; do sleep 0.05; done
info breakpoints
delete
source one.end
continue
continue
shell grep end one.out
shell rm mark one.* two.*
