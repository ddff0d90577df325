# SPDX-License-Identifier: MIT
# program: forking
set args vfork
set detach-on-fork off
break in_parent
break after_exec
run
info inferiors
inferior 2
continue
info inferiors
inferior 1
continue
continue
