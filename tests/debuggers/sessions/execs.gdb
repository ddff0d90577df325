# SPDX-License-Identifier: MIT
# program: forking
set args exec
catch exec
tbreak main
break after_exec
run
continue
bt -1
info inferiors
continue
bt
continue
set follow-exec-mode new
delete 1
run
info inferiors
continue
