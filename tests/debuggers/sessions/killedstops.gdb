# SPDX-License-Identifier: MIT
# program: watched
define slay
python import os, signal, time; p = gdb.selected_inferior().pid; os.kill(p, signal.SIGKILL)
python while open('/proc/%d/stat' % p).read().rsplit(')')[-1].split()[0] != 'Z': time.sleep(.01)
end
start
slay
watch counter
continue
start
watch counter
continue
slay
continue
start
set can-use-hw-watchpoints 0
watch counter
slay
continue
delete
catch syscall exit_group
run
slay
continue
delete
start
slay
set var counter = 5
start
slay
p $rax
set $rax = 1
start
slay
x/2i $pc
start
slay
generate-core-file none
start
slay
until
start
slay
step
start
slay
info proc mappings
start
slay
p $_siginfo
start
slay
signal SIGUSR1
start
slay
return
y
info inferiors
run
