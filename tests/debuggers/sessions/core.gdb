# SPDX-License-Identifier: MIT
# program: values
break multiply
run
p first
p $rip == (long)&multiply + 10
generate-core-file /dev/shm/core
kill
file
core-file /dev/shm/core
file
shell echo "file $PROGRAMS/values" >/dev/shm/core.gdb
source /dev/shm/core.gdb
core-file /dev/shm/core
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
shell rm /dev/shm/core /dev/shm/core.gdb
