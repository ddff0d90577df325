# SPDX-License-Identifier: MIT
# program: values
break x87_full
run
info float
p $st0
p $st1
p $st2
p $st3
p $fctrl
p $fstat
p $ftag
p $mxcsr
set $st3 = 1.5
p $st3
set $fctrl = 0x27f
p $fctrl
p/x $fctrl
stepi
stepi
info float
p $st0
p $ftag
set $mxcsr = 0x1f00
p $mxcsr
kill
