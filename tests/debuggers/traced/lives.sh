#!/bin/sh
# SPDX-License-Identifier: MIT
# usage: lives.sh DIRECTORY [CASE]...
# strace attached, interrupted and killed, and programs that end while it looks
# on. Runs on the host's Linux and on the refkernel.
. "$(dirname "$0")/common.sh"

# follow [OPTION]...: strace in the background, in $tracer, writing to "trace".
follow()
{
	rm -f trace err
	strace -o trace "$@" >out 2>err </dev/null &
	tracer=$!
}

# finish SIGNAL: tell strace to stop; what it said.
finish()
{
	kill "-$1" $tracer
	wait $tracer 2>/dev/null
	echo "status $?"
	mask <err
}

# ids FILE: how many threads made a call there.
ids()
{
	cut -d ' ' -f 1 "$1" 2>/dev/null | sort -u | wc -l
}

# -p of a program that runs, which goes on when strace is told to stop.
case_attach()
{
	loop
	follow -e trace=wait4 -p $pid
	await trace wait4
	finish INT
	end $pid
}

# Of one that has threads: without -f the one thread alone.
case_attach_thread()
{
	crowd 3
	follow -e trace=clock_nanosleep -p $pid
	await trace nanosleep
	await trace "}, NULL) = 0"
	finish INT
	ids trace
	kill -USR1 $pid
	wait $pid
	echo "ended by $?"
}

case_attach_threads()
{
	crowd 3
	follow -f -e trace=clock_nanosleep -p $pid
	i=0
	until [ "$(ids trace)" = 4 ] || [ $i = 500 ]; do
		i=$((i + 1))
		sleep 0.02
	done
	finish INT
	ids trace
	kill -USR1 $pid
	wait $pid
	echo "ended by $?"
}

# One that is not the leader, by its own id.
case_attach_other_thread()
{
	crowd 2
	tid=$(find /proc/$pid/task -mindepth 1 -maxdepth 1 -name "*[0-9]" |
		sed 's,.*/,,' | sort -n | tail -n 1)
	follow -e trace=clock_nanosleep -p "$tid"
	await trace nanosleep
	finish TERM
	kill -USR1 $pid
	wait $pid
	echo "ended by $?"
}

# They end while strace looks on.
case_attach_until_end()
{
	crowd 3
	follow -f -e trace=none -p $pid
	await err 'attached with'
	kill -TERM $pid
	wait $pid 2>/dev/null
	echo "ended by $?"
	wait $tracer 2>/dev/null
	echo "status $?"
	mask <err
	grep '[-+][-+][-+]' trace | mask | sort
}

case_attach_many()
{
	crowd 400
	follow -f -e trace=none -p $pid
	await err 'attached with 401'
	kill -TERM $pid
	wait $pid 2>/dev/null
	echo "ended by $?"
	wait $tracer 2>/dev/null
	echo "status $?"
	mask <err
	grep -c 'killed by SIGTERM' trace
}

case_attach_two()
{
	loop
	first=$pid
	loop
	follow -e trace=wait4 -p "$first $pid"
	i=0
	until [ "$(ids trace)" = 2 ] || [ $i = 500 ]; do
		i=$((i + 1))
		sleep 0.02
	done
	finish INT
	end "$first"
	end $pid
}

# To one that is stopped: it stays so.
case_attach_stopped()
{
	loop
	kill -STOP $pid
	await_state $pid T
	follow -e trace=none -p $pid
	await trace 'stopped by'
	finish INT
	mask <trace
	await_state $pid T
	kill -CONT $pid
	end $pid
}

# Stopped and continued while strace looks on.
case_stop_continue()
{
	loop
	follow -e trace=none -e signal=stop,cont -p $pid
	await err attached
	kill -STOP $pid
	await trace 'stopped by'
	kill -CONT $pid
	await trace SIGCONT
	finish INT
	mask <trace | sed 's/si_uid=[0-9]*/si_uid=U/'
	end $pid
}

case_attach_k()
{
	crowd 0
	follow -k -e trace=clock_nanosleep -p $pid
	await trace '^ >.*main'
	finish INT
	grep -q 'waiter(turn\|waiter(work' trace && echo "its own functions"
	kill -USR1 $pid
	wait $pid
	echo "ended by $?"
}

# interrupt LEVEL SIGNAL: strace, which has started the program itself.
interrupt()
{
	rm -f prog
	follow -I "$1" -e trace=none -e signal='!chld' sh -c \
		'echo $$ >prog; while :; do sleep 0.05; done'
	await prog '[0-9]'
	child=$(cat prog)
	kill "-$2" $tracer
}

