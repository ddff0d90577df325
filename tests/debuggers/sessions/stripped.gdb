# SPDX-License-Identifier: MIT
# program: steps_stripped
break main
break add
list
info functions add
starti
bt 1
info sharedlibrary
catch syscall write
continue
info symbol $pc
info locals
step
finish
x/2i $pc
kill
run
