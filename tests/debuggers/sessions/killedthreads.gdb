# SPDX-License-Identifier: MIT
# program: threads
define slay
python import os, signal, time; p = gdb.selected_inferior().pid; os.kill(p, signal.SIGKILL)
python while open('/proc/%d/stat' % p).read().rsplit(')')[-1].split()[0] != 'Z': time.sleep(.01)
end
break all_met
run
slay
bt
continue
run
slay
thread apply all bt
run
slay
thread 2
next
run
delete
break apart thread 3
continue
slay
next
info threads
