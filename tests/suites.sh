#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2154 # only, build and jobs are the caller's
#
# The suites of ./check: what each builds and runs. A suite is a function
# suite_NAME that runs in a subshell of its own, two or more at a time, and
# leaves "passed failed skipped" in the file $result.

# A cross build's Check is tools/setup's.
check_path()
{
	echo "-Dpkg_config_path=$(tools/setup --print-cache)/check-$1/lib/pkgconfig"
}

# configure DIRECTORY [OPTION...]: set up a build directory, or keep the one
# that was set up with the same options.
configure()
{
	local dir=$1

	shift
	[ ! -e "$dir/build.ninja" ] ||
		[ "$(cat "$dir/options" 2>/dev/null)" != "$*" ] || return 0
	rm -rf "$dir"
	meson setup -Dwerror=true "$@" "$dir" && echo "$*" >"$dir/options"
}

# make_build DIRECTORY [OPTION...]: configure and compile; quiet if all is well.
make_build()
{
	local dir=$1

	if ! { configure "$@" && ninja --quiet -C "$dir" -j "$workers"; } \
			>"$dir.log" 2>&1; then
		# Without what the configuration found.
		grep -vE ': (YES|NO)\b' "$dir.log" | tail -n 40
		return 1
	fi
}

# run_tests DIRECTORY LOGBASE [ARGUMENT OF meson test...]
run_tests()
{
	local dir=$1 base=$2

	shift 2
	# The log lists what failed; the count is read from it.
	rm -f "$dir/meson-logs/$base.json"
	meson test -C "$dir" --no-rebuild --num-processes "$workers" \
		--logbase "$base" "$@" >"$dir/meson-logs/$base.out" 2>&1
	if [ -s "$dir/meson-logs/$base.json" ]; then
		tests/tally.py "$dir/meson-logs/$base.json" >"$dir/tally-$base"
		sed '$d' "$dir/tally-$base"
		tail -n 1 "$dir/tally-$base" >"$result"
	elif grep -q 'No suitable tests defined' \
			"$dir/meson-logs/$base.out"; then
		echo "no tests"
		echo 0 0 1 >"$result"
	else
		cat "$dir/meson-logs/$base.out"
		return 1
	fi
}

# build_and_test DIRECTORY 'ARGUMENTS OF meson test' [OPTION...]
build_and_test()
{
	local dir=$build/$1 arguments=$2

	shift 2
	make_build "$dir" "$@" || return 1
	# shellcheck disable=SC2086 # a list of words
	run_tests "$dir" testlog $arguments
}

# Builds that several suites use: one at a time makes it.
build_native()
{
	(
		flock 8
		make_build "$build/gcc"
	) 8>"$build/gcc.lock"
}

build_musl()
{
	(
		flock 8
		make_build "$build/musl" --cross-file cross/x86_64-musl.ini \
			-Drefkernel=disabled -Drefkernel_build="$build/gcc" \
			"$(check_path musl)"
	) 8>"$build/musl.lock"
}

# Add the counts of a file to those of another.
add_result()
{
	local a b c x y z

	read -r a b c <"$1"
	read -r x y z <"$2"
	echo $((a + x)) $((b + y)) $((c + z)) >"$2"
}

# native SUITE [ARGUMENT...]: the tests of a meson suite in that build.
native()
{
	local name=$1

	shift
	build_native && run_tests "$build/gcc" "$name" "$@"
}

suite_gcc()
{
	native gcc --suite lint --suite headers --suite unit --suite examples \
		--suite fuzz
}

suite_clang()
{
	CC=clang CXX=clang++ build_and_test clang \
		'--suite headers --suite unit --suite examples --suite fuzz'
}

suite_sanitize()
{
	export UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1
	export ASAN_OPTIONS=detect_leaks=1 CK_TIMEOUT_MULTIPLIER=10
	build_and_test sanitize '-t 10 --suite unit --suite examples --suite fuzz' \
		-Db_sanitize=address,undefined -Drefkernel=disabled \
		-Db_lundef=false
}

