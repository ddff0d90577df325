#!/bin/sh
# SPDX-License-Identifier: MIT
# usage: options.sh DIRECTORY [CASE]...
# Try an option, or a way of use, of strace with the programs DIRECTORY/traced_*
# and print what it says, masked. Runs on the host's Linux and on the refkernel.
. "$(dirname "$0")/common.sh"

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
case_f_threads_many() { trace -f -e trace=none "$programs/threads" 250 |
	sort | uniq -c; }
# An exec after the other.
case_chain()
{
	# shellcheck disable=SC2016 # for the inner one
	again='[ $1 -gt 0 ] && exec sh -c "$2" sh $(($1 - 1)) "$2"; exit 9'
	trace -e trace=execve sh -c "$again" sh 100 "$again" >seen
	grep -c '^execve.* = 0$' seen
	tail -n 2 seen
}
case_env() { trace -E A=b -e trace=none "${p}_hello"; }

run_cases "$@"
