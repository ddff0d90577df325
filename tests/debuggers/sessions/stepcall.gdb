# SPDX-License-Identifier: MIT
# program: steps
break before_call
run
x/3i $pc
p $rcx
stepi
p $rax
stepi
x/i $pc
p $pc == &after_call
p $rax >= 0
p/x $r11 & ~0x246
p $rcx == (long)&after_call
p $eflags
stepi
delete
tbreak before_call
run
nexti
nexti
p $pc == &after_call
continue
