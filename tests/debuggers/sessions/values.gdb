# SPDX-License-Identifier: MIT
# program: values
break main
run
p first
p *first.next
p second.colour
p/x array
p array[2]@3
p &array[3]
p sizeof(struct outer)
ptype struct outer
whatis first.next
p first.inner.high + 1
set var array[3] = 100
p array
set var first.number = 0.125
p first.number
set var first.inner.low = 2
p first.inner
p multiply(6, 7)
p half(9.5)
p widen(10)
p greeting("gdb")
p strlen("four")
p $_exitcode
p $rip
set $eflags = 0x203
p $eflags
set $rbx = 0x1122334455667788
p/x $rbx
p/x $ebx
p/x $bx
p/x $bl
set $bl = 1
p/x $rbx
set $xmm3.v4_int[1] = 77
p $xmm3.v4_int
p $cs
p $ss
p $fs_base != 0
p $gs_base
x/s first.inner.name
x/4dw array
output array
dump binary memory dumped array ((char *)array + 16)
shell od -An -td4 dumped
set var array[0] = 0
restore dumped binary array
p array
shell rm dumped
find &array[0], +32, 9
next
next
next
p chosen
set var chosen = 9
jump 117
