# SPDX-License-Identifier: MIT
# program: values
break multiply
run
info registers rip
info registers eflags cs ss ds es fs gs
p/x $eflags
set $eflags = 0x3000
p/x $eflags
set $cs = 0
p $cs
set $cs = 0x33
p $cs
set $ss = 0x10
p $ss
set $rip = 0x8000000000000000
p $rip
set $fs_base = 0x8000000000000000
p $fs_base != 0
kill
