#!/bin/sh
# shellcheck disable=SC2016
# SPDX-License-Identifier: ISC
#
# Fifty tunnels at once, some stopped, some ending by themselves meanwhile:
# all of them end, and nothing else does.

. "$(dirname "$0")/end.sh"

# start NAME COUNT: five at a time, that the machine can breathe.
start() {
	i=0
	while [ "$i" -lt "$2" ]; do
		launchers=
		for _ in 1 2 3 4 5; do
			i=$((i + 1))
			ssh -F "$dir/config" -fN -L "$(free_port):$target" \
			    "$1" </dev/null >/dev/null 2>&1 &
			launchers="$launchers $!"
		done
		for launcher in $launchers; do
			wait "$launcher" || note "ssh: status $?"
		done
	done
}

all_ended() {
	while read -r each; do
		ended "$each" || return 1
	done <"$1"
}

none_ended() {
	while read -r each; do
		! ended "$each" || return 1
	done <"$1"
}

start tun$$-bystander 5
start tun$$-storm 50
tunps -t tun$$-bystander >"$dir/others"
tunps -n -r -o pid,listen tun$$-storm | sort -u >"$dir/storm"
cut -d ' ' -f 1 "$dir/storm" >"$dir/pids"
is "fifty tunnels" "$(wc -l <"$dir/pids" | tr -d ' ')" 50
sleep 600 >/dev/null 2>&1 &
echo $! >>"$dir/others"
remember $!

awk 'NR % 5 == 1' "$dir/pids" | xargs kill -STOP
# Of five one ends by itself after it was looked at and before anything is
# done, and one while the others are signalled.
awk 'NR % 5 == 2' "$dir/pids" >"$dir/early"
awk 'NR % 5 == 3' "$dir/pids" >"$dir/late"
mkfifo "$dir/answers"
tunkill -a -i -J tun$$-storm <"$dir/answers" >"$dir/json" 2>"$dir/asked" &
killer=$!
exec 8>"$dir/answers"
wait_for grep -q 'do it' "$dir/asked"
xargs kill <"$dir/early"
wait_for all_ended "$dir/early"
xargs -n 1 kill <"$dir/late" 2>/dev/null &
late=$!
yes 2>/dev/null >&8 &
yes=$!
exec 8>&-
wait "$killer"
status=$?
kill "$yes" 2>/dev/null
wait "$late" "$yes" 2>/dev/null
results="$(grep -o '"result": "[a-z ]*"' "$dir/json" | sort | uniq -c |
    tr -s ' \n' ' ')"
note "$results"
is "some have ended, and some by themselves" "$status" 64
unlike "  each has ended or was gone" "$results" 'failed|refused|back|sent'
gone=$(grep -c '"result": "gone"' "$dir/json")
ok "  those of before are not ours" test "$gone" -ge 10 -a "$gone" -le 20
ok "all are gone" all_ended "$dir/pids"
is "none is listed" "$(tunps -a -c tun$$-storm)" 0
busy=
while read -r _ listen; do
	silent "${listen##*:}" || busy="$busy $listen"
done <"$dir/storm"
is "all ports are free" "$busy" ""
ok "nothing else has ended" none_ended "$dir/others"

done_testing
