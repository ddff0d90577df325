# SPDX-License-Identifier: MIT
# program: steps
set sysroot /
shell echo "target remote | $SERVER - $PROGRAMS/steps" >remote.gdb
pipe source remote.gdb | cat >/dev/null
shell rm remote.gdb
break add if a == 3
continue
bt
watch total
continue
delete
stepi
next
p add(20, 22)
set var total = 0
break factorial
continue
finish
info registers cs
p $st0
monitor help
delete
continue
