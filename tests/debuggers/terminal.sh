#!/bin/sh
# SPDX-License-Identifier: MIT
# Sessions of a person at a terminal: the same conversation with gdb on the
# host's Linux and, through run, on the refkernel; and with gdb on the host,
# whose gdbserver is in the refkernel.
. "$(dirname "$0")/lib.sh"
need gdb gdbserver python3

export PROCTRACE_BUILD="$build" TERM=dumb LC_ALL=C.UTF-8
run="$top/run --timeout 100
	--kernel $build/kernel-shim/ports/refkernel/refkernel"
# shellcheck disable=SC2089 # for the sh of talk
gdb="gdb -nx -q -iex 'set debuginfod enabled off' -iex 'set pagination off'
	-iex 'set debug-file-directory /nonexistent' -iex 'set width 0'"

# talk NAME COMMAND <SCRIPT: one case.
talk()
{
	cat >"$work/script"
	python3 "$top/tests/debuggers/terminal.py" "$work/script" \
		sh -c "exec $2" >"$work/said" 2>&1
	result $? "$1" || tail -n 36 "$work/said" | show
}

# both NAME PROGRAM <SCRIPT: two.
both()
{
	cat >"$work/both"
	# shellcheck disable=SC2086,SC2090 # a list of words
	talk "$1, on Linux" "$(echo $gdb $programs/$2)" <"$work/both"
	# shellcheck disable=SC2086,SC2090
	talk "$1, on the refkernel" "$(echo $run $gdb $programs/$2)" \
		<"$work/both"
}

both 'an interrupt from the keyboard' waiter <<'EOT'
< ^\(gdb\) $
> run 0 aloud
< ^round 2
! \x03
< received signal SIGINT, Interrupt
< ^\(gdb\) $
> print rounds > 0
< = 1
< ^\(gdb\) $
! info sharedl\t
< info sharedlibrary
> 
< libc
< ^\(gdb\) $
! print en\x03
< Quit
< ^\(gdb\) $
> continue
< Continuing
< ^round
! \x03
< SIGINT
< ^\(gdb\) $
> set var end = 5
> continue
< end 5
< exited with code 04
< ^\(gdb\) $
> quit
$ 0
EOT

both 'threads one by one' threads <<'EOT'
< ^\(gdb\) $
> set non-stop on
> set args 2
> break meet
> break all_met
< Breakpoint 2 at
> run &
< hit Breakpoint 1, meet
< hit Breakpoint 1, meet
> info threads
< 1 .*\(running\)
< 2 .* meet \(n=1\)
< 3 .* meet \(n=2\)
> thread 2
< ^\[Switching to thread 2
> next
< ^16
> continue &
< Continuing
> thread apply all -s print number
< Thread 3
< = 0
> thread 3
< ^\[Switching to thread 3
> continue &
< Continuing
< Thread 1 .* hit Breakpoint 2, all_met \(count=2\)
> info threads
< 1 .* all_met \(count=2\)
< 2 .*\(running\)
< 3 .*\(running\)
> interrupt -a
< Thread [23] .* stopped
< Thread [23] .* stopped
> delete
< y or n
> y
> continue -a &
< exited normally
> quit
$ 0
EOT

done_testing
