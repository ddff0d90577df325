# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# Sourced by the scripts of this directory that run strace on both kernels:
# DIRECTORY [CASE]... are their arguments. Each function case_NAME is a case,
# which prints what strace says, masked; run_cases runs those asked for, or all.
p=$1/traced
programs=${1%/traced}
self=$(realpath "$0")
shift
. "$(dirname "$0")/../ids.sh"
dir=/dev/shm/strace.$$
mkdir "$dir" && chmod 755 "$dir" && cd "$dir" || exit 99

# Times, addresses, ids and what else differs from run to run.
mask()
{
	sed -E \
		-e 's/0x[0-9a-f]{6,16}/ADDR/g' \
		-e 's/\b[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}\b/CLOCK/g' \
		-e 's/\b[0-9]+\.[0-9]{6}\b/TIME/g' \
		-e 's/^[0-9]+ +/N /' \
		-e 's/\b[0-9]{4,7}\b/N/g' \
		-e 's/[0-9]+ vars?/N vars/' \
		-e 's/si_([us])time=[0-9]+( \/\*[^*]*\*\/)?/si_\1time=T/g' \
		-e 's/"(\\x[0-9a-f]{2})+"/BYTES/g' \
		-e 's/(pipe|socket):\[[0-9]+\]/\1:[N]/g' \
		-e 's/\[pid +/[pid /' \
		-e 's/si_pid=[0-9]+/si_pid=N/' \
		-e 's/PTRACE_SEIZE, [0-9]+/PTRACE_SEIZE, N/' \
		-e 's/ +=/ =/'
}

# Standard input with calls that were broken off and resumed in one line each.
whole()
{
	awk '
	sub(/ <unfinished \.\.\.>$/, "") { held[$1] = $0; next }
	$1 in held && match($0, /^[0-9]+ +<\.\.\. [a-z0-9_]+ resumed>/) {
		$0 = held[$1] substr($0, RLENGTH + 1)
		delete held[$1]
	}
	{ print }
	END { for (id in held) print held[id] " <unfinished ...>" }'
}

# trace OPTION...: strace's own output, and the status.
trace()
{
	timeout -s KILL 60 strace -o trace "$@" >out 2>err </dev/null
	status=$?
	[ ! -f trace ] || ${unbroken:-cat} <trace | mask
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

# state PID: the letter of a process, or "none".
state()
{
	sed 's/.*) //; s/ .*//' "/proc/$1/stat" 2>/dev/null || echo none
}

# Wait until process PID is in STATE.
await_state()
{
	i=0
	until [ "$(state "$1")" = "$2" ]; do
		i=$((i + 1))
		[ $i -lt 500 ] || { echo "$(state "$1") is not $2"; return; }
		sleep 0.02
	done
}

# loop: a program that goes on for ever, in $pid; it writes to prog.
loop()
{
	rm -f prog
	sh -c 'echo ready; while :; do sleep 0.05; done' >prog &
	pid=$!
	await prog ready
}

# end PID: it was going on until this.
end()
{
	kill -0 "$1" && echo "goes on"
	kill "$1"
	wait "$1" 2>/dev/null
	echo "ended by $?"
}

# crowd THREADS: a program with so many more threads than one, in $pid.
crowd()
{
	"$programs/waiter" "$1" >said &
	pid=$!
	await_threads $(($1 + 1))
}

await_threads()
{
	i=0
	until [ "$(find /proc/$pid/task -mindepth 1 -maxdepth 1 | wc -l)" = "$1" ]
	do
		i=$((i + 1))
		[ $i -lt 500 ] || { echo "not $1 threads"; return; }
		sleep 0.02
	done
}

# The same lines in an order of their own: which thread is first is chance, and
# with it whether a call is broken off for the line of another.
sorted()
{
	unbroken=whole
	"$@" | sort
	unbroken=
}

run_cases()
{
	# shellcheck disable=SC2046 # words
	[ $# -gt 0 ] ||
		set -- $(grep -o '^case_[a-zA-Z_0-9]*' "$self" | cut -c 6-)
	for name; do
		echo "== $name:"
		case_"$name"
		cd "$dir" && rm -rf "${dir:?}"/*
	done
	cd / && rmdir "$dir"
}
