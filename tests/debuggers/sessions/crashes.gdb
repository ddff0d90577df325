# SPDX-License-Identifier: MIT
# program: crashes
run segv
bt
p $_siginfo.si_signo
p $_siginfo.si_code
p $_siginfo._sifields._sigfault.si_addr
p nowhere
x/i $pc
p $rip != 0
continue
run divide
p $_siginfo.si_code
info program
kill
run abort
bt -2
p $_siginfo.si_code
continue
run stack
bt 2
p n > 1000
p $_siginfo.si_code
kill
run illegal
p $_siginfo.si_code
x/i $pc
continue
run trap
p $_siginfo.si_code
bt 1
continue
run jump
bt 1
p $_siginfo.si_code
kill
run privileged
p $_siginfo.si_code
p $_siginfo._sifields._sigfault.si_addr
continue
run noncanonical
p $_siginfo.si_code
p $_siginfo._sifields._sigfault.si_addr
continue
run none
run
