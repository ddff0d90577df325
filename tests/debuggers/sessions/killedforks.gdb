# SPDX-License-Identifier: MIT
# program: forking
define slay
python import os, signal, time; p = gdb.selected_inferior().pid; os.kill(p, signal.SIGKILL)
python while open('/proc/%d/stat' % p).read().rsplit(')')[-1].split()[0] != 'Z': time.sleep(.01)
end
catch fork
catch vfork
catch exec
run fork
slay
continue
run vfork
slay
stepi
delete
catch exec
run exec
slay
info registers rip
continue
run exec
slay
detach
catch fork
set follow-fork-mode child
run fork
slay
next
kill
set detach-on-fork off
run fork
slay
kill
info inferiors
