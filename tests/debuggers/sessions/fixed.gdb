# SPDX-License-Identifier: MIT
# program: steps_fixed
break add if a == 2
p &total
p add
run
bt
p/x $pc
finish
watch total
continue
delete
break factorial
continue
bt
delete
continue
