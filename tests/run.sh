#!/bin/sh
# SPDX-License-Identifier: ISC
#
# run.sh test ...: run programs and scripts that speak TAP, one line each, and
# close with the sum.  A test that ends badly, says 'not ok', or runs another
# number of cases than it planned has failed, and all it said is shown.
#
# TEST_WRAP is a command to run compiled tests under; TEST_SECONDS limits each.

set -u
cd "$(dirname "$0")/.." || exit 1

log=$(mktemp "${TMPDIR:-/tmp}/run.XXXXXX") || exit 1
trap 'rm -f "$log"' EXIT
trap 'exit 1' HUP INT TERM

limit=
! command -v timeout >/dev/null || limit="timeout ${TEST_SECONDS:-300}"

# summary STATUS <log: passed, failed and skipped cases, on one line.
summary() {
	awk -v status="$1" '
	/^1\.\.[0-9]+/ {
		planned = substr($1, 4) + 0
		have_plan = 1
		if (planned == 0 && /[Ss][Kk][Ii][Pp]/)
			skipped++
	}
	/^not ok/ && /# *[Tt][Oo][Dd][Oo]/ { run++; skipped++; next }
	/^not ok/ { run++; failed++ }
	/^ok/ && /# *[Ss][Kk][Ii][Pp]/ { run++; skipped++; next }
	/^ok/ { run++; passed++ }
	END {
		if (!failed && (status != 0 || !have_plan || run != planned))
			failed = 1
		print passed + 0, failed + 0, skipped + 0
	}'
}

# try TEST: run it, add to the sums, show one line or, if it failed, all.
try() {
	case $1 in
	*.t)
		# shellcheck disable=SC2086
		$limit sh "$1" >"$log" 2>&1 </dev/null ;;
	*)
		# shellcheck disable=SC2086
		$limit ${TEST_WRAP:-} "./$1" >"$log" 2>&1 </dev/null ;;
	esac
	status=$?
	# shellcheck disable=SC2046
	set -- "$1" $(summary $status <"$log")
	passed=$((passed + $2)) failed=$((failed + $3)) skipped=$((skipped + $4))

	if [ "$3" -gt 0 ]; then
		echo "$1: FAILED, status $status"
		sed 's/^/    /' "$log"
	elif [ "$4" -gt 0 ]; then
		echo "$1: $2 ok, $4 skipped"
		sed -n 's/^1\.\.0 *# */    /p; s/^ok .*# *\([Ss]kip\)/    \1/p' \
		    "$log" | sort -u
	else
		echo "$1: $2 ok"
	fi
}

passed=0 failed=0 skipped=0
for test; do
	case $test in
	*'*'*)	;;	# a pattern that matched nothing
	*)
		if [ -e "$test" ]; then
			try "$test"
		else
			echo "$test: skipped, not built (no Check library?)"
			skipped=$((skipped + 1))
		fi ;;
	esac
done

echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
