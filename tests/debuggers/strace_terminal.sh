#!/bin/sh
# SPDX-License-Identifier: MIT
# strace at a terminal: the same keys on the host's Linux and, through run, on
# the refkernel.
. "$(dirname "$0")/lib.sh"
need strace python3 bash

export PROCTRACE_BUILD="$build" TERM=dumb LC_ALL=C.UTF-8
run="$top/run --timeout 100
	--kernel $build/kernel-shim/ports/refkernel/refkernel"

# talk NAME COMMAND: one case, the conversation of $work/script.
talk()
{
	# shellcheck disable=SC2086 # a list of words
	python3 "$top/tests/debuggers/terminal.py" "$work/script" \
		$2 >"$work/said" 2>&1
	result $? "$1" || tail -n 36 "$work/said" | show
}

# both NAME COMMAND <SCRIPT: two. What a signal ends has no status on Linux.
both()
{
	cat >"$work/both"
	sed 's/^\$ 130/$ -2/' "$work/both" >"$work/script"
	talk "$1, on Linux" "$2"
	cp "$work/both" "$work/script"
	talk "$1, on the refkernel" "$run --preload $2"
}

both '^C ends the program and strace' \
	"strace -e trace=clock_nanosleep $programs/waiter" <<'EOT'
< clock_nanosleep\(
! \x03
< detached
$ 130
EOT

both '^C ends the program; strace says so' \
	"strace -I 3 -e trace=clock_nanosleep $programs/waiter" <<'EOT'
< clock_nanosleep\(
! \x03
< --- SIGINT \{si_signo=SIGINT, si_code=SI_KERNEL\} ---
< killed by SIGINT
$ 130
EOT

both '^C detaches; the program goes on' "bash --norc -i" <<EOT
< ^bash.*[#] $
> $programs/waiter 2 &
< ^bash.*[#] $
> until [ "\$(ls /proc/\$!/task | wc -l)" = 3 ]; do :; done
< ^bash.*[#] $
> strace -f -e trace=clock_nanosleep -p \$!
< attached with 3 threads
< = 0
! \\x03
< detached
< detached
< detached
< ^bash.*[#] $
> kill -USR1 \$!; wait
< end 10
< ^bash.*[#] $
> exit
$ 0
EOT

both '^Z stops both, fg continues them' "bash --norc -i" <<EOT
< ^bash.*[#] $
> strace -e trace=none $programs/waiter 0 aloud
< ^round
! \\x1a
< Stopped
< ^bash.*[#] $
> jobs
< Stopped +strace
< ^bash.*[#] $
> fg
< --- SIGCONT \{si_signo=SIGCONT, si_code=SI_USER
! \\x03
< ^bash.*[#] $
> exit
EOT

both 'the program reads from the terminal' \
	"strace -e trace=read -e signal=none cat" <<'EOT'
< read\(0, $
> word
< "word\\n", 131072\) += 5
< word
< read\(0, $
! \x04
< "", 131072\) += 0
< exited with 0
$ 0
EOT

done_testing
