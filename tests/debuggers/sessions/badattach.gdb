# SPDX-License-Identifier: MIT
# program: waiter
shell "$PROGRAMS/waiter" >/dev/shm/waiter.out & echo "attach $!" >/dev/shm/waiter.gdb; sleep 0.5
source /dev/shm/waiter.gdb
add-inferior
inferior 2
source /dev/shm/waiter.gdb
inferior 1
set var end = 3
detach
kill
detach
python import os; p = os.fork() or os._exit(0)
python import time; time.sleep(.3); open('/dev/shm/zombie.gdb', 'w').write('attach %d\n' % p)
source /dev/shm/zombie.gdb
python os.waitpid(p, 0)
source /dev/shm/zombie.gdb
python open('/dev/shm/self.gdb', 'w').write('attach %d\n' % os.getpid())
source /dev/shm/self.gdb
shell rm /dev/shm/waiter.* /dev/shm/zombie.gdb /dev/shm/self.gdb
