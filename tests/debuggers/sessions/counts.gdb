# SPDX-License-Identifier: MIT
# program: steps
break add if a % 4 == 3
commands
silent
printf "hit a=%d total=%d\n", a, total
continue
end
break 14
ignore 2 8
run
info breakpoints
p a
set $n = 0
break factorial
commands
set $n = $n + 1
end
continue
continue 2
p $n
p n
continue 100
