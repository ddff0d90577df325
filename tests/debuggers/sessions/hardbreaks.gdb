# SPDX-License-Identifier: MIT
# program: steps
hbreak add
run
hbreak main
hbreak factorial
hbreak kernel_call
start
hbreak add
thbreak factorial
hbreak kernel_call
info breakpoints
continue
continue
p a
condition 3 a == 9
continue
p a
continue
bt 2
continue
finish
kill
