#!/bin/sh
# SPDX-License-Identifier: MIT
# Who may include whom. The two halves share the wire header alone, core knows
# neither an architecture's inside nor a port, a port knows the contract only.
set -u
cd "$(dirname "$0")/../.." || exit 99
. tests/lint/files.sh

free='<std(arg|bool|def|int|noreturn|align)\.h>|<(limits|float)\.h>'
wire='<sys/proc_scheme\.h>'
contract='<kshim/[a-z0-9_]+\.h>'
bad=0

# What core asks of an architecture: the format of a page table's entry.
arch='<pte\.h>'
# What an architecture may use of core.
inner='"\.\./\.\./core/mem\.h"'

# check DIRECTORY ALLOWED: each #include of its files matches ALLOWED or is a
# quoted name of a file in the same directory.
check()
{
	for file in $(project_files "$1/*.c" "$1/*.h"); do
		here=$(dirname "$file")
		grep -nE '^[ 	]*#[ 	]*include' "$file" |
		while IFS=: read -r line text; do
			what=$(echo "$text" |
				sed 's/^[ \t]*#[ \t]*include[ \t]*//
					s/[ \t]*\(\/\*.*\)*$//')
			case $what in
			\"*/*) ;;
			\"*)
				name=${what#\"}
				[ ! -e "$here/${name%\"}" ] || continue
				;;
			esac
			! echo "$what" | grep -qxE "$2" || continue
			echo "$file:$line: may not include $what"
		done
	done
}

# deny DIRECTORY PATTERN WHY
deny()
{
	# shellcheck disable=SC2046 # names without blanks
	set -- "$2" "$3" $(project_files "$1/*.c" "$1/*.h")
	pattern=$1 why=$2
	shift 2
	[ $# = 0 ] || grep -nE "$pattern" /dev/null "$@" | sed "s|\$|  ($why)|"
}

found=$(
	check kernel-shim/core "$free|$wire|$contract|$arch"
	check kernel-shim/arch "$free|$wire|$contract|$inner"
	check kernel-shim/include "$free|$wire|$contract"
	deny src '#[ 	]*include.*kshim' 'src/ knows the wire only'
	deny include '#[ 	]*include.*kshim' 'include/ knows the wire only'
	deny kernel-shim/ports '#[ 	]*include.*(core|arch)/' \
		'a port knows the contract only'
	deny kernel-shim/core '(__)?asm(__)?[ 	(]|__asm__' \
		'assembler belongs to arch/'
)
[ -z "$found" ] || { printf '%s\n' "$found"; bad=1; }
exit $bad
