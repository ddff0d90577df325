#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# usage: gdb_times.sh BUILD OUT [count]
# Time Debian's gdb on the refkernel and on Debian's Linux kernel, in the same
# QEMU: a table, and OUT/gdb.csv. With "count" the machine's time is 2 ns for
# each instruction that it executes, so that other load of the host does not
# disturb. ./bench --gdb calls it.
set -u
build=$1
out=$2
export PROCTRACE_BUILD=$build
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd) || exit 99
top=$here/../..
debugged=$build/tests/bench/debugged
script=$here/gdb_times.py
type -P gdb >/dev/null || {
	echo "bench: gdb is not installed" >&2
	exit 99
}

if [ "${3:-}" = count ]; then
	counting=$(mktemp -d) || exit 99
	trap 'rm -rf "$counting"' EXIT
	printf '#!/bin/sh\nexec %s "$@" -icount shift=1,align=off,sleep=off\n' \
		"$(type -P qemu-system-x86_64)" >"$counting/qemu-system-x86_64"
	chmod +x "$counting/qemu-system-x86_64"
	PATH=$counting:$PATH
fi

# figures: what the script said, without what gdb says.
figures()
{
	tr -d '\r' | sed -n 's/^times://p'
}

echo "bench: gdb, the refkernel ..." >&2
"$top/run" --timeout 900 --clear-env \
	--env DEBUGGED="$debugged" \
	gdb -nx -batch -x "$script" </dev/null | figures >"$out/gdb.refkernel"
[ "${PIPESTATUS[0]}" = 0 ] || {
	echo "bench: gdb failed on the refkernel" >&2
	exit 1
}

echo "bench: gdb, Linux ..." >&2
# What it needs besides the libraries that it is linked with.
adds=()
for file in "$(type -P gdb)" "$debugged" "$script" /usr/share/gdb \
		/usr/lib/python3.[0-9]* \
		/lib/x86_64-linux-gnu/libthread_db.so.1; do
	adds+=(--add "$file")
done
"$top/tools/linux-vm" --timeout 900 "${adds[@]}" \
	/usr/bin/env -i DEBUGGED="$debugged" \
	"$(type -P gdb)" -nx -batch -x "$script" | figures >"$out/gdb.linux"
[ "${PIPESTATUS[0]}" = 0 ] || {
	echo "bench: gdb failed on Linux" >&2
	exit 1
}

echo "operation,refkernel_ms,refkernel_gdb_ms,linux_ms,linux_gdb_ms,ratio,ratio_without_gdb" \
	>"$out/gdb.csv"
paste -d , "$out/gdb.refkernel" "$out/gdb.linux" | awk -F, -v OFS=, '{
	rest = $5 - $6
	print $1, $2, $3, $5, $6, sprintf("%.3f", $2 / $5),
		sprintf("%.3f", ($2 - $3) / (rest > 0 ? rest : 1))
}' >>"$out/gdb.csv"
rm -f "$out/gdb.refkernel" "$out/gdb.linux"
awk -F, 'NR == 1 {
	printf "%-20s %12s %12s %12s %12s %7s %12s\n", "operation",
		"refkernel", "of it gdb", "Linux", "of it gdb", "ratio",
		"without gdb"
	next
}
{
	printf "%-20s %9.0f ms %9.0f ms %9.0f ms %9.0f ms %7.2f %12.2f\n",
		$1, $2, $3, $4, $5, $6, $7
}' "$out/gdb.csv"
echo "bench: $out/gdb.csv" >&2
