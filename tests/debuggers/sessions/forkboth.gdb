# SPDX-License-Identifier: MIT
# program: forking
set args fork
set follow-fork-mode child
set detach-on-fork off
break in_child
break in_parent
run
info inferiors
continue
inferior 1
continue
p status
continue
