#!/bin/sh
# SPDX-License-Identifier: MIT
# Debian's other programs that trace, eu-stack, gcore, proot and scanmem, do
# the same on the host's Linux and on the refkernel.
. "$(dirname "$0")/lib.sh"
need eu-stack gcore proot scanmem

both_alike ptracers "$top/tests/debuggers/ptracers_cases.sh"
done_testing
