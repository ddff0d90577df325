#!/bin/sh
# SPDX-License-Identifier: MIT
# usage: session.sh PROGRAMS SESSIONS NAME...
# Type each file SESSIONS/NAME.gdb into gdb and print what it says, with ids
# and addresses masked. The program to debug is the one that the file names in
# a line "# program: NAME". Runs on the host's Linux and on the refkernel.
programs=$1
sessions=$2
shift 2
. "$(dirname "$0")/ids.sh"
dir=/dev/shm/sessions.$$
mkdir "$dir" && cd "$dir" || exit 99
export PROGRAMS="$programs"
# libptrace, if it is preloaded here, is for gdbserver too.
export SERVER="env LD_PRELOAD=${LD_PRELOAD-} PTRACE_PRELOAD_ONCE=1 gdbserver"
for name; do
	program=$(sed -n 's/^# program: //p' "$sessions/$name.gdb")
	echo "== $name"
	# libptrace is for gdb, not for what it starts.
	timeout -s KILL "${SESSION_LIMIT:-60}" \
		env PTRACE_PRELOAD_ONCE=1 gdb -nx -q \
		-iex 'set pagination off' -iex 'set width 0' \
		-iex 'set trace-commands on' -iex 'set prompt' \
		-iex 'set debug-file-directory /nonexistent' \
		-iex 'set debuginfod enabled off' -iex 'set print pretty on' \
		${program:+"$programs/$program"} \
		<"$sessions/$name.gdb" >"$dir/out" 2>&1
	echo "status $?" >>"$dir/out"
	# At times gdb takes a leader that is long a zombie for a new process.
	sed -E '/^\[New process [0-9]+\]$/{N
		s/^.*\n(\[Inferior 1 \(.*\) exited normally\])$/\1/
		}' "$dir/out" |
	sed -E \
		-e '/^\[Thread .* exited\]$/d' \
		-e '/^Remote (communication error|connection closed)/d' \
		-e '/^warning: Memory read failed for corefile section/d' \
		-e 's/0x[0-9a-f]{7,16}\b/ADDR/g' \
		-e 's/^(\+attach|\+shell kill -USR1) [0-9]+$/\1 N/' \
		-e 's/\b(pid|process|Process|LWP|PID|core|inferior_pid) [0-9]+/\1 N/g' \
		-e 's/\bThread [0-9]+\.[0-9]+/Thread N/g; s/\bpid = [0-9]+/pid = N/' \
		-e 's/number=-?[0-9]{3,}/number=RUBBISH/' \
		-e 's/^Thread [0-9]+ (.*, apart) \(n=[0-9]+\)/Thread T \1 (n=T)/' \
		-e 's/ (N\)?)  +/ \1 /; s/(Target Id|Description)  +/\1 /' \
		-e "s|$dir|DIR|g"
	rm -rf "${dir:?}"/*
done
cd / && rmdir "$dir"
