# SPDX-License-Identifier: MIT
# program: signals
handle SIGUSR1 nostop noprint pass
handle SIGUSR2 nostop noprint pass
break before_kill
run
x/i $pc
stepi
p $pc == &after_kill
bt 2
p seen
stepi
p seen
p $pc == &after_kill + 1
delete
break before_kill
run
handle SIGUSR1 stop print pass
stepi
p $pc == &after_kill
p seen
stepi
bt
p number
finish
p seen
stepi
bt 1
p seen
delete
break before_kill
run
stepi
stepi
step
step
step
step
info source
p seen
kill
