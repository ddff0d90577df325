# SPDX-License-Identifier: MIT
# program: steps
break add if a == 3
run
p total
checkpoint
info checkpoints
break add if a == 6
continue
p total
restart 0
p total
p a
info checkpoints
set var total = 100
delete checkpoint 1
info checkpoints
delete
continue
