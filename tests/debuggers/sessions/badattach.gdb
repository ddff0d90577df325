# SPDX-License-Identifier: MIT
# program: waiter
shell "$PROGRAMS/waiter" 0 aloud >waiter.out & echo "attach $!" >waiter.gdb; until grep -qs round waiter.out; do sleep 0.05; done
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
python while open('/proc/%d/stat' % p).read().rsplit(')')[-1].split()[0] != 'Z': pass
python open('zombie.gdb', 'w').write('attach %d\n' % p)
source zombie.gdb
python os.waitpid(p, 0)
source zombie.gdb
python open('self.gdb', 'w').write('attach %d\n' % os.getpid())
source self.gdb
shell rm waiter.* zombie.gdb self.gdb
