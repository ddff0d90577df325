# SPDX-License-Identifier: MIT
# program: threads
define slay
python import os, signal, time; p = gdb.selected_inferior().pid; os.kill(p, signal.SIGKILL)
python alive = lambda: [t for t in os.listdir('/proc/%d/task' % p) if open('/proc/%d/task/%s/stat' % (p, t)).read().rsplit(')')[-1].split()[0] != 'Z']
python while alive(): time.sleep(.01)
end
break all_met
run
slay
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
