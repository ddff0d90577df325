#!/bin/sh
# SPDX-License-Identifier: MIT
# lldb-server in the refkernel and lldb on the host, over a forwarded line.
# (lldb alone wants a network for its server, which the refkernel has not.)
. "$(dirname "$0")/lib.sh"
need lldb-14 lldb-server-14

# remote NAME PROGRAM [ARG]... <COMMANDS: what lldb says to them is in
# $work/NAME.
remote()
{
	name=$1
	program=$2
	shift 2
	{
		echo "process connect -p gdb-remote unix-connect://$work/line"
		cat
	} >"$work/commands"
	serve "$name" lldb-server-14 gdbserver file:///dev/ttyS0 -- \
		"$programs/$program" "$@"
	timeout -s KILL 60 lldb-14 -X -x -b -s "$work/commands" \
		"$programs/$program" >"$work/$name" 2>&1 </dev/null
	served
}

remote steps steps <<'EOT'
breakpoint set -n add -c 'a == 3'
continue
bt
frame variable
watchpoint set variable total
continue
watchpoint delete -f
thread step-over
expression add(20, 22)
thread step-inst
register read rflags cs
memory read -c 4 &total
breakpoint delete -f
breakpoint set -n factorial
continue
finish
breakpoint delete -f
continue
continue
EOT
contains 'break, watch, step and call' "$work/steps" \
	'stop reason = breakpoint 1' '^  \* frame #0: .*add\(a=3, b=1\)' \
	'^    frame #1: .*main' '^\(int\) a = 3' \
	'stop reason = watchpoint 1' '^\(int\) \$0 = 42' \
	'stop reason = instruction step' 'rflags = 0x' 'cs = 0x0*33' \
	'factorial\(n=5\)' 'Return value: \(long\) .* = 120' \
	'exited with status = 6'
contains 'the server ends with the program' "$work/steps.server" '^status 0'

remote threads threads 4 <<'EOT'
breakpoint set -n all_met
continue
thread list
thread backtrace all
breakpoint delete -f
breakpoint set -n apart
continue
frame variable
breakpoint delete -f
continue
EOT
contains 'threads' "$work/threads" \
	'stop reason = breakpoint 1' '^\* thread #1: .*all_met\(count=4\)' \
	'^  thread #5: ' '^  thread #5, ' 'stop reason = breakpoint 2' \
	'^\(int\) n = ' 'exited with status = 0'

remote crash crashes segv <<'EOT'
continue
bt
register read rip
continue
EOT
contains 'a crash' "$work/crash" 'stop reason = signal SIGSEGV' \
	'frame #0: .*crashes' 'rip = 0x' 'exited with status = '

done_testing
