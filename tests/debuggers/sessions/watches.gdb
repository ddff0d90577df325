# SPDX-License-Identifier: MIT
# program: watched
start
watch counter
rwatch byte
awatch word
watch quad
info watchpoints
continue
continue
continue
continue
continue
continue
continue
continue
info watchpoints
delete 3
continue
continue
continue
delete
watch pair.second if pair.second < -2
continue
p pair
delete
continue
