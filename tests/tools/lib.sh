# shellcheck shell=sh disable=SC2034
# SPDX-License-Identifier: ISC
#
# lib.sh: TAP for shell scripts.  A test begins with
#
#	. "$(dirname "$0")/../tools/lib.sh"
#
# and ends with done_testing.  It finds the tools in PATH, the sources in $top
# and a private directory in $dir, which goes when the script ends.

set -u
umask 022
unset COLUMNS NO_COLOR TUN_LABEL 2>/dev/null
LC_ALL=C
export LC_ALL

top=$(cd "$(dirname "$0")" && until [ -f configure ] || [ "$PWD" = / ]; do
	cd .. || exit 1
done && pwd)
PATH=$top/tools:$top/tests:$PATH:/usr/local/sbin:/usr/sbin:/sbin
export PATH

dir=$(mktemp -d "${TMPDIR:-/tmp}/tun.XXXXXX") || exit 1
tests=0 failures=0 exit_list=''

# The journal of the tools is of this script alone.
XDG_STATE_HOME=$dir/state
export XDG_STATE_HOME

# at_exit COMMAND: a function or command to run when the script ends, however
# it ends; the last one given runs first.
at_exit() {
	exit_list="$1
$exit_list"
}

run_exit_list() {
	trap '' HUP INT TERM
	while [ -n "$exit_list" ]; do
		command_=${exit_list%%"
"*}
		exit_list=${exit_list#*"
"}
		eval "$command_"
	done
}

# shellcheck disable=SC2016
at_exit 'rm -rf "$dir"'
trap run_exit_list EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

# result STATUS NAME: one case, passed if STATUS is 0.
result() {
	tests=$((tests + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $tests - $2"
	else
		failures=$((failures + 1))
		echo "not ok $tests - $2"
		return 1
	fi
}

# note TEXT: for whoever reads the log.
note() {
	printf '%s\n' "$*" | sed 's/^/# /'
}

# ok NAME COMMAND...: the command succeeds.
ok() {
	name_=$1
	shift
	"$@"
	result $? "$name_"
}

# not COMMAND...: it fails.
not() {
	! "$@"
}

# is NAME GOT WANT: equal strings.  As all of these, it fails as its case does,
# so that "|| note ..." may follow.
is() {
	[ "$2" = "$3" ]
	result $? "$1" || { note "got:  $2"; note "want: $3"; return 1; }
}

# like NAME GOT REGEX, unlike NAME GOT REGEX: some line of GOT matches, or
# none does.
like() {
	printf '%s\n' "$2" | grep -Eq -e "$3"
	result $? "$1" || { note "got:  $2"; note "want: /$3/"; return 1; }
}

unlike() {
	! printf '%s\n' "$2" | grep -Eq -e "$3"
	result $? "$1" || { note "got:  $2"; note "want: not /$3/"; return 1; }
}

# run COMMAND...: keep what it says in $out and $err, and its $status.
run() {
	status=0
	"$@" >"$dir/out" 2>"$dir/err" || status=$?
	out=$(cat "$dir/out")
	err=$(cat "$dir/err")
}

# exits NAME STATUS COMMAND...: run it and look at the exit status only.
exits() {
	name_=$1 want_=$2
	shift 2
	run "$@"
	[ "$status" -eq "$want_" ]
	result $? "$name_" || {
		note "status: $status, want $want_"
		note "stderr: $err"
		return 1
	}
}

# fails NAME STATUS TEXT COMMAND...: that is its exit status, and all that it
# says on standard error.
fails() {
	name_=$1 want_="$2 $3"
	shift 3
	run "$@"
	is "$name_" "$status $err" "$want_"
}

# works NAME COMMAND...: exit status 0, and nothing on standard error.
works() {
	name_=$1
	shift
	fails "$name_" 0 '' "$@"
}

# prints NAME TEXT COMMAND...: works, and prints exactly that.
prints() {
	name_=$1 want_="0  $2"
	shift 2
	run "$@"
	is "$name_" "$status $err $out" "$want_"
}

# skip NAME REASON: a case that cannot be run here.
skip() {
	tests=$((tests + 1))
	echo "ok $tests - $1 # skip $2"
}

# can NAME REASON COMMAND...: does it succeed?  If not, case NAME is skipped.
can() {
	name_=$1 reason_=$2
	shift 2
	"$@" >/dev/null 2>&1 && return
	skip "$name_" "$reason_"
	return 1
}

# has NAME PROGRAM...: are they installed?  is_root NAME: are we?
has() {
	name_=$1
	shift
	for program_; do
		can "$name_" "no $program_" command -v "$program_" || return
	done
}

is_root() {
	can "$1" "not root" test "$(id -u)" -eq 0
}

# all_tools: their names.
all_tools() {
	sed -n '/^TOOLS =/,/^$/s|.*tools/\([a-z]*\).*|\1|p' "$top/Makefile"
}

# skip_all REASON: none of this file can be run here.
skip_all() {
	echo "1..0 # SKIP $1"
	exit 0
}

# require PROGRAM...: without them none of this file can be run.
require() {
	for program_; do
		command -v "$program_" >/dev/null || skip_all "no $program_"
	done
}

# has_live: was this built to look at the processes of this machine?
has_live() {
	! grep -qx 'PLATFORM = unsupported' "$top/config.mk" 2>/dev/null
}

# has_curses: does tunps --watch take keys?
has_curses() {
	grep -q '^#define HAVE_CURSES 1' "$top/config.h"
}

# rest_needs_live: what follows looks at them.
rest_needs_live() {
	has_live && return
	skip "the rest" "no live system in this build"
	done_testing
	exit
}

# sanitized FILE: was it built with a sanitizer, which has calls of its own?
sanitized() {
	nm "$1" 2>/dev/null | grep -q __asan_
}

# unhardened FILE: what an ELF program or library lacks of position
# independence, relocations that are read-only and resolved at the start, a
# checked stack (and, with glibc, checked buffers).
unhardened() {
	readelf -hldsW "$1" >"$dir/elf" 2>&1
	grep -q 'Type: *DYN' "$dir/elf" || echo pie
	grep -q GNU_RELRO "$dir/elf" || echo relro
	grep -Eq 'BIND_NOW|FLAGS_1.* NOW' "$dir/elf" || echo now
	grep -q __stack_chk_fail "$dir/elf" || echo stack-protector
	! grep -q 'GLIBC_' "$dir/elf" || grep -q '_chk@' "$dir/elf" ||
		echo fortify
}

# leash COMMAND...: in the background, its PID in $leashed, what it prints in
# $dir/leashed.  Its standard input stays open until unleash.
leash() {
	[ -p "$dir/leash" ] || mkfifo "$dir/leash"
	: >"$dir/leashed"
	"$@" <"$dir/leash" >"$dir/leashed" 2>"$dir/leash.err" &
	leashed=$!
	exec 8>"$dir/leash"
}

unleash() {
	exec 8>&-
}

# table_head UID [CAPS]: of a recorded table, of which now is 1700000000.
table_head() {
	cat <<-END
	libfind-table 1
	system caps=${2:-0x7ff} now=1700000000000000 uid=$1
	proc pid=1 via=comm name=init pgid=1 sid=1 ident=1 state=S comm=init
	END
}

# in_directory PATH: the processes that follow.
in_directory() {
	cwd_=$1
}

# ssh_process PID UID AGE WORDS [MEMBER=VALUE]...: in such a table an ssh that
# init has adopted, of escaped words, of $origin, with other members.
ssh_process() {
	pid_=$1 uid_=$2 start_=$((1700000000 - $3)) words_=$4
	origin_=${origin-reparented=1 reaper=1}
	shift 4
	cat <<-END
	proc pid=$pid_ via=exe name=ssh ppid=1 pgid=$pid_ sid=$pid_ uid=$uid_ ruid=$uid_ ident=$pid_ start=${start_}000000 masks=1 sigcgt=0x8014007 state=S comm=ssh${*:+ $*}
	args $words_
	exe /usr/bin/ssh
	cwd ${cwd_:-/}
	origin netns=1${origin_:+ $origin_}
	fds limit=1024
	END
}

# key NAME PATH VALUE: in the JSON text that was just printed.
key() {
	is "$1" "$(json "$2" <"$dir/out")" "$3"
}

# usage_of TOOL [WORD]...: what bad tries.
usage_of() {
	tool_=$*
}

# bad REGEX ARG...: exit 2 with one line on stderr that matches, nothing else.
bad() {
	regex_=$1
	shift
	# shellcheck disable=SC2086
	run $tool_ "$@"
	is "usage: $*" "$status $(wc -l <"$dir/err" | tr -d ' ') $out" "2 1 "
	like "usage: $*: reason" "$err" "^${tool_%% *}: $regex_"
}

# wait_for COMMAND...: until it succeeds, WAIT_SECONDS (30) at most.
wait_for() {
	deadline=$(($(date +%s) + ${WAIT_SECONDS:-30}))
	until "$@"; do
		if [ "$(date +%s)" -gt "$deadline" ]; then
			echo "# waited in vain: $*" >&2
			return 1
		fi
		sleep 0.05
	done
}

done_testing() {
	echo "1..$tests"
	[ "$failures" -eq 0 ]
}
