# SPDX-License-Identifier: MIT
# program: signals
info signals SIGUSR1
handle SIGUSR1 stop print pass
handle SIGUSR2 nostop print nopass
handle SIGALRM nostop noprint pass
run
bt -1
p $_siginfo.si_signo
p $_siginfo.si_code
p $_siginfo._sifields._kill.si_uid
p $_siginfo._sifields._kill.si_pid == getpid()
p seen
continue
p seen
signal 0
signal 0
continue
p seen
continue
info program
