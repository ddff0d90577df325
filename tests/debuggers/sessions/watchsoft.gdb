# SPDX-License-Identifier: MIT
# program: watched
set can-use-hw-watchpoints 0
break write_all
run
watch counter
rwatch byte
watch pair.first
continue
continue
delete
tbreak scoped
continue
watch local
continue
continue
kill
