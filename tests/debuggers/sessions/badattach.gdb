# SPDX-License-Identifier: MIT
# program: waiter
shell "$PROGRAMS/waiter" >waiter.out & echo "attach $!" >waiter.gdb; sleep 0.5
source waiter.gdb
add-inferior
inferior 2
source waiter.gdb
inferior 1
set var end = 3
detach
kill
detach
python import os; p = os.fork() or os._exit(0)
python import time; time.sleep(.3); open('zombie.gdb', 'w').write('attach %d\n' % p)
source zombie.gdb
python os.waitpid(p, 0)
source zombie.gdb
python open('self.gdb', 'w').write('attach %d\n' % os.getpid())
source self.gdb
shell rm waiter.* zombie.gdb self.gdb
