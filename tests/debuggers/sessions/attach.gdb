# SPDX-License-Identifier: MIT
# program: waiter
shell "$PROGRAMS/waiter" 0 aloud >waiter.out & echo "attach $!" >waiter.gdb; until grep -qs round waiter.out; do sleep 0.05; done
source waiter.gdb
pipe frame function main | cut -d " " -f 5-
break turn
continue
set $before = rounds
continue
p rounds - $before
delete
detach
shell >mark; until [ waiter.out -nt mark ]; do sleep 0.05; done
source waiter.gdb
p rounds > $before
set var end = 7
detach
shell until grep end waiter.out; do sleep 0.05; done
shell rm mark waiter.*
