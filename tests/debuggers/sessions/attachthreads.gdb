# SPDX-License-Identifier: MIT
# program: waiter
shell "$PROGRAMS/waiter" 3 aloud >waiter.out & echo "attach $!" >waiter.gdb; until grep -qs round waiter.out; do sleep 0.05; done
source waiter.gdb
p $_inferior_thread_count
break turn thread 3
continue
p $_thread
thread apply all -q p $_thread
delete
watch rounds thread 2
commands
silent
end
continue
p $_thread
delete
kill
shell grep end waiter.out
shell rm waiter.*
