# SPDX-License-Identifier: MIT
# program: threads
set sysroot /
shell echo "target extended-remote | $SERVER --multi -" >remote.gdb
pipe source remote.gdb | cat >/dev/null
shell rm remote.gdb
shell echo "set remote exec-file $PROGRAMS/threads" >remote.gdb
source remote.gdb
shell rm remote.gdb
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
monitor exit
