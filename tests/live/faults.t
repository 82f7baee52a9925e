#!/bin/sh
# SPDX-License-Identifier: ISC
#
# Short of descriptors or memory: whatever call fails, and whichever of its
# kind, a living tunnel is never said to be gone, dead or unbound.  A run gives
# the answer that it gives without a fault, says what it does not know, or
# fails with one line and status 3.
#
# tests/faults.so makes the n-th call of a kind fail, for every n until there
# are no more such calls; the errno goes round with n.  Steps are taken in two
# places.  malloc(3) and readdir(3) have hundreds of calls: every so many fail,
# to make about $some runs of each command.  A question to a server takes a
# second: what is called after the scan fails at every eighth n, and the two
# commands that ask have tunnels of their own and run at the same time.

. "$(dirname "$0")/look.sh"

some=8
preload=$top/tests/faults.so
[ -e "$preload" ] || skip_all "tests/faults.so is not built"
LD_PRELOAD=$preload tunps -V >/dev/null 2>&1 ||
	skip_all "the tools do not run with a preloaded library"
sshd_start || skip_all "$sshd_why"

# three WORD: a plain tunnel, a master and one through a jump host; their PIDs
# in $pids.  Keepalives, so that none becomes quiet while all calls are tried.
three() {
	alive=ServerAliveInterval=10
	tunnel "$1-plain" -o "$alive" -L "$(free_port):127.0.0.1:$sshd_port"
	pids=$pid
	tunnel "$1-master" -o "$alive" -M -S "$dir/$1" \
	    -L "$(free_port):localhost:22"
	pids="$pids $pid"
	tunnel "$1-jump" -o "$alive" -J "$me-hop" \
	    -L "$(free_port):localhost:22"
	pids="$pids $pid"
}

# --- one run -----------------------------------------------------------------

# fault KIND N ERRNO COMMAND...: what it says is in out and err of $to, its
# status in $status, and whether a call failed in $hit.
fault() {
	kind_=$1 n_=$2 errno_=$3
	shift 3
	FAULT=$kind_:$n_:$errno_ FAULT_LOG=$to/log LD_PRELOAD=$preload \
	    "$@" >"$to/out" 2>"$to/err" </dev/null
	status=$?
	hit=no
	! grep -q fault "$to/log" || hit=yes
}

# errno_of KIND N: one that the call can have.
errno_of() {
	case $1:$(($2 % 5)) in
	malloc:* | *:2) echo ENOMEM ;;
	*:0) echo EMFILE ;;
	*:1) echo ENFILE ;;
	*:3) echo EAGAIN ;;
	*:4) echo EINTR ;;
	esac
}

# Words that no living tunnel deserves.
wrong='gone|dead|unbound|detached|lost|taken|replaced|released|hung|denied'
wrong="$wrong|foreign|unsafe|closed|broken|stalled|stopped|useless|partial"
wrong="$wrong|starting|longer"

# libnuma, which libproc2 loads, ends a program by itself when there is no
# memory, and so does libprocps.
not_ours='libnuma|allocating bitmask|^x[a-z]+ failed to allocate'

is_one_line() {
	[ "$(wc -l <"$to/err")" -eq 1 ] && grep -q '^tun[a-z]*: .' "$to/err"
}

says_unknown() {
	grep -Eq 'not known|unknown|cannot|incomplete' "$to/err" ||
		grep -Eq '(^| )\?( |$)|not known|"complete": false' "$to/out"
}

# answer COMMAND: what it has said, but for times.
answer() {
	case $1 in
	'tunps -J'*)
		grep -E '"(id|state|own_state|origin|healthy)":' "$to/out" ;;
	tunps*)
		awk '{ print $1, $2, $3, $4, $5, $6 }' "$to/out" ;;
	*)
		sed 's/, heard.*//' "$to/out" ;;
	esac
}

# judge COMMAND: why this run was wrong, or nothing.
judge() {
	if grep -Eq "$not_ours" "$to/err"; then
		:
	elif [ "$status" -gt 128 ]; then
		echo "it crashed"
	elif grep -Ewq "$wrong" "$to/out" "$to/err"; then
		echo "it says $(grep -Ewho "$wrong" "$to/out" "$to/err")"
	elif [ "$status" -eq 3 ]; then
		is_one_line || says_unknown || echo "status 3 and no reason"
	elif [ "$status" -ne 0 ]; then
		echo "status $status"
	elif answer "$1" | cmp -s - "$to/clean" && [ ! -s "$to/err" ]; then
		:
	elif ! says_unknown; then
		echo "another answer"
	fi
}

# --- all of them -----------------------------------------------------------

# calls KIND COMMAND...: how many there are where nothing fails.
calls() {
	kind_=$1
	shift
	fault "$kind_" 0 0 "$@"
	tail -n 1 "$to/log"
}

# try KIND STEP SCAN COMMAND...: every STEP-th call fails; beyond the first SCAN
# calls, every eighth.
try() {
	kind=$1 step=$2 scan=$3 n=1 runs=0 bad=''
	shift 3
	while errno=$(errno_of "$kind" "$n") &&
	    fault "$kind" "$n" "$errno" "$@" && [ "$hit" = yes ]; do
		runs=$((runs + 1))
		why=$(judge "$*")
		if [ -n "$why" ]; then
			bad="$bad $n"
			note "$kind $n $errno: $* = $status: $why"
			note "$(head -n 40 "$to/err" "$to/out")"
		fi
		n=$((n + step))
		[ "$n" -le "$scan" ] || n=$((n + 7))
	done
	is "$1 $2 with $runs faults of $kind" "${bad:-none}" none
}

