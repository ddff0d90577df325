# SPDX-License-Identifier: MIT
# program: threads
set args 32
set $hits = 0
set $sum = 0
break meet if $hits++ < 0 || ($sum += n) < 0
break all_met
run
p $hits
p $sum
p passed
delete
thread apply all -s p passed
tbreak apart if n == 5
continue
p number <= 0
continue
