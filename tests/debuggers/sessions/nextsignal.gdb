# SPDX-License-Identifier: MIT
# program: signals
pipe handle all nostop noprint pass | tail -n 1
break send if number == 10
run
next
p seen
finish
next
p seen
next
next
p seen
break handler
next
bt 1
finish
p seen
info program
continue
continue
