# SPDX-License-Identifier: MIT
# program: signals
catch syscall kill
catch syscall group:process
catch syscall exit_group
catch syscall 39
info breakpoints
pipe handle all nostop noprint pass | tail -n 1
run
bt 1
p $orig_rax
p $rax
continue
p $rax
continue
p $orig_rax
continue
p $rax == self
continue
p $orig_rax
p $rdi == self
delete 1
delete 4
continue
p $rdi
continue
continue
