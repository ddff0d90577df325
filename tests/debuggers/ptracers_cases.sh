#!/bin/sh
# SPDX-License-Identifier: MIT
# usage: ptracers_cases.sh PROGRAMS CASE...
# Use Debian's other programs that trace in each way CASE, and print what comes
# of it. Runs on the host's Linux and on the refkernel, where all of it has
# libptrace preloaded.
programs=$1
shift
dir=/dev/shm/ptracers.$$
mkdir "$dir" && cd "$dir" || exit 99

# functions: of the program's own, of a stack from standard input.
functions()
{
	awk '{ sub(/ - .*/, "") }
		/^TID/ { print "thread" }
		$3 ~ /^(work|main|_start)$/ { print $3 }'
}

# stack_of THREADS COMMAND...: until all of them are in work().
stack_of()
{
	threads=$1
	shift
	until "$@" 2>&1 | functions >stack &&
			[ "$(grep -c work stack)" = "$threads" ]; do
		kill -0 "$pid" || break
	done
	cat stack
}

end()
{
	kill -USR1 "$pid"
	wait "$pid"
	echo "status $?"
}

case_stack()
{
	"$programs/waiter" & pid=$!
	stack_of 1 eu-stack -p $pid
	end
}

case_stack_threads()
{
	"$programs/waiter" 3 & pid=$!
	stack_of 4 eu-stack -p $pid
	end
}

case_stack_missing()
{
	eu-stack -p 999999 2>&1 | sed 's/^[^ ]*eu-stack/eu-stack/'
}

# gcore is a script for gdb.
case_core()
{
	"$programs/waiter" 2 & pid=$!
	stack_of 3 eu-stack -p $pid >/dev/null
	gcore -o core $pid >/dev/null 2>&1
	echo "gcore $?"
	eu-stack --core "core.$pid" --executable "$programs/waiter" | functions
	end
}

case_poke()
{
	"$programs/waiter" & pid=$!
	stack_of 1 eu-stack -p $pid >/dev/null
	base=$(sed -n '1s/-.*//p' "/proc/$pid/maps")
	at=$(nm "$programs/waiter" | sed -n 's/ b end$//p')
	scanmem -e -p $pid -c "write i32 $(printf %x $((0x$base + 0x$at))) 5;exit" \
		>/dev/null 2>&1
	scanned=$?
	wait "$pid" # what it says comes first
	echo "status $?, scanmem $scanned"
}

rooted()
{
	proot "$@" 2>&1
	echo "status $?"
}

# shellcheck disable=SC2016 # for the sh of proot
commands='cd /tmp && mkdir made && cd made
seq 300 | sort -r | sed s/7/x/ | sha256sum
(exit 3); echo $?
{ for i in 1 2 3 4 5; do /bin/echo $i & done; wait; } | sort
sh -c "kill -TERM \$\$"; echo $?
perl -e "for (1 .. 9) { exit \$_ if !fork } \$s += \$? >> 8 while wait > 0;
	print qq(\$s\n)"
cd .. && rmdir made'
case_bound() { rooted -b /usr/bin:/opt ls -d /opt/proot; }
case_root() { rooted -r / -w /usr sh -c 'pwd; ls -d bin'; }
case_user() { rooted -0 sh -c 'id -u; chown 5:6 . && echo chowned'; }
case_user_is() { rooted -i 7:8 sh -c 'id -u; id -g'; }
case_commands() { rooted -b "$dir:/tmp" sh -c "$commands" | sort; }
case_no_seccomp() { PROOT_NO_SECCOMP=1 case_commands; }
case_no_program() { rooted /nonexistent | sed '/^$/d; s/(.*)//'; }

for name; do
	echo "== $name:"
	"case_$name" 2>&1
done
cd / && rm -rf "$dir"
