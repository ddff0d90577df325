# SPDX-License-Identifier: MIT
# program: steps_static
info sharedlibrary
break add if a == 2
run
bt
info sharedlibrary
watch total
continue
continue
delete
break factorial if n == 2
continue
bt
finish
catch syscall write
continue
continue
delete
continue
