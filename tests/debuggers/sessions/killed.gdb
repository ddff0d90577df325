# SPDX-License-Identifier: MIT
# program: steps
python
import os, signal, time
def dead():
    stat = '/proc/%d/stat' % gdb.selected_inferior().pid
    while open(stat).read().rsplit(')')[-1].split()[0] != 'Z':
        time.sleep(.01)
end
break add
run
python import os, signal; os.kill(gdb.selected_inferior().pid, signal.SIGKILL)
python dead()
stepi
info registers rip
p total
run
next
python import os, signal; os.kill(gdb.selected_inferior().pid, signal.SIGKILL)
python dead()
p total
continue
run
python import os, signal; os.kill(gdb.selected_inferior().pid, signal.SIGKILL)
python dead()
finish
p total
run
python import os, signal; os.kill(gdb.selected_inferior().pid, signal.SIGKILL)
python dead()
p add(1, 2)
kill
run
python import os, signal; os.kill(gdb.selected_inferior().pid, signal.SIGKILL)
python dead()
detach
