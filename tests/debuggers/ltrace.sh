#!/bin/sh
# SPDX-License-Identifier: MIT
# What ltrace says of library calls, system calls and signals is the same, line
# by line, on the host's Linux and on the refkernel.
. "$(dirname "$0")/lib.sh"
need ltrace

both_alike ltrace "$top/tests/debuggers/calls.sh"
done_testing
