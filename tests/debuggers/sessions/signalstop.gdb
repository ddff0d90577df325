# SPDX-License-Identifier: MIT
# program: signals
catch signal SIGUSR1
catch signal SIGTERM
info breakpoints
run
step
break handler
continue
info frame
bt
up
up
x/i $pc
p $pc != 0
finish
delete
catch signal
run
continue
continue
queue-signal SIGUSR2
continue
signal SIGINT
signal 0
signal SIGKILL
