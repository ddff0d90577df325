# SPDX-License-Identifier: MIT
# program: threads
set sysroot /
shell echo "target extended-remote | $SERVER --multi -" >/dev/shm/remote.gdb
pipe source /dev/shm/remote.gdb | cat >/dev/null
shell rm /dev/shm/remote.gdb
shell echo "set remote exec-file $PROGRAMS/threads" >/dev/shm/remote.gdb
source /dev/shm/remote.gdb
shell rm /dev/shm/remote.gdb
set args 4
break all_met
run
info threads
thread apply all -q p $_thread
delete
tbreak apart thread 3
continue
p number
kill
run
