#!/bin/sh
# SPDX-License-Identifier: ISC
#
# flaky.sh: is a test red now and then?  Runs all tests ROUNDS times (10) beside
# LOAD busy processes (4), shows what failed, and how long each round took.

set -u
cd "$(dirname "$0")/.." || exit 1

rounds=${ROUNDS:-10} load=${LOAD:-4}
log=$(mktemp) || exit 1
busy='' red=0 round=0

end() {
	# shellcheck disable=SC2086
	kill $busy 2>/dev/null
	rm -f "$log"
}
trap end EXIT
trap 'exit 1' HUP INT TERM

while [ "$load" -gt 0 ]; do
	# It ends with this script, also if that is killed.
	while kill -0 $$ 2>/dev/null; do :; done &
	busy="$busy $!"
	load=$((load - 1))
done
while [ "$round" -lt "$rounds" ]; do
	round=$((round + 1))
	start=$(date +%s)
	result=green
	"${MAKE:-make}" check >"$log" 2>&1 </dev/null || {
		result=red
		red=$((red + 1))
		awk '/^\[/ { on = /FAILED/ } on && !/^    ok/' "$log"
	}
	echo "round $round of $rounds: $result, $(($(date +%s) - start)) s:" \
	    "$(tail -n 1 "$log")"
done
echo "$((rounds - red)) of $rounds rounds are green"
[ "$red" -eq 0 ]
