# SPDX-License-Identifier: MIT
# program: watched
break scoped
run
watch local
continue
continue
continue
continue
info watchpoints
continue
watch local
delete 1
watch -l local
continue
continue
continue
