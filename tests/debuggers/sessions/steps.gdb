# SPDX-License-Identifier: MIT
# program: steps
start
next
step
next
step
p $pc == $pc
step
info locals
finish
until 56
advance factorial
step
step
step
bt
up 2
info frame
finish
next 2
nexti
nexti 5
x/i $pc
step 100
info program
kill