# -I: what the signals do to strace and, by it, to the program.
case_I_anywhere()
{
	interrupt 1 TERM
	wait $tracer 2>/dev/null
	echo "status $?"
	kill -0 "$child" && echo "goes on"
	kill "$child"
}

case_I_waiting()
{
	interrupt 2 TERM
	wait $tracer 2>/dev/null
	echo "status $?"
	mask <trace
	await_state "$child" none
}

never()
{
	interrupt "$1" TERM
	kill -0 $tracer && kill -0 "$child" && echo "both go on"
	kill -HUP $tracer
	kill -TERM "$child"
	wait $tracer 2>/dev/null
	echo "status $?"
	mask <trace
}

case_I_never() { never 3; }
case_I_never_tstp() { never 4; }

# ^Z stops strace, but at -I 4: in a process group of its own, as a shell makes
# it, or the signal is ignored.
case_tstp()
{
	for level in 1 2 3 4; do
		rm -f prog
		timeout -s KILL 20 strace -o trace -I $level -e trace=none \
			sh -c 'echo $$ >prog; while :; do sleep 0.05; done' &
		await prog '[0-9]'
		child=$(cat prog)
		tracer=$(sed -n 's/^PPid:[^0-9]*//p' "/proc/$child/status")
		kill -TSTP "$tracer"
		if [ $level -lt 4 ]; then
			await_state "$tracer" T
			kill -CONT "$tracer"
		fi
		kill -TERM "$child"
		wait $! 2>/dev/null
		echo "$level: status $?"
	done
}

# strace killed: the program goes on.
case_tracer_killed()
{
	loop
	follow -p $pid
	await trace wait4
	finish KILL
	end $pid
}

case_tracer_killed_threads()
{
	crowd 4
	follow -f -p $pid
	await trace nanosleep
	finish KILL
	await_threads 5
	kill -USR1 $pid
	wait $pid
	echo "ended by $?"
}

# At whatever moment: no thread stays behind stopped.
case_tracer_killed_often()
{
	loop
	for n in 1 2 3 4 5 6 7 8 9 10; do
		follow -f -p $pid
		sleep 0.0$n
		kill -KILL $tracer
		wait $tracer 2>/dev/null
		echo "status $?"
	done
	follow -f -e trace=wait4 -p $pid
	await trace wait4
	finish INT | head -n 1
	end $pid
}

# A tracee that SIGKILL ends while strace looks on: in no call, in one that
# sleeps, and stopped.
killed()
{
	follow -f -e trace=none sh -c "echo \$\$ >prog; $1"
	await prog '[0-9]'
	child=$(cat prog)
	[ -z "$2" ] || await_state "$child" "$2"
	kill -KILL "$child"
	wait $tracer 2>/dev/null
	echo "status $?"
	mask <trace
	rm -f prog
}

case_tracee_killed() { killed 'while :; do :; done' ''; }
case_tracee_killed_asleep() { killed 'exec sleep 1000' S; }
case_tracee_killed_stopped() { killed 'kill -STOP $$' t; }

# At whatever moment: strace tells of it and ends as the program did.
case_tracee_killed_often()
{
	for n in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
		rm -f prog
		follow -f sh -c 'echo $$ >prog; while :; do echo; done'
		await prog '[0-9]'
		sleep 0.0$((n * 7 % 10))$n
		kill -KILL "$(cat prog)"
		wait $tracer 2>/dev/null
		echo "$n: status $?"
		tail -n 1 trace | mask
	done
}

# The same with threads, which all end.
case_threads_killed_often()
{
	for n in 1 2 3 4 5 6 7 8 9 10; do
		crowd 3
		follow -f -p $pid
		await err attached
		sleep 0.0$((n * 7 % 10))$n
		kill -KILL $pid
		wait $pid 2>/dev/null
		echo "$n: ended by $?"
		wait $tracer 2>/dev/null
		echo "$n: status $?"
		grep -c ' killed by SIGKILL' trace
	done
}

# -D: strace is a grandchild, of its process group, session.
daemon()
{
	trace "$1" -f -e trace=none sh -c 'sleep 0.1; exit 7' >seen
	await trace '^[0-9]* *+++ exited with 7'
	mask <trace | sort
	tail -n 1 seen
}

case_daemon() { daemon -D; }
case_daemon_group() { daemon -DD; }
case_daemon_session() { daemon -DDD; }

run_cases "$@"
