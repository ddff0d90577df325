#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# usage: stock.sh BUILD-DIRECTORY
# Debian's own programs, as they are: on the refkernel each must say and return
# what it does here, and the kernel must have everything back. Prints TAP.
# shellcheck disable=SC2016
set -u

PROCTRACE_BUILD=$1
export PROCTRACE_BUILD
kernel=${REFKERNEL:-$1/kernel-shim/ports/refkernel/refkernel}
top=$(cd "$(dirname "$0")/../.." && pwd) || exit 99
cd "$(dirname "$0")/stock" || exit 99
# Where the refkernel sees it too: not in /tmp.
work=$(mktemp -d "$1/stock.XXXXXX") || exit 99
trap 'rm -rf "$work"' EXIT
export LC_ALL=C
count=0
bad=0

case_is()
{
	count=$((count + 1))
	echo "$1 $count - $2"
	[ "$1" = ok ] || bad=1
}

# The program's output and status on the refkernel, in $work/guest.
boot()
{
	"$top/run" --kernel "$kernel" --timeout 200 --census "$@" \
		</dev/null >"$work/guest" 2>"$work/err"
	echo "status $?" >>"$work/guest"
	grep -v '^census:' "$work/err" >>"$work/guest"
}

census()
{
	sed -n 's/^census: frames \([0-9]*\).*heap-blocks \([0-9]*\).*\(threads .*\)$/\1 \2 \3/p' \
		"$work/err"
}

# same NAME COMMAND [ARGUMENT]...
same()
{
	local name=$1 left

	shift
	"$@" </dev/null >"$work/host" 2>"$work/said"
	echo "status $?" >>"$work/host"
	cat "$work/said" >>"$work/host"
	boot "$@"
	left=$(census)
	if cmp -s "$work/host" "$work/guest" && [ "$left" = "$clean" ]; then
		case_is ok "$name"
		return
	fi
	case_is "not ok" "$name"
	[ "$left" = "$clean" ] || echo "# census: $left, not $clean"
	diff "$work/host" "$work/guest" | head -n 20 | sed 's/^/# /'
}

boot true
clean=$(census)

gcc -O2 -Wall -Wextra -Werror -static -pthread -o "$work/eight" eight.c ||
	exit 99
g++ -O2 -Wall -Wextra -Werror -pthread -o "$work/throw" throw.cc || exit 99

same "busybox: pipes and loops" busybox sh -c '
	n=0
	for i in 1 2 3 4 5; do
		n=$((n + $(seq 1 100 | grep -c "$i")))
	done
	echo $n
	seq 1 1000 | while read a; do [ $((a % 97)) = 0 ] && echo $a; done |
		sort -rn | tr "\n" " "
	f() { local x=$1; [ $x -le 1 ] && echo 1 || echo $((x * $(f $((x - 1)))));}
	f 6
	(exit 3) || echo "status $?"
	cat <<-END | wc
		a here document
	END
	exit 5'
same "bash: a script" ./script.sh
same "ls -lR" ls -lR /usr/include/x86_64-linux-gnu /usr/share/perl5
same "sort" bash -c 'set -o pipefail
	seq 1 30000 | sed "s/\(.\)\(.*\)/\2\1/" | sort -n -k1,1 -u |
	sort -r | md5sum'
same "dd, sha256sum: 64 MiB" bash -c 'set -o pipefail
	f=/tmp/proctrace-stock.$$
	trap "rm -f $f" EXIT
	yes "a line of text, again and again" |
		dd of=$f bs=64k count=1024 iflag=fullblock 2>/dev/null
	printf changed | dd of=$f bs=1 seek=12345678 conv=notrunc 2>/dev/null
	stat -c %s $f
	sha256sum <$f'
same "grep -r" grep -rc ptrace "$top/src" "$top/include"
same "sed" sed -nE '/^[a-z_]+\(/{N;s/\n.*//;s/^([a-z_]+)\((.*)$/\2 \1/p}' \
	"$top"/src/*.c
same "awk" awk '{ for (i = 1; i <= NF; i++) n[$i]++ }
	END { for (w in n) if (n[w] > 40) print n[w], w | "sort -rn" }' \
	"$top"/docs/*.md
same "python3 -c" /usr/bin/python3 -c '
import hashlib, json, re, subprocess, sys, tempfile, threading
print(sum(i * i for i in range(10000)), 2 ** 200)
print(re.findall(r"(\w)(\d+)", "a12 b3 c456"))
out = []
threads = [threading.Thread(target=out.append, args=(i,)) for i in range(8)]
for t in threads: t.start()
for t in threads: t.join()
print(sorted(out))
with tempfile.TemporaryFile() as f:
    f.write(bytes(range(256)) * 1000)
    f.seek(0)
    print(hashlib.sha256(f.read()).hexdigest())
print(json.dumps(subprocess.run(["tr", "a-z", "A-Z"], input="text",
    capture_output=True, text=True).stdout))
sys.exit(9)'
same "perl -e" perl -e '
	my %n; $n{$_ % 7} += $_ for 1 .. 20000;
	print join(",", map { "$_=$n{$_}" } sort keys %n), "\n";
	open(my $p, "-|", "echo", "from a pipe") or die; print <$p>; close $p;
	my $pid = fork // die; exit 4 if !$pid; waitpid($pid, 0);
	print $? >> 8, "\n"; local $SIG{ALRM} = sub { die "alarm\n" };
	eval { alarm 1; select(undef, undef, undef, 50) }; print $@; die "end\n"'
same "gcc: hello.c, and what it made" bash -c '
	d=$(mktemp -d /tmp/hello.XXXXXX) && trap "rm -r $d" EXIT &&
	gcc -O2 -Wall -o $d/hello hello.c && $d/hello there'
same "static glibc: eight threads" "$work/eight"
if type musl-gcc >/dev/null 2>&1; then
	musl-gcc -O2 -static -pthread -o "$work/musl" eight.c || exit 99
	same "static musl: eight threads" "$work/musl"
else
	count=$((count + 1))
	echo "ok $count # SKIP there is no musl-gcc"
fi
same "C++: exceptions" "$work/throw"

echo "1..$count"
exit $bad
