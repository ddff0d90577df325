# SPDX-License-Identifier: MIT
# program: forking
set args fork
catch fork
run
bt -1
info inferiors
continue
set follow-fork-mode child
run
delete
continue
set follow-fork-mode parent
set detach-on-fork off
break in_parent
break in_child
run
info inferiors
inferior 2
bt
continue
info inferiors
inferior 2
continue
inferior 1
continue
finish
continue
