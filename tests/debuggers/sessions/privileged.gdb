# SPDX-License-Identifier: MIT
# program: values
break multiply
run
p $eflags
set $eflags = 0xffffffff
p/x $eflags
set $eflags = 0x202
p/x $eflags
set $ds = 0x10
p $ds
set $fs = 0x11
p $fs
set $gs = 8
p $gs
set $cs = 0x10
p $cs
set $cs = 0x23
p $cs
set $ss = 0
p $ss
set $ss = 0x2b
set $cs = 0x33
set $gs_base = 0xffff800000000000
p/x $gs_base
set $fs_base = 0x7ffffffff000
set $orig_rax = -2
p $orig_rax
set $mxcsr = 0xffff0000
p/x $mxcsr
info registers rflags
set $fctrl = 0xffff
p/x $fctrl
set $sp = 0xffffffff81000000
p/x $sp
set $pc = 0xffffffff81000000
p/x $pc
p add(1, 2)
stepi
info registers cs ss ds es fs gs
kill
