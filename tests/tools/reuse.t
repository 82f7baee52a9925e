#!/bin/sh
# shellcheck disable=SC2016
# SPDX-License-Identifier: ISC
#
# Numbers of processes that are given again between look and signal: by the
# library a hundred times, and by tunkill while it waits for an answer.

# shellcheck source=tests/tools/lib.sh
. "$(dirname "$0")/lib.sh"

has_live || skip_all "no live system in this build"
command -v unshare >/dev/null || skip_all "no unshare"
[ -x "$top/tests/reuse" ] || skip_all "no reuse"
in_namespace() {
	timeout 50 unshare ${map:+-Ur} -pf --mount-proc "$@"
}
map=
[ "$(id -u)" -eq 0 ] || map=yes
in_namespace sh -c 'echo 100 >/proc/sys/kernel/ns_last_pid' 2>/dev/null ||
	skip_all "no PID namespace whose numbers can be chosen"

mkdir "$dir/bin"
cp "$top/tests/reuse" "$dir/bin/ssh"
run in_namespace reuse "$dir/bin/ssh" 100
is "held or not, a successor is never signalled" "$out" \
    "ok 1 - a number given again is nobody's victim, 100 times
1..1" || note "$err"

# The tunnel ends while tunkill asks, and another ssh gets its number.
cat >"$dir/inner" <<'END'
cd "$1" || exit 2
mkfifo answer
setsid "$1/bin/ssh" -N -L 1:h:1 tun-reuse </dev/null >/dev/null 2>&1 &
first=$!
until [ "$(tunps -a -t tun-reuse 2>/dev/null)" = "$first" ]; do
	sleep 0.05
done
tunkill -i tun-reuse <answer 2>asked &
killer=$!
exec 7>answer
until grep -q 'do it' asked; do
	sleep 0.05
done
kill -KILL "$first"
wait "$first" 2>/dev/null
n=0
while [ "$n" -lt 100 ]; do
	echo $((first - 1)) >/proc/sys/kernel/ns_last_pid
	"$1/bin/ssh" -N -L 1:h:1 tun-reuse </dev/null >/dev/null 2>&1 7>&- &
	second=$!
	[ "$second" -ne "$first" ] || break
	kill "$second"
	n=$((n + 1))
done
echo y >&7
wait "$killer"
echo "status $?"
[ "$second" -eq "$first" ] && echo "the same number"
kill -0 "$second" && echo "lives"
kill -KILL "$second"
END
run in_namespace sh "$dir/inner" "$dir"
is "tunkill knows a successor from what it showed" "$out" "status 1
the same number
lives"
like "  and says that the tunnel is gone" "$(cat "$dir/asked")" \
    "ssh [0-9]* had ended by itself"

done_testing