# try_all WHERE COMMAND...: all kinds.
try_all() {
	to=$dir/$1
	mkdir "$to"
	shift
	fault malloc 0 0 "$@"
	answer "$*" >"$to/clean"
	is "$1 $2 without a fault" "$status $(cat "$to/err")" '0 '
	for kind in open opendir readlink socket pidfd_open pidfd_getfd; do
		scan=100000
		case "$1 $2" in
		'tunps --check' | tuncheck*) scan=$(calls "$kind" tunps) ;;
		esac
		try "$kind" 1 "$scan" "$@"
	done
	for kind in malloc readdir; do
		try "$kind" "$(($(calls "$kind" "$@") / some + 1))" 100000 "$@"
	done
}

# --- said and not hidden ------------------------------------------------------

to=$dir
fault fstatfs 1 EACCES tunps
is "why /proc cannot be looked at" "$status $(cat "$to/err")" \
    "3 tunps: processes: Permission denied"

# --- a port that no tunnel has ------------------------------------------------

fault readdir 0 0 tunps "$sshd_port"
held=$(cat "$to/err")
like "who has a port" "$held" "$sshd_port is held by sshd"
n=1 bad=''
while fault readdir "$n" ENOMEM tunps "$sshd_port"; [ "$hit" = yes ]; do
	[ "$(cat "$to/err")" = "$held" ] ||
		grep -Eq 'cannot (look|see which)' "$to/err" || bad="$bad $n"
	n=$((n + 5))
done
is "  is told, or why it is not known" "${bad:-none}" none

# --- a close that the server has not carried out ------------------------------

# Its session is stopped, so that it listens although the master has agreed.
forwards='' ports='' i=0
while [ "$i" -lt 14 ]; do
	port=$(free_port)
	case "$ports " in *" $port "*) continue ;; esac
	forwards="$forwards -R $port:127.0.0.1:9" ports="$ports $port"
	i=$((i + 1))
done
# shellcheck disable=SC2086
tunnel closes -M -S "$dir/closes" -v -E "$dir/closes.log" \
    -o ServerAliveInterval=0 $forwards
for port in $ports; do wait_for listens "$port"; done
session=$(sessions)
session=$(for p in $session; do echo "$p"; pgrep -P "$p"; done)
for p in $session; do stop "$p"; done

# close_with N PORT: the N-th file that it opens cannot be opened.
close_with() {
	to=$dir/closes.$2
	mkdir "$to"
	fault open "$1" ENOMEM tunkill -e -w1 "R$2"
	echo "$status $(cat "$to/out" "$to/err")" >"$to/result"
}

# From those that are opened for the plan to the last, which a close without a
# fault shows.
# shellcheck disable=SC2086
set -- $ports
first=$(calls open tunkill -n "R$1") last=$(calls open tunkill -e -w1 "R$1")
ok "its master lives" alive "$pid" || note "$pid: $(cat "$dir/closes.log")"
shift
jobs='' i=0
for port; do
	close_with $((first + i * (last - first) / 12)) "$port" &
	jobs="$jobs $!" i=$((i + 1))
done
# shellcheck disable=SC2086
wait $jobs
for port; do cat "$dir/closes.$port/result"; done >"$dir/results"
is "what still listens is not closed" \
    "$(grep '^0' "$dir/results" | grep -v 'does not confirm')" "" ||
	note "$(cat "$dir/results")"
like "  as is seen" "$(cat "$dir/results")" 'the server still listens'
like "  or it cannot be seen" "$(cat "$dir/results")" \
    'cannot look at its sockets'
for p in $session; do kill -CONT "$p"; done
kill "$pid"

# --- all kinds -----------------------------------------------------------------

three a
a=$pids
three b
b=$pids

# --- netlink without an answer -------------------------------------------------

# A client that listens through the master: whose it is cannot be known then.
ssh -F "$dir/config" -S "$dir/a" -L "$(free_port):localhost:22" \
    "$me-client" "while [ -d $dir ]; do sleep 1; done" \
    </dev/null >/dev/null 2>&1 &
remember $!
client=$!
client_state() {
	tunps -a -r -n -o state "$client" 2>/dev/null
}
comes_to "a mux client" in-master client_state
fault netlink 0 EACCES timeout 20 tunps -a -J "$client"
is "netlink does not answer: there is an answer in time" "$status" 0
is "  which says that it is not whole" \
    "$(grep -c '"complete": false' "$to/out")" 1
like "  and why" "$(cat "$to/out")" 'netlink is not available'
is "  and blames nobody" \
    "$(grep -Ec '"healthy": false|"(taken|unbound|gone)"' "$to/out")" 0
kill "$client"
wait "$client" 2>/dev/null

# Several at once: the cases are counted again when they are shown.
# shellcheck disable=SC2086
{
	(try_all list tunps -J) >"$dir/list.tap"
	(try_all plan tunkill -n $a) >"$dir/plan.tap"
	(try_all asked tunps --check $a) >"$dir/asked.tap" &
	(try_all checked tuncheck $b) >"$dir/checked.tap"
	wait $!
}
for part in list plan asked checked; do
	grep '^#' "$dir/$part.tap"
	while read -r line; do
		case $line in
		'ok '*) result 0 "${line#* - }" ;;
		'not ok '*) result 1 "${line#* - }" ;;
		esac
	done <"$dir/$part.tap"
done

done_testing
