#!/bin/sh
# SPDX-License-Identifier: ISC
#
# tunrun, interrupted at any moment: it either has done its work and ends by
# itself, or dies of the signal and leaves nothing.

. "$(dirname "$0")/sshd.sh"

require pgrep
timeout --preserve-status --foreground -s INT 5 true 2>/dev/null ||
    skip_all "no timeout(1) of GNU"
sshd_start || skip_all "$sshd_why"
t=tun$$
# A signal while ASan's leak detector looks stops both for ever.
export ASAN_OPTIONS=detect_leaks=0

# How many milliseconds one takes that is left alone: past that there is
# nothing to interrupt.
begin=$(date +%s%N)
timeout 30 tunrun -q -F "$dir/config" -J "$t-hop" -fN -L "$dir/s.0:$target" \
    "$t-0" </dev/null 2>"$dir/err" || skip_all "tunrun: $(cat "$dir/err")"
whole=$((($(date +%s%N) - begin) / 1000000))

# once N: signalled after some part of that time, alone or, as a terminal
# does it, with its group.  Says what came of it.
cat >"$dir/once" <<'END'
i=$1
case $((i % 4)) in
0) sig=INT ;; 1) sig=TERM ;; 2) sig=HUP ;; 3) sig=QUIT ;;
esac
group=--foreground jump=
[ $((i / 4 % 2)) -eq 0 ] || group=
[ $((i / 8 % 2)) -eq 0 ] || jump="-J $t-$i-hop"
ms=$((i * whole * 5 / 4 / 100))
timeout --preserve-status $group -k 60 -s $sig \
    "$(printf '%d.%03d' $((ms / 1000)) $((ms % 1000)))" \
    tunrun -F "$dir/config" $jump -fN -L "$dir/s.$i:$target" "$t-$i" \
    >"$dir/out.$i" 2>"$dir/err.$i" </dev/null
status=$?
pid=$(cat "$dir/out.$i")
left=$(pgrep -f "$t-$i( |-hop|\$)" | paste -sd ' ' -)
case $status in
0)	if cat "/proc/$pid/cmdline" 2>/dev/null | tr '\0' ' ' |
	    grep -q "/s\.$i:"; then
		echo done
		kill "$pid"
	elif [ -z "$group$left" ] && [ -n "$jump" ]; then
		# The helper is in the group that got the signal: it came
		# when tunrun had ended already.
		echo done
	else
		echo "$i: wrong: $pid"
	fi ;;
130|143|129|131)
	[ -z "$left" ] && echo interrupted ||
	    echo "$i: SIG$sig after $ms ms leaves $left" ;;
*)	echo "$i: SIG$sig after $ms ms: $status, $left $(cat "$dir/err.$i")" ;;
esac
END
export dir t target whole
i=0
while [ $i -lt 100 ]; do
	i=$((i + 1))
	echo $i
done | xargs -P 4 -n 1 sh "$dir/once" >"$dir/seen" 2>&1
is "a hundred times: done, or nothing is left" \
    "$(grep -vx 'done\|interrupted' "$dir/seen")" ""
note "$(sort "$dir/seen" | uniq -c | tr -s ' ' | paste -sd ' ' -), $whole ms"
ok "  and some were interrupted" grep -qx interrupted "$dir/seen"

# If the PID cannot be printed, the tunnel is ended.
p=$(free_port)
if can "standard output is full" "no /dev/full" test -c /dev/full; then
	tunrun -F "$dir/config" -fN -L "$p:$target" "$t-full" >/dev/full \
	    2>"$dir/err" </dev/null
	is "standard output is full: said" "$? $(cat "$dir/err")" \
	    "3 tunrun: standard output: No space left on device"
	is "  and nothing is left" "$(pgrep -f "$t-full")" ""
fi
mkfifo "$dir/fifo"
true <"$dir/fifo" &
{
	wait_for gone $! # the only reader
	tunrun -F "$dir/config" -fN -L "$p:$target" "$t-pipe" 2>"$dir/err" \
	    </dev/null
	echo $? >"$dir/status"
} >"$dir/fifo"
is "nobody reads it: SIGPIPE" "$(cat "$dir/status" "$dir/err")" 141
is "  and nothing is left" "$(pgrep -f "$t-pipe")" ""

done_testing
