#!/bin/sh
# SPDX-License-Identifier: ISC
#
# A walk may cost 3.1 system calls a process, 25 a candidate and 400 more, and
# memory that does not grow with the table.  Counted, not timed: no noise.

. "$(dirname "$0")/../tools/lib.sh"

has_live || skip_all "no live system in this build"
if [ "$(id -u)" -ne 0 ] || ! unshare -fpmn --mount-proc true 2>/dev/null; then
	skip_all "needs root and namespaces of its own"
fi
command -v strace >/dev/null || skip_all "needs strace"
! sanitized "$top/tests/walk" || skip_all "a sanitizer makes calls of its own"
export dir

# inside N M: PID 1 of a namespace with N processes, M of them candidates,
# counts what a walk over them costs.  The leash is a fifo that PID 1 holds
# open; when it ends, all end.
cat >"$dir/inside" <<'END'
leash=$dir/leash
mkfifo "$leash"
exec 9<>"$leash"
mktun -x "$dir/budget-ssh" -- ssh -N host <"$leash" 9<&- >"$dir/ready" &
until [ -s "$dir/ready" ]; do sleep 0.01; done
i=1
while [ "$i" -lt "$2" ]; do
	"$dir/budget-ssh" -s -u "$dir/sock$i" -- ssh -fN host \
	    <"$leash" 9<&- >>"$dir/ready" &
	i=$((i + 1))
done
until [ "$(wc -l <"$dir/ready")" -eq "$2" ]; do sleep 0.01; done
# A shell that waits for the leash is as good a process as any.
while [ "$i" -lt "$1" ]; do
	read -r _ <"$leash" 9<&- &
	i=$((i + 1))
done
walk budget-ssh >"$dir/result"
strace -f -qq -c -U calls,name -o "$dir/calls" "$(command -v walk)" \
    budget-ssh >/dev/null
END

for n in 200 2000; do
	rm -f "$dir/leash" "$dir/ready" "$dir/budget-ssh" "$dir"/sock*
	timeout 120 unshare -fpmn --kill-child --mount-proc \
	    sh "$dir/inside" "$n" 10 2>"$dir/err"
	read -r found rss <"$dir/result"
	calls=$(awk '$2 == "total" { print $1 }' "$dir/calls")
	limit=$((31 * n / 10 + 25 * 10 + 400))
	is "N=$n: ten candidates found" "$found" 10
	note "N=$n M=10: $calls calls of $limit, $rss KB"
	[ "$calls" -gt "$n" ] && [ "$calls" -le "$limit" ]
	result $? "N=$n: more than $n system calls, at most $limit" ||
	    note "$(cat "$dir/err")"
	eval "rss$n=$rss"
done
# shellcheck disable=SC2154
[ "$rss2000" -le $((rss200 * 11 / 10)) ]
result $? "memory does not grow with the table"

done_testing
