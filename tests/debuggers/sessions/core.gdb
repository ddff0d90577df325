# SPDX-License-Identifier: MIT
# program: values
break multiply
run
p first
p $rip == (long)&multiply + 10
generate-core-file core
kill
file
core-file core
file
shell echo "file $PROGRAMS/values" >core.gdb
source core.gdb
core-file core
bt
p first
p a
p array
p $rdi
p $eflags
info threads
pipe info auxv | grep -E "AT_(PAGESZ|PHENT|PHNUM|UID|SECURE|EXECFN|PLATFORM)"
x/s first.inner.name
p $_siginfo.si_signo
shell rm core core.gdb
