#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# usage: run_options.sh BUILD-DIRECTORY
# What ./run promises: streams, status, environment, directory, options; and
# that the kernel has everything back at power-off. Prints TAP.
# shellcheck disable=SC2016,SC2217
set -u

PROCTRACE_BUILD=$1
export PROCTRACE_BUILD
kernel=${REFKERNEL:-$1/kernel-shim/ports/refkernel/refkernel}
top=$(cd "$(dirname "$0")/../.." && pwd) || exit 99
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
count=0
bad=0

# is GOT WANTED NAME
is()
{
	count=$((count + 1))
	if [ "$1" = "$2" ]; then
		echo "ok $count - $3"
	else
		echo "not ok $count - $3"
		echo "# '$1' is not '$2'"
		bad=1
	fi
}

run()
{
	"$top/run" --kernel "$kernel" --timeout 60 "$@" 2>"$work/err"
}

is "$(echo in | run cat)" in "standard input and output"
is "$(head -c 300000 /dev/zero | run wc -c)" 300000 "a long input"
is "$(run head -c 300000 /dev/zero </dev/null | wc -c)" 300000 "a long output"
is "$(run sh -c 'echo out; echo err >&2' </dev/null)" out "output without error"
is "$(cat "$work/err")" err "standard error"
echo before >"$work/file"
run echo after </dev/null >>"$work/file"
is "$(tr '\n' , <"$work/file")" before,after, "output is appended to a file"
(echo one; run echo two </dev/null; echo three) >"$work/file"
is "$(tr '\n' , <"$work/file")" one,two,three, "a file is shared with others"

run sh -c 'exit 42' </dev/null
is $? 42 "the exit status"
run sh -c 'kill -TERM $$' </dev/null
is $? 143 "the end by a signal"
run /nonexistent </dev/null
is $? 127 "no such program: status"
is "$(wc -l <"$work/err")" 1 "no such program: one line"
run /etc/passwd </dev/null
is $? 126 "a program that cannot be executed"
"$top/run" --nonsense true 2>/dev/null
is $? 125 "an unknown option"
for wrong in "--mem 5M" "--mem 1X" "--mem 0G" "--timeout x" "--timeout 1.2.3" \
		"--env A" "--env =b" "--forward tcp:0"; do
	# shellcheck disable=SC2086 # two words
	run $wrong true </dev/null
	is "$? $(wc -l <"$work/err")" "125 1" "$wrong: one line"
done
QEMU=/nonexistent run true </dev/null
is $? 125 "no QEMU: status"
is "$(wc -l <"$work/err")" 1 "no QEMU: one line"
"$top/run" --kernel "$kernel" --timeout 2 sleep 50 </dev/null 2>/dev/null
is $? 124 "a time-out"
is "$("$top/run" --help | grep -c -- '^  --')" 13 "--help tells all options"

is "$(run --env A=b sh -c 'echo $A' </dev/null)" b "--env"
is "$(A=c run sh -c 'echo $A' </dev/null)" c "the environment goes through"
is "$(A=c run --env A=b sh -c 'echo $A' </dev/null)" b "--env comes first"
is "$(run --clear-env --env A=b env </dev/null)" A=b "--clear-env"
is "$(cd /usr/share && run pwd </dev/null)" /usr/share "the directory"
is "$(run printf '%s,' 'a b' '' '*' </dev/null)" 'a b,,*,' "arguments as they are"
is "$(umask 027; run sh -c umask </dev/null)" 0027 "the umask"
small=$(run --mem 128M awk '/MemTotal/ { print ($2 < 131072) }' \
	/proc/meminfo </dev/null)
is "$small" 1 "--mem"

run --log-unknown python3 -c '
import ctypes
ctypes.CDLL(None).syscall(9999)' </dev/null
is "$(grep -c 9999 "$work/err")" 1 "--log-unknown"

census()
{
	run --census "$@" </dev/null >/dev/null
	sed -n 's/^census: frames \([0-9]*\).*heap-blocks \([0-9]*\).*threads \([0-9]*\) processes \([0-9]*\)$/\1 \2 \3 \4/p' \
		"$work/err"
}

want=$(census true)
is "$(census sh -c 'for i in 1 2 3 4 5 6 7 8 9; do ls -l /usr/lib; done')" \
	"$want" "census: processes and names"
is "$(census sh -c 'mkdir -p /tmp/a/b; head -c 9999999 /dev/zero >/tmp/a/b/c')" \
	"$want" "census: files in memory"
is "$(census sh -c 'sleep 100 & sleep 100 & (sleep 100 &) exec true')" \
	"$want" "census: what is left running"
is "$(census sh -c 'yes | head -n 100000 | sort | tail -n 1; kill -9 $$')" \
	"$want" "census: pipes and death"
is "$(census python3 -c '
import threading, time
for i in range(20): threading.Thread(target=time.sleep, args=(9,), daemon=True).start()')" \
	"$want" "census: threads"

echo "1..$count"
exit $bad
