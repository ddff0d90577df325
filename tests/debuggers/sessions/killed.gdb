# SPDX-License-Identifier: MIT
# program: steps
break add
run
python import os, signal; os.kill(gdb.selected_inferior().pid, signal.SIGKILL)
shell sleep 0.2
stepi
info registers rip
p total
run
next
python import os, signal; os.kill(gdb.selected_inferior().pid, signal.SIGKILL)
shell sleep 0.2
p total
continue
run
python import os, signal; os.kill(gdb.selected_inferior().pid, signal.SIGKILL)
shell sleep 0.2
finish
p total
run
python import os, signal; os.kill(gdb.selected_inferior().pid, signal.SIGKILL)
shell sleep 0.2
p add(1, 2)
kill
run
python import os, signal; os.kill(gdb.selected_inferior().pid, signal.SIGKILL)
shell sleep 0.2
detach
