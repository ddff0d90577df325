#!/bin/sh
# SPDX-License-Identifier: MIT
# usage: calls.sh PROGRAMS CASE...
# Trace library calls by ltrace in each way CASE and print what it says, with
# ids and addresses masked, thread after thread. Runs on the host's Linux and on
# the refkernel.
programs=$1
shift
. "$(dirname "$0")/ids.sh"
dir=/dev/shm/calls.$$
mkdir "$dir" && cd "$dir" || exit 99

# What returns an id.
ids='fork|getpid|waitpid|resumed|SYS_(getpid|clone|wait4|set_tid_address)'

# trace [OPTION]... PROGRAM [ARGUMENT]...
trace()
{
	# libptrace is for ltrace, not for what it starts.
	timeout -s KILL 30 env PTRACE_PRELOAD_ONCE=1 \
		ltrace -o "$dir/trace" "$@" </dev/null \
		>/dev/null 2>"$dir/errors"
	echo "status $?"
	cat "$dir/errors"
}

case_plain() { trace "$programs/steps"; }
case_system() { trace -S "$programs/steps"; }
case_system_only() { trace -L -S "$programs/forking" fork; }
case_own() { trace -x add+factorial -e printf "$programs/steps"; }
case_where() { trace -i "$programs/steps"; }
case_nested() { trace -n 2 -x main "$programs/forking" none; }
case_strings() { trace -s 3 -e puts+printf "$programs/values"; }
case_signals() { trace "$programs/signals"; }
case_crash() { trace "$programs/crashes" segv; }
case_abort() { trace "$programs/crashes" abort; }
case_fixed() { trace "$programs/steps_fixed"; }
case_stripped() { trace "$programs/steps_stripped"; }
case_late() { trace -e dlopen+dlsym+printf+plugin_twice \
	"$programs/loader" "$programs/libplugin.so"; }
case_fork() { trace -f -S "$programs/forking" fork; }
case_vfork() { trace -f "$programs/forking" vfork; }
case_exec() { trace -f "$programs/forking" exec; }
case_threads() { trace -f -e printf+pthread_create "$programs/threads" 3; }
case_count()
{
	trace -c "$programs/steps"
	# Calls and names.
	awk '{print $(NF - 1), $NF}' "$dir/trace" >"$dir/counts"
	mv "$dir/counts" "$dir/trace"
}


for name; do
	echo "== $name:"
	"case_$name"
	# Of several threads each by itself, the first that is named first.
	awk '/^[0-9]+ / {
		if (!($1 in id))
			id[$1] = ++n
		sub(/^[0-9]+/, "P" id[$1])
	}
	{ print }' "$dir/trace" >"$dir/named"
	grep -q '^P1 ' "$dir/named" && sort -s -k 1,1 -o "$dir/named" "$dir/named"
	# A call that another thread broke into is one line again.
	awk '{
		if (held != "" && match($0, /^P[0-9]+ <[^>]*resumed> /)) {
			print held substr($0, RLENGTH + 1)
			held = ""
			next
		}
		if (held != "")
			print held " <unfinished ...>"
		held = ""
	}
	sub(/ <unfinished \.\.\.>$/, "") { held = $0; next }
	{ print }
	END { if (held != "") print held }' "$dir/named" |
	sed -E \
		-e 's/ +(= |\?)/ \1/; s/0x[0-9a-f]{4,16}\b/ADDR/g' \
		-e 's/\b(kill|waitpid|SYS_kill|SYS_wait4)\([0-9]+/\1(ADDR/' \
		-e "s/($ids)(.*\\)) = [0-9]{4,}/\\1\\3 = ADDR/"
	rm -f "$dir"/*
done
cd / && rmdir "$dir"
