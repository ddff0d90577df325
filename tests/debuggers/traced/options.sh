#!/bin/sh
# SPDX-License-Identifier: MIT
# usage: options.sh DIRECTORY [CASE]...
# Try an option, or a way of use, of strace with the programs DIRECTORY/traced_*
# and print what it says, masked. Runs on the host's Linux and on the refkernel.
p=$1/traced
self=$(realpath "$0")
shift
dir=/dev/shm/options.$$
mkdir "$dir" && cd "$dir" || exit 99
# Ids of three digits and less would be taken for other numbers.
until [ "$(sh -c 'echo $$')" -ge 1000 ]; do
	:
done

# Times, addresses, ids and what else differs from run to run.
mask()
{
	sed -E \
		-e 's/0x[0-9a-f]{6,16}/ADDR/g' \
		-e 's/\b[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}\b/CLOCK/g' \
		-e 's/\b[0-9]+\.[0-9]{6}\b/TIME/g' \
		-e 's/\b[0-9]{4,7}\b/N/g' \
		-e 's/[0-9]+ vars?/N vars/' \
		-e 's/si_([us])time=[0-9]+( \/\*.*\*\/)?/si_\1time=T/g' \
		-e 's/"(\\x[0-9a-f]{2})+"/BYTES/g' \
		-e 's/(pipe|socket):\[[0-9]+\]/\1:[N]/g' \
		-e 's/^N +/N /' \
		-e 's/PTRACE_SEIZE, [0-9]+/PTRACE_SEIZE, N/' \
		-e 's/ +=/ =/'
}

# trace OPTION...: strace's own output, and the status.
trace()
{
	timeout -s KILL 20 strace -o trace "$@" >out 2>err </dev/null
	status=$?
	[ ! -e trace ] || mask <trace
	mask <err
	echo "status $status"
}

# Wait until FILE has a line with WORD.
await()
{
	i=0
	until grep -q "$2" "$1" 2>/dev/null; do
		i=$((i + 1))
		[ $i -lt 500 ] || { echo "no $2 in $1"; return; }
		sleep 0.02
	done
}

# The same lines in an order of their own: which thread is first is chance.
sorted()
{
	"$@" | sort
}

case_syscalls() { trace -e trace=file,process "${p}_files"; }
case_not() { trace -e trace='!write,lseek' "${p}_files"; }
case_f_forks() { sorted trace -f -e trace=process,signal "${p}_forks"; }
case_f_vforks() { sorted trace -f -e trace=process "${p}_vforks"; }
case_f_threads() { sorted trace -f -e trace=write,exit "${p}_threads"; }
case_ff()
{
	trace -ff "${p}_forks"
	set -- trace.*
	echo "$# files"
}
case_c() { trace -c -U name,calls,errors -S name "${p}_files"; }
case_c_f() { trace -c -f -U name,calls -S name -e trace=write,exit_group \
	"${p}_forks"; }
case_y() { trace -y -e trace=desc "${p}_pipes"; }
case_times() { trace -T -r -tt -e trace=write "${p}_hello"; }
case_ttt() { trace -ttt -e trace=write "${p}_hello"; }
case_v() { trace -v -e trace=execve "${p}_execs" | sed 's/\[".*=.*"\]/ENV/'; }
case_x() { trace -x -e trace=write "${p}_files"; }
case_s() { trace -s 3 -e trace=write "${p}_files"; }
case_i() { trace -i -e trace=write "${p}_hello"; }
case_n() { trace -n -e trace=write,exit_group "${p}_hello"; }
case_signal() { trace -e trace=none -e signal=usr1 "${p}_handlers"; }
case_signal_none() { trace -e signal=none -e trace=kill "${p}_handlers"; }
case_quiet() { trace -qq -e trace=exit_group "${p}_forks"; }
case_abbrev() { trace -e abbrev=none -e trace=rt_sigaction "${p}_handlers"; }
case_raw() { trace -e raw=write -e trace=write "${p}_hello"; }
case_read() { trace -e read=3 -e trace=read "${p}_files"; }
case_failed() { trace -Z -e trace=file "${p}_files"; }
case_ok() { trace -z -e trace=file "${p}_files"; }
case_path() { trace -P traced.tmp "${p}_files"; }
case_error() { trace -e inject=write:error=ENOSPC:when=2 -e trace=write \
	"${p}_files"; }
