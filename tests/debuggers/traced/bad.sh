#!/bin/sh
# SPDX-License-Identifier: MIT
# usage: bad.sh DIRECTORY [CASE]...
# strace with bad input: messages and statuses. Runs on the host's Linux and on
# the refkernel.
. "$(dirname "$0")/common.sh"

# nobody COMMAND...: as a user who may nothing.
nobody()
{
	timeout -s KILL 20 setpriv --reuid 65534 --regid 65534 \
		--clear-groups "$@" </dev/null 2>&1 | mask
}

# What cannot be executed.
case_missing() { trace /no/such/program; }
case_missing_in_path() { trace no-such-program; }
case_missing_f() { trace -f -ff /no/such/program; }
case_missing_daemon() { trace -D /no/such/program; }
case_directory() { trace /; }
case_empty_name() { trace ''; }
case_not_executable()
{
	echo 'true' >script
	trace ./script
}
case_no_format()
{
	echo 'true' >script
	chmod 755 script
	trace -e trace=none ./script
}
case_no_interpreter()
{
	echo '#!/no/such/interpreter' >script
	chmod 755 script
	trace -e trace=none ./script
}
case_damaged()
{
	head -c 2000 "${p}_hello" >program
	chmod 755 program
	trace -e trace=none ./program
}
case_nothing() { trace; }
case_too_long() { trace "$(printf '%05000d' 1)"; }

# Ids that are none.
case_no_process() { trace -p 3999999; }
case_no_process_f() { trace -f -p 3999999; }
case_no_process_twice() { trace -p 3999999 -p 3999998; }
case_zero() { trace -p 0; }
case_negative() { trace -p -1; }
case_no_number() { trace -p nonsense; }
case_huge() { trace -p 99999999999999999999; }
case_empty_id() { trace -p ''; }
case_self() { trace -p $$ -p 0; }
case_dead()
{
	sh -c 'exit 0' &
	wait $!
	trace -p $!
}
# One that has ended and that nobody has waited for.
case_zombie()
{
	sh -c 'sleep 0.3 & echo $! >dead; exec sleep 20' &
	await dead '[0-9]'
	await_state "$(cat dead)" Z
	trace -p "$(cat dead)"
	kill $!
}
# for_a_while OPTION...: strace until it is attached to something.
for_a_while()
{
	strace -o trace -e trace=none "$@" 2>err &
	await err '^strace: Process.*attached'
	kill -INT $!
	wait $!
	echo "status $?"
	mask <err
}

# One of each: it goes on with those that are there.
case_some_missing()
{
	loop
	for_a_while -p 3999999 -p $pid
	end $pid
}

# A process that is traced already.
case_traced()
{
	loop
	strace -o first -p $pid 2>/dev/null &
	tracer=$!
	await first wait4
	trace -p $pid
	trace -f -p $pid
	kill -INT $tracer
	wait $tracer
	end $pid
}
case_traced_child()
{
	strace -o first sh -c 'echo $$ >prog; while :; do sleep 0.05; done' &
	tracer=$!
	await prog '[0-9]'
	trace -p "$(cat prog)"
	kill -TERM "$(cat prog)"
	wait $tracer 2>/dev/null
	echo "status $?"
}
# strace itself, and itself by way of another.
case_tracer_traced()
{
	loop
	strace -o first -p $pid 2>/dev/null &
	tracer=$!
	await first wait4
	for_a_while -p $tracer
	kill -INT $tracer
	wait $tracer
	end $pid
}
case_strace_strace()
{
	trace -f -o /dev/null strace -o inner -e trace=write "${p}_hello"
	[ ! -e inner ] || mask <inner
}

# Processes of another user, and init.
case_other_user()
{
	loop
	nobody strace -p $pid
	nobody strace -f -p $pid
	end $pid
}
case_other_user_threads()
{
	crowd 2
	nobody strace -f -p $pid
	kill -USR1 $pid
	wait $pid
	echo "ended by $?"
}
case_init_other_user() { nobody strace -p 1; }
# The same user, but a program that must not be looked at.
case_setuid()
{
	cp "$(command -v id)" id
	chown 0:0 id && chmod 4755 id
	nobody ./id -u
	nobody strace -e trace=none ./id -u
	nobody strace -f -e trace=none sh -c './id -u; ./id -u'
}
case_setuid_root()
{
	cp "$(command -v id)" id
	chown 65534:65534 id && chmod 6755 id
	trace -e trace=none ./id -u
	cat out
}
case_unreadable()
{
	cp "$(command -v id)" id
	chmod 711 id
	nobody strace -e trace=none ./id -u
}
case_not_root() { nobody strace -u root true; }
case_no_user() { trace -u no-such-user true; }

# Options.
case_no_such_call() { trace -e trace=nonsense true; }
case_no_such_option() { trace --nonsense true; }
case_no_such_signal() { trace -e signal=nonsense true; }
case_no_such_error() { trace -e inject=write:error=NONSENSE true; }
case_bad_interruptible() { trace -I 5 true; }
case_d_and_p() { trace -D -p 1; }
case_f_seccomp() { trace --seccomp-bpf "${p}_hello"; }
case_p_and_program()
{
	loop
	trace -e trace=none -e signal=none -p $pid sh -c "kill $pid; exit 3" |
		sort
}

# Output that goes nowhere.
case_no_directory() { trace -o /no/such/directory/file true; }
case_full()
{
	timeout -s KILL 20 strace -o /dev/full "${p}_files" 2>err
	echo "status $?"
	mask <err | sort -u
}
case_full_error()
{
	timeout -s KILL 20 strace "${p}_files" 2>/dev/full
	echo "status $?"
}
case_pipe()
{
	timeout -s KILL 20 strace -o '|cat >piped; exit 3' -e trace=write \
		"${p}_hello" 2>err
	echo "status $?"
	await piped exited
	mask <piped
}
case_pipe_broken()
{
	{
		timeout -s KILL 20 strace "${p}_files" 2>&1 >/dev/null
		echo "status $?" >status
	} | true
	cat status
}
case_closed()
{
	timeout -s KILL 20 strace -o trace -e trace=write,dup2,dup3,fcntl \
		"${p}_hello" <&- >&- 2>&-
	echo "status $?"
	mask <trace
}
case_closed_input()
{
	timeout -s KILL 20 strace -e trace=read,write "${p}_files" <&- 2>&1 | mask
	echo "status $?"
}

run_cases "$@"
