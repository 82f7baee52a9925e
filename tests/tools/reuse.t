#!/bin/sh
# shellcheck disable=SC2016
# SPDX-License-Identifier: ISC
#
# Numbers of processes that are given again between look and signal: in the
# library, and in tunkill while it waits for an answer; a hundred times each.
# And a process that has ended in between.

. "$(dirname "$0")/lib.sh"

has_live || skip_all "no live system in this build"
require unshare
[ -x "$top/tests/reuse" ] || skip_all "no reuse"
in_namespace() {
	timeout 120 unshare ${map:+-Ur} -pf --mount-proc "$@"
}
map=
[ "$(id -u)" -eq 0 ] || map=yes
in_namespace sh -c 'echo 100 >/proc/sys/kernel/ns_last_pid' 2>/dev/null ||
	skip_all "no PID namespace whose numbers can be chosen"

mkdir "$dir/bin"
cp "$top/tests/reuse" "$dir/bin/ssh"
run in_namespace reuse "$dir/bin/ssh" 100
is "held or not, a successor is never signalled" "$out" \
    "ok 1 - a number given again is no process that is held, 100 times
1..1" || note "$err"

# The tunnel ends while tunkill asks, and another process gets its number: an
# ssh with the same words, and in every second round a sleep.
cat >"$dir/inner" <<'END'
cd "$1" || exit 2
rounds=$2 n=0
mkfifo answer

tunnel() {
	exec "$dir/bin/ssh" -N -L 1:h:1 tun-reuse </dev/null >/dev/null 2>&1 7>&-
}
innocent() {
	[ $((n % 2)) -eq 0 ] || exec sleep 600 </dev/null >/dev/null 2>&1 7>&-
	tunnel
}

# successor: start innocents until one has the number.
successor() {
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		echo $((first - 1)) >/proc/sys/kernel/ns_last_pid
		innocent &
		second=$!
		[ "$second" -ne "$first" ] || return 0
		kill -KILL "$second"
		wait "$second"
	done
	echo "round $n: $first is not given again"
	exit 2
}

try() {
	tunnel &
	first=$!
	until grep -q tun-reuse "/proc/$first/cmdline"; do
		:
	done
	: >asked
	tunkill -i tun-reuse <answer 2>asked &
	killer=$!
	exec 7>answer
	until grep -q 'do it' asked; do
		kill -0 "$killer" || exit 2
	done
	kill -KILL "$first"
	wait "$first"
	successor
	echo y >&7
	exec 7>&-
	wait "$killer"
	status=$?
	kill -0 "$second" || echo "round $n: the innocent is gone"
	[ "$status" -eq 1 ] || echo "round $n: status $status"
	grep -q "ssh $first had ended by itself" asked ||
	    echo "round $n: $(cat asked)"
	kill -KILL "$second"
	wait "$second"
}

dir=$1
while [ "$n" -lt "$rounds" ]; do
	n=$((n + 1))
	try 2>/dev/null
done
echo "$n rounds"
END
run in_namespace sh "$dir/inner" "$dir" 100
is "tunkill knows a successor from what it showed, 100 times" "$out" \
    "100 rounds" || note "$err"

# The tunnel ends before tunkill takes hold of it: pidfd_open(2) says so, in one
# of its calls.
cat >"$dir/before" <<'END'
for n in 1 2 3 4; do
	"$1/bin/ssh" -N -L 1:h:1 tun-reuse </dev/null >/dev/null 2>&1 &
	pid=$!
	until grep -q tun-reuse "/proc/$pid/cmdline"; do
		:
	done
	FAULT=pidfd_open:$n:ESRCH FAULT_LOG=$1/log LD_PRELOAD=$2 \
	    tunkill -v tun-reuse 2>/dev/null | sed -n "s/ $pid / PID /;/nothing/p"
	kill -KILL "$pid" 2>/dev/null
	wait "$pid"
done 2>/dev/null | uniq
END
preload=$top/tests/faults.so
if [ -e "$preload" ] && LD_PRELOAD=$preload tunkill -V >/dev/null 2>&1; then
	run in_namespace sh "$dir/before" "$dir" "$preload"
	is "nothing is to be done where it has ended" "$out" \
	    "L1: nothing to do: ssh PID had ended by itself" || note "$err"
else
	skip "nothing is to be done where it has ended" "no tests/faults.so"
fi

done_testing
