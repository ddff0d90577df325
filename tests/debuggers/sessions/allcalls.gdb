# SPDX-License-Identifier: MIT
# program: signals
start
pipe handle all nostop noprint pass | tail -n 1
catch syscall
continue
continue
continue
continue
continue 3
p $orig_rax
set $orig_rax = 39
continue
p $rax == self
kill