suite_tsan()
{
	export CK_TIMEOUT_MULTIPLIER=10
	export TSAN_OPTIONS=suppressions=$PWD/tests/tsan.supp
	build_and_test tsan '-t 10 --suite unit' -Db_sanitize=thread \
		-Drefkernel=disabled -Db_lundef=false
}

suite_musl()
{
	build_musl && run_tests "$build/musl" testlog \
		--suite headers --suite unit --suite fuzz
}

# emulated NAME CROSS-FILE [OPTION...]
emulated()
{
	local name=$1 file=$2

	shift 2
	export CK_TIMEOUT_MULTIPLIER=20
	build_and_test "$name" '-t 20 --suite unit --suite fuzz' \
		--cross-file "cross/$file.ini" -Drefkernel=disabled "$@"
}

suite_x86_64()
{
	emulated x86_64 x86_64-qemu
}

suite_i386()
{
	emulated i386 i386 "$(check_path i386)"
}

suite_aarch64()
{
	emulated aarch64 aarch64 "$(check_path aarch64)"
}

suite_riscv64()
{
	emulated riscv64 riscv64 "$(check_path riscv64)"
}

suite_s390x()
{
	emulated s390x s390x "$(check_path s390x)"
}

suite_fuzz()
{
	CC=clang CXX=clang++ build_and_test fuzz '-t 10 --suite fuzz' \
		-Dfuzz=enabled -Db_sanitize=address,undefined \
		-Drefkernel=disabled -Db_lundef=false
}

suite_install()
{
	build_native && tests/install.sh "$build/gcc" "$build/install" || return 1
	echo 1 0 0 >"$result"
}

suite_conformance()
{
	native conformance -t 2 --suite conformance || return 1
	mv "$result" "$result.gcc"
	build_musl && run_tests "$build/musl" conformance -t 2 \
		--suite conformance
	[ -s "$result" ] || echo 0 1 0 >"$result"
	add_result "$result.gcc" "$result"
}

suite_refkernel()
{
	native refkernel -t 2 --suite refkernel
}

suite_debuggers()
{
	native debuggers -t 2 --suite debuggers
}

# Run suite $1 with its output and its counts in files of its name.
run_suite()
{
	local name=$1 start=$SECONDS result=$build/$1.result p f s

	rm -f "$result"
	"suite_$name" >"$build/$name.said" 2>&1 </dev/null
	# A suite that did not come to its tests has failed once.
	[ -s "$result" ] || echo 0 1 0 >"$result"
	read -r p f s <"$result"
	# In one piece, since another suite may end at the same time.
	printf '%-12s %5d passed, %d failed, %d skipped  (%d s)\n%s' \
		"$name" "$p" "$f" "$s" $((SECONDS - start)) \
		"$(sed 's/^/    /' "$build/$name.said"; echo .)" |
		sed '$d'
}

check_run()
{
	local name running=0 workers=1 p=0 f=0 s=0 a b c

	tools/setup || exit 1
	mkdir -p "$build" && build=$(cd "$build" && pwd) || exit 1
	# shellcheck disable=SC2046,SC2086 # a list of words
	set -- $(printf '%s\n' $only | awk '!seen[$0]++')
	[ $# -gt 1 ] || workers=$jobs
	# What several suites wait for is built first, by all processors.
	case " $* " in
	*" gcc "* | *" conformance "* | *" refkernel "* | *" debuggers "*)
		workers=$jobs build_native >/dev/null
		;;
	esac
	for name; do
		if [ "$running" -ge "$jobs" ]; then
			wait -n
			running=$((running - 1))
		fi
		run_suite "$name" &
		running=$((running + 1))
	done
	wait
	for name; do
		read -r a b c <"$build/$name.result"
		p=$((p + a)) f=$((f + b)) s=$((s + c))
	done
	echo "$p passed, $f failed, $s skipped"
	[ "$f" = 0 ]
}
