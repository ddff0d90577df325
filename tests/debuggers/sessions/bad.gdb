# SPDX-License-Identifier: MIT
attach 999999
attach 0
attach none
run
file /nonexistent
file /etc/passwd
core-file /etc/passwd
shell printf '\177ELF\001\001\001\000\000\000\000\000\000\000\000\000\004\000\050\000' >arm.core
core-file arm.core
shell rm arm.core
info registers
x/4x 0
target exec /nonexistent
exec-file /etc/passwd
run
exec-file /bin/true
run
starti
x/4x 16
set {int}16 = 1
p *(int *)0x8000000000000000
x/4x 0xffffffff81000000
break *0x10
continue
delete
kill
