#!/bin/sh
# SPDX-License-Identifier: MIT
# gdbserver in the refkernel and gdb on the host, over a forwarded line.
. "$(dirname "$0")/lib.sh"
need gdb gdbserver

# remote NAME PROGRAM [ARG]... <COMMANDS: what gdb on the host says to them is
# in $work/NAME, what gdbserver and the program say in $work/NAME.server.
remote()
{
	name=$1
	program=$2
	shift 2
	cat >"$work/$name.gdb"
	rm -f "$work/line"
	boot --forward "unix:$work/line" --timeout 60 \
		gdbserver /dev/ttyS0 "$programs/$program" "$@" \
		>"$work/$name.server" 2>&1 &
	server=$!
	tries=0
	until [ -S "$work/line" ] || [ $tries = 100 ]; do
		sleep 0.1
		tries=$((tries + 1))
	done
	timeout -s KILL 60 gdb -nx -q -batch \
		-iex 'set sysroot /' -iex 'set debuginfod enabled off' \
		-iex 'set debug-file-directory /nonexistent' \
		-ex "target remote $work/line" -x "$work/$name.gdb" \
		"$programs/$program" >"$work/$name" 2>&1 </dev/null
	wait $server
	echo "status $?" >>"$work/$name.server"
}

remote steps steps <<'EOT'
break add if a == 3
continue
backtrace
watch total
continue
next
print sum
delete
break factorial
continue
finish
print add(20, 22)
delete
continue
EOT
contains 'break, step, watch and call' "$work/steps" \
	'^Breakpoint 1, add \(a=3, b=1\)' '^#1 .* in main' \
	'^Hardware watchpoint 2: total' '^Old value = 6' '^New value = 10' \
	'^16' '^\$1 = 4' '^Breakpoint 3, factorial \(n=5\)' \
	'^Breakpoint 3, factorial \(n=4\)' '^\$2 = 42' 'exited with code '
contains 'the server ends with the program' "$work/steps.server" \
	'^Remote debugging using /dev/ttyS0' '^total 55' \
	'^Child exited with status' '^status 0'

remote threads threads 4 <<'EOT'
break all_met
continue
info threads
thread apply all backtrace 1
delete
tbreak apart thread 3
continue
print number
continue
EOT
contains 'threads' "$work/threads" \
	'^\[New Thread' '^Thread 1 .* hit Breakpoint 1, all_met \(count=4\)' \
	'^\* 1 ' '^  5 ' '^Thread 5' '^Thread 1 ' \
	'^Thread 3 .* hit Temporary breakpoint 2, apart' '^\$1 = ' 'exited normally'

remote leaving waiter <<'EOT'
break turn
continue
set var end = 5
detach
EOT
contains 'a program that is left runs on' "$work/leaving.server" \
	'^Detaching from process' '^end 5' '^status 0'

done_testing