case_retval() { trace -e inject=getuid:retval=77 -e trace=getuid "${p}_ids"; }
case_inject_signal() { trace -e inject=write:signal=USR1 -e trace=write \
	"${p}_hello"; }
case_delay() { trace -e inject=write:delay_enter=1000 -e trace=write \
	"${p}_hello"; }
case_fault() { trace -e fault=mkdir -e trace=mkdir "${p}_dirs"; }
case_poke() { trace -e inject=read:poke_exit=@arg2=4142:when=1 \
	-e trace=read "${p}_files"; }
case_seccomp() { trace --seccomp-bpf -f -e trace=openat,unlink "${p}_files"; }
case_seccomp_f() { sorted trace --seccomp-bpf -f -e trace=kill,wait4 \
	"${p}_killed"; }
case_detach_on() { trace -b execve "${p}_execs"; }
# The tracer is no parent of the shell's child then, and may end after it.
case_daemon()
{
	trace -D -e trace=write "${p}_hello" >seen
	await trace '^+++'
	mask <trace
	tail -n 1 seen
}

case_user() { trace -u nobody -e trace=getuid "${p}_ids"; }
case_I() { trace -I 2 -e trace=write "${p}_hello"; }
case_stops() { trace -f -e trace=wait4,kill "${p}_stops" | sort; }
case_status() { trace -e trace=none "${p}_killed"; }
case_env() { trace -E A=b -e trace=none "${p}_hello"; }

# -p of a program that runs, which goes on when strace is told to stop.
case_attach()
{
	sh -c 'echo ready; while :; do sleep 0.05; done' >prog &
	pid=$!
	await prog ready
	strace -o trace -e trace=wait4 -p $pid 2>err &
	tracer=$!
	await trace wait4
	kill -INT $tracer
	wait $tracer
	echo "status $?"
	mask <err
	kill -0 $pid && echo "goes on"
	kill $pid
	wait $pid 2>/dev/null
	echo "ended by $?"
}

# strace killed: the program goes on.
case_tracer_killed()
{
	sh -c 'echo ready; while :; do sleep 0.05; done' >prog &
	pid=$!
	await prog ready
	strace -o trace -p $pid 2>err &
	tracer=$!
	await trace wait4
	kill -KILL $tracer
	wait $tracer 2>/dev/null
	echo "status $?"
	kill -0 $pid && echo "goes on"
	kill $pid
	wait $pid 2>/dev/null
	echo "ended by $?"
}

# A tracee that SIGKILL ends while strace looks on.
case_tracee_killed()
{
	strace -o trace -e trace=none sh -c \
		'echo $$; while :; do :; done' >prog 2>err &
	tracer=$!
	await prog '[0-9]'
	kill -KILL "$(cat prog)"
	wait $tracer 2>/dev/null
	echo "status $?"
	mask <trace
}

# Bad input.
case_missing() { trace /no/such/program; }
case_directory() { trace /; }
case_no_process() { trace -p 3999999; }
case_bad_option() { trace -e trace=nonsense true; }
case_self() { trace -p $$ -p 0; }
case_traced()
{
	sh -c 'echo ready; while :; do sleep 0.05; done' >prog &
	pid=$!
	await prog ready
	strace -o first -p $pid 2>/dev/null &
	tracer=$!
	await first wait4
	trace -p $pid
	kill -INT $tracer
	wait $tracer
	kill $pid
	wait $pid 2>/dev/null
}
case_other_user()
{
	sleep 5 &
	pid=$!
	timeout -s KILL 20 setpriv --reuid 65534 --regid 65534 \
		--clear-groups strace -p $pid 2>&1 </dev/null | mask
	kill $pid
	wait $pid 2>/dev/null
}

# Without arguments: all.
# shellcheck disable=SC2046 # words
[ $# -gt 0 ] || set -- $(grep -o '^case_[a-zA-Z_]*' "$self" | cut -c 6-)
for name; do
	echo "== $name:"
	case_"$name"
	rm -rf "${dir:?}"/*
done
cd / && rmdir "$dir"
