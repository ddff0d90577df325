# SPDX-License-Identifier: MIT
# program: values
break main
run
p crash()
bt
p $_siginfo._sifields._sigfault.si_addr
set unwindonsignal on
p crash()
bt
finish
kill
run
break multiply
p multiply(2, 3)
bt
finish
p $
delete
p (int)multiply(multiply(2, 3), 4)
call (void)puts("from gdb")
call (int)fflush(0)
p (long)getpid() == $_inferior_pid
p $_gdb_setting("unwindonsignal")
break multiply
continue
return 5
y
next
continue
