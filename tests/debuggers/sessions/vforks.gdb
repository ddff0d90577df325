# SPDX-License-Identifier: MIT
# program: forking
set args vfork
catch vfork
catch exec
run
bt -1
continue
run
set follow-fork-mode child
continue
info inferiors
break after_exec
continue
bt
continue
info inferiors
