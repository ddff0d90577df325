# SPDX-License-Identifier: MIT
# program: forking
set args fork
set detach-on-fork off
set schedule-multiple on
break in_child
break in_parent
run
info inferiors
continue
info inferiors
pipe inferior 1 | head -n 1
continue
continue
info inferiors
