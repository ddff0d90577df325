#!/bin/sh
# SPDX-License-Identifier: MIT
# gdbserver in the refkernel and gdb on the host, over a forwarded line.
. "$(dirname "$0")/lib.sh"
need gdb gdbserver python3

# gdb on the host.
cat >"$work/gdb" <<'EOT'
exec gdb -nx -q -iex 'set sysroot /' -iex 'set debuginfod enabled off' \
	-iex 'set debug-file-directory /nonexistent' -iex 'set width 0' "$@"
EOT

# remote NAME PROGRAM [ARG]... <COMMANDS: what gdb on the host says to them is
# in $work/NAME.
remote()
{
	name=$1
	program=$2
	shift 2
	cat >"$work/commands"
	serve "$name" gdbserver /dev/ttyS0 "$programs/$program" "$@"
	timeout -s KILL 60 sh "$work/gdb" -batch \
		-ex "target remote $work/line" -x "$work/commands" \
		"$programs/$program" >"$work/$name" 2>&1 </dev/null
	served
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

serve interrupt gdbserver /dev/ttyS0 "$programs/waiter" 3 aloud
cat >"$work/script" <<EOT
< ^.gdb. \$
> target remote $work/line
< Remote debugging using
< ^.gdb. \$
> break turn
< Breakpoint 1 at
> continue
< hit Breakpoint 1, turn
> delete
< y or n
> y
> set var rounds = 1000000
> continue
< Continuing
? grep -q '^round 10000[0-9][0-9]' $work/interrupt.server
! \\x03
< received signal SIGINT, Interrupt
< ^.gdb. \$
> print rounds > 0
< = 1
> info threads
< 4 +Thread
> set var rounds = 2000000
> continue
< Continuing
? grep -q '^round 20000[0-9][0-9]' $work/interrupt.server
! \\x03
< SIGINT
> set var end = 3
> continue
< exited
> quit
\$ 0
EOT
TERM=dumb python3 "$top/tests/debuggers/terminal.py" "$work/script" \
	sh "$work/gdb" "$programs/waiter" >"$work/said" 2>&1
result $? 'an interrupt from the keyboard' ||
	tail -n 36 "$work/said" | show
served
contains 'the server goes on after it' "$work/interrupt.server" \
	'^end 3' '^Child exited with status' '^status 0'

done_testing
