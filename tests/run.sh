#!/bin/sh
# SPDX-License-Identifier: ISC
#
# run.sh test ...: run programs and scripts that speak TAP, one line each, and
# close with the sum.  A test that ends badly, says 'not ok', or runs another
# number of cases than it planned has failed, and all it said is shown.
#
# Six times as many run at a time as there are processors, since most of them
# wait for something most of the time.  A script runs in namespaces of its own,
# where that is possible (root on Linux): it sees the processes, ports and mounts
# that it made itself and no others.  Elsewhere one runs at a time, since each
# would see the tunnels of the others.
#
# TEST_WRAP is a command to run compiled tests under; TEST_SECONDS limits each;
# TEST_JOBS is how many run at a time.

set -u

limit=
! command -v timeout >/dev/null || limit="timeout ${TEST_SECONDS:-600}"

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

# apart COMMAND...: run it in namespaces of its own: processes, network (with
# a loopback interface), mounts.  /etc is a copy of its own, since tests make
# users, and by their numbers in such namespaces two would take one name.  Root
# has an empty home there: a shell that sshd starts reads the files of its home,
# and what these run, which may keep a lock, ends with the script.
apart() {
	# shellcheck disable=SC2016
	unshare --pid --net --mount --fork --kill-child --mount-proc sh -c '
		etc=$(mktemp -d "$RUN_DIR/etc.XXXXXX") &&
		    HOME=$(mktemp -d "$RUN_DIR/home.XXXXXX") && export HOME &&
		    mount -t tmpfs etc "$etc" && cp -a /etc/. "$etc" &&
		    mount --bind "$etc" /etc &&
		    sed -i "s|^\\(root:.*\\):[^:]*:\\([^:]*\\)$|\\1:$HOME:\\2|" \
		        /etc/passwd &&
		    ip link set lo up && "$@"' apart "$@"
}

# one TEST: run it, keep its sums, show one line or, if it failed, all.
one() {
	log=$RUN_DIR/$(echo "$1" | tr / _).log
	start=$(date +%s)
	if [ ! -e "$1" ]; then
		echo "$1: skipped, not built (no Check library?)"
		echo 0 0 1 >"$log.sum"
		return
	fi
	# shellcheck disable=SC2086
	case $1 in
	*.t)
		$RUN_APART $limit sh "$1" ;;
	*)
		$limit ${TEST_WRAP:-} "./$1" ;;
	esac >>"$log" 2>&1 </dev/null
	status=$?
	summary $status <"$log" >"$log.sum"
	read -r passed failed skipped <"$log.sum"
	set -- "$1" "$RUN_DIR"/*.sum
	done=$(($# - 1))
	# One write for each test: others write at the same time.
	{
		printf '[%d/%d] %s: ' "$done" "$RUN_COUNT" "$1"
		if [ "$failed" -gt 0 ]; then
			echo "FAILED, status $status, $(($(date +%s) - start)) s"
			sed 's/^/    /' "$log"
		else
			printf '%d ok' "$passed"
			[ "$skipped" -eq 0 ] || printf ', %d skipped' "$skipped"
			echo ", $(($(date +%s) - start)) s"
			sed -n 's/^1\.\.0 *# */    /p
			    s/^ok .*# *\([Ss]kip\)/    \1/p
			    s/^# \(waited in vain\)/    \1/p' "$log" | sort -u
		fi
	} >"$log.said"
	cat "$log.said"
}

if [ "${1-}" = --one ]; then
	RUN_APART=${RUN_APART:+apart}
	one "$2"
	exit 0
fi

cd "$(dirname "$0")/.." || exit 1
RUN_DIR=$(mktemp -d "${TMPDIR:-/tmp}/run.XXXXXX") || exit 1
export RUN_DIR
chmod 755 "$RUN_DIR"
trap 'rm -rf "$RUN_DIR"' EXIT
trap 'exit 1' HUP INT TERM

RUN_APART='' jobs=1
if apart true >/dev/null 2>&1; then
	RUN_APART=1
	jobs=$(($(getconf _NPROCESSORS_ONLN) * 6))
fi
RUN_COUNT=0
for test; do
	case $test in
	*'*'*)	;;	# a pattern that matched nothing
	*)
		RUN_COUNT=$((RUN_COUNT + 1))
		name=$(basename "$test" .t)
		echo "$(cat "$test" "tests/$name.sh" "tests/fixtures/$name.tsv" \
		    2>/dev/null | wc -c) $test" ;;
	esac
done >"$RUN_DIR/tests"
export RUN_APART RUN_COUNT
# The longest scripts start first, so that none runs alone at the end.
# The script and the table of a test count as well.
sort -k 1,1nr "$RUN_DIR/tests" | sed 's/^[^ ]* //' |
    xargs -n 1 -P "${TEST_JOBS:-$jobs}" sh tests/run.sh --one

cat "$RUN_DIR"/*.sum | awk '
	{ passed += $1; failed += $2; skipped += $3 }
	END {
		print passed + 0 " passed, " failed + 0 " failed, " \
		    skipped + 0 " skipped"
		exit failed > 0
	}'
