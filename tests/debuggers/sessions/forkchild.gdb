# SPDX-License-Identifier: MIT
# program: forking
set args fork
set follow-fork-mode child
break in_child
break in_parent
run
bt
info inferiors
finish
continue
info inferiors
