# SPDX-License-Identifier: MIT
# program: watched
start
watch counter
watch byte
watch word
watch quad
watch pair.first
continue
delete 4
continue
delete
rwatch counter
awatch byte
rwatch word
awatch quad
awatch pair.first
continue
continue
kill
