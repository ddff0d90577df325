# SPDX-License-Identifier: MIT
# program: steps
info breakpoints
break add
tbreak factorial
break steps.c:15 if sum == 4
info breakpoints
run
bt
info args
next
info locals
p total
continue
continue 3
bt 1
disable 1
condition 3 sum > 7
continue
p sum
info breakpoints
delete 3
continue
bt
break factorial if n == 1
continue
bt
finish
ignore 4 1
up
p argc
p n
down
delete
break main
run
continue
info program
