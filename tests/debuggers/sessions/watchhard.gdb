# SPDX-License-Identifier: MIT
# program: watched
start
watch *(char *)&byte
watch *(short *)&word
continue
continue
p/x $pc != 0
kill
