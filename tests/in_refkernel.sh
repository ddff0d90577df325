#!/bin/sh
# SPDX-License-Identifier: MIT
# usage: in_refkernel.sh BUILD-DIRECTORY [OPTION OF run]... PROGRAM [ARG]...
# Run a program of the build on the refkernel of the same build, which is not
# made anew. A test may not take longer than two minutes there.
set -u

PROCTRACE_BUILD=$1
export PROCTRACE_BUILD
shift
exec "$(dirname "$0")/../run" \
	--kernel "$PROCTRACE_BUILD/kernel-shim/ports/refkernel/refkernel" \
	--timeout 120 "$@" </dev/null
