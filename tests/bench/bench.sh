#!/bin/sh
# SPDX-License-Identifier: ISC
#
# bench.sh [scenario ...]: what tunps costs, against a floor and its peers
#
#	make bench				all of it, about four minutes
#	sh tests/bench/bench.sh scan-2000 own	some of it
#	BENCH=full make bench			more processes, more rounds
#
# Scenarios: scan-N for any N, scan (200, 2000, 10000), seed, match, own,
# cold, threads, socket, start, complete, mux, server, watch, memory.
#
# How to read it.  Milliseconds belong to a machine and an hour, so every row
# is a ratio: the median, over many rounds, of the CPU times of two commands
# in the same round.  The quartiles beside it say how far to trust it; the
# rows "A/A" time one command against itself and should be 1.00.  Beside a
# busy neighbour ratios stay while milliseconds grow; where A/A's quartiles
# are wide, run it again.  "wall" is the same ratio of elapsed time.  A
# target is what a good implementation reaches, the limit after the slash
# what was measured to be possible; met says "no", "yes" or "limit".  No
# time ever makes this script fail.  A command that waits or does not exit
# with 0, or a tunps that finds a wrong number of tunnels, is told under the
# table.
#
#	floor	one walk of /proc and one look at each name: the least that a
#		complete answer costs (floor.c); "floor sshd": the same of the
#		sockets of sshd's sessions.  "floor / pgrep" is there to
#		see that this machine is like others: 0.10 to 0.17
#	seed	the pipeline that people find in cookbooks
#	-o ...	-o user,pid,ppid,cmd, what the seed shows: no sockets needed
#	"per match" and "per session" are slopes: what one more costs, from the
#		least CPU time of the rounds, since a neighbour only ever adds
#	N M S T	processes, tunnels among them, TCP sockets, extra threads
#
# Everything runs in namespaces of its own (unshare(1), as root or not) with
# exactly the processes and sockets that are asked for; they end with their
# PID 1, crowd.c.  As root half of the processes are another user's, and
# rows marked "user" are what that ordinary user gets.
#
# TUNPS, TUNCHECK: the tools, by default those of this tree.  CC as usual.

set -u
LC_ALL=C
export LC_ALL

here=$(cd "$(dirname "$0")" && pwd) || exit 3
top=$(cd "$here/../.." && pwd) || exit 3
: "${BENCH=}"
: "${CC:=cc}"
: "${TUNPS:=$top/tools/tunps}"
: "${TUNCHECK:=$top/tools/tuncheck}"

uid=$(id -u nobody 2>/dev/null || echo 65534)	# the ordinary user
columns=user,pid,ppid,cmd
if [ "$BENCH" = full ]; then
	rounds=101 seconds=20
else
	rounds=31 seconds=4
fi

die() {
	echo "bench: $*" >&2
	exit 3
}

[ "$(uname -s)" = Linux ] || die "needs the namespaces of Linux"

# --- a directory, a way in and a way out ------------------------------------

tmp=$(mktemp -d "${TMPDIR:-/tmp}/bench.XXXXXX") || exit 3
inside=

# unshare takes PID 1 along when it is killed, PID 1 everybody else.
# shellcheck disable=SC2317 # reached by the trap
cleanup() {
	[ -z "$inside" ] || kill -KILL "$inside" 2>/dev/null
	wait
	rm -rf "$tmp"
}
trap cleanup EXIT
trap 'exit 1' HUP INT PIPE TERM

chmod 755 "$tmp"
mkdir -m 1777 "$tmp/ctl" || exit 3

# build NAME FLAGS: static where there is a static libc
build() {
	name=$1
	shift
	set -- -std=c99 -O2 -D_DEFAULT_SOURCE -D_POSIX_C_SOURCE=200809L \
	    -o "$tmp/$name" "$here/$name.c" "$@"
	$CC -static "$@" 2>/dev/null || $CC "$@" || die "cannot build $name"
}

build crowd -pthread
build timer
# These two stand for ordinary programs, so they are linked like one.
for name in floor empty; do
	$CC -std=c99 -O2 -D_DEFAULT_SOURCE -D_POSIX_C_SOURCE=200809L \
	    -o "$tmp/$name" "$here/$name.c" || die "cannot build $name"
done
cp "$tmp/crowd" "$tmp/ssh"
cp "$tmp/crowd" "$tmp/sshd"

# Copies, because the other user need not be able to come here.
tunps=
if [ -x "$TUNPS" ]; then
	cp "$TUNPS" "$tmp/tunps" && tunps=$tmp/tunps
else
	echo "bench: $TUNPS: not built, only its peers are timed" >&2
fi

cat >"$tmp/seed" <<'END'
#!/bin/sh
pgrep -x ssh | xargs -n 1 ps -o user=,pid=,ppid=,args= -p | awk '$3==1'
END
cat >"$tmp/oneliner" <<'END'
#!/bin/sh
pgrep -d, -x ssh | xargs ps -o user=,pid=,ppid=,args= -q
END
# CPU that a watching tunps takes for 30 refreshes, by the scheduler's count.
cat >"$tmp/watching" <<'END'
#!/bin/sh
"$@" >/dev/null 2>&1 &
sleep 8
read -r from rest <"/proc/$!/schedstat" || exit
sleep 6
read -r to rest <"/proc/$!/schedstat" || exit
kill "$!"
echo $(((to - from) / 30000))
END

cat >"$tmp/ask" <<'END'
#!/bin/sh
for path; do
	ssh -S "$path" -O check x
done
END
chmod +x "$tmp/seed" "$tmp/oneliner" "$tmp/ask"

if [ "$(id -u)" = 0 ]; then
	ns='unshare -fpmn'
	others="-u $uid"
	user="setpriv --reuid $uid --regid $uid --clear-groups"
else
	ns='unshare -Urfpmn'
	others=
	user=
fi
$ns --mount-proc true || die "no namespaces to be had here"

# crowd OPTIONS -- COMMAND: the command in a population of its own
crowd() {
	options=
	while [ "$1" != -- ]; do
		options="$options $1"
		shift
	done
	shift
	# shellcheck disable=SC2086 # words, by intent
	$ns --kill-child --mount-proc "$tmp/crowd" $others $options \
	    -d "$tmp" "$@" &
	inside=$!
	wait "$inside"
	status=$?
	inside=
	return "$status"
}

# measure OPTIONS -- NAME=COMMAND ...: as crowd, timed, result in $tmp/out.
# $as may hold a prefix that makes them the ordinary user's.
as=
measure() {
	options=
	while [ "$1" != -- ]; do
		options="$options $1"
		shift
	done
	shift
	# shellcheck disable=SC2086 # words, by intent
	crowd $options -- $as "$tmp/timer" -r "$rounds" -s "$seconds" "$@" \
	    >"$tmp/out" || : >"$tmp/out"
	[ -s "$tmp/out" ] || note "$id: not measured"
}

# --- the table --------------------------------------------------------------

# What goes under the table, so as not to cut it in two.
note() {
	echo "$*" >>"$tmp/notes"
}

heading() {
	printf '%s' '| scenario | what / against | ratio | quartiles ' \
	    '| wall | ms, CPU | target / limit | met |'
	printf '\n|%s\n' "$(printf ' --- |%.0s' 1 2 3 4 5 6 7 8)"
}

# row WHAT AGAINST [TARGET [LIMIT]]: one pair of $tmp/out
row() {
	awk -F '\t' -v id="$id" -v a="$1" -v b="$2" -v hard="${3-}" \
	    -v limit="${4-}" -v remark="${as:+, user}" '
	function ratio(x) {
		return x < 0.05 ? sprintf("%.4f (1/%.0f)", x, 1 / x) : \
		    sprintf("%.2f", x)
	}
	$1 == "cmd" && $2 == a { ms = $3 / 1000 }
	$1 == "pair" && $2 == a && $3 == b {
		r = $4; low = $5; high = $6; wall = $7; found = 1
	}
	END {
		if (!found)
			exit
		met = hard == "" ? "" : r > hard ? "no" : \
		    limit != "" && r <= limit ? "limit" : "yes"
		printf "| %s | %s / %s%s | ", id, a, b, remark
		printf "%s | %.3g-%.3g | %.3g | %.2f | %s | %s |\n", \
		    ratio(r), low, high, wall, ms, \
		    hard == "" ? "" : limit == "" ? sprintf("%.3g", hard) : \
		    sprintf("%.3g / %.3g", hard, limit), met
	}' "$tmp/out"
}

# line WHAT VALUE UNIT [TARGET [LIMIT]]: something that is not a ratio
line() {
	awk -v id="$id" -v what="$1" -v v="$2" -v unit="$3" -v hard="${4-}" \
	    -v limit="${5-}" 'BEGIN {
		if (v == "")
			exit
		met = hard == "" ? "" : v > hard + 0 ? "no" : \
		    limit != "" && v <= limit + 0 ? "limit" : "yes"
		printf "| %s | %s | %s %s | | | | %s | %s |\n", id, what, \
		    sprintf(v < 1000 ? "%.3g" : "%.0f", v), unit, \
		    limit == "" ? hard : hard " / " limit, met
	}'
}

# The noise first, and what did not go well to the notes.
aa() {
	awk -F '\t' -v id="$id" '$1 == "aa" {
		printf "| %s | A/A: %s, %d rounds | %.2f | ", id, $2, $7, $3
		printf "%.3g-%.3g | %.3g | | | |\n", $4, $5, $6
	}' "$tmp/out"
	awk -F '\t' -v id="$id" '
	$1 == "cmd" && $6 != 0 {
		printf "%s: %s: exit status %d\n", id, $2, $6
	}
	$1 == "cmd" && $4 > 5 * $3 && $4 > 100000 {
		printf "%s: %s: waits, %.0f ms for %.0f ms of CPU\n", id, \
		    $2, $4 / 1000, $3 / 1000
	}' "$tmp/out" >>"$tmp/notes"
}

# value FIELD NAME: cpu, least (CPU of all rounds), wall (microseconds) or rss
# (KiB) from $tmp/out
value() {
	awk -F '\t' -v f="$1" -v name="$2" '$1 == "cmd" && $2 == name {
		print f == "cpu" ? $3 : f == "wall" ? $4 : f == "rss" ? $5 : $7
	}' "$tmp/out"
}

calc() {
	awk "BEGIN { printf \"%.6g\", $1 }" 2>/dev/null
}

# count M OPTIONS: a fast answer has to be right, too; $whose are looked for
whose=-e
count() {
	[ -n "$tunps" ] || return 0
	want=$1
	shift
	got=$(crowd "$@" -- "$tunps" "$whose" -t | wc -l)
	[ "$got" -eq "$want" ] ||
		note "$id: tunps $whose finds $((got)) of $want"
}

# --- the scenarios ----------------------------------------------------------

# The names of commands are what stands in the table.
plain='tunps -e -o ...'
mine='tunps -o ...'
scan() {
	n=$1
	id=scan-$n
	case $n in
	200) f='2.7 1.5' p='0.30 0.22' ;;
	2000) f='1.35 1.15' p='0.18 0.14' ;;
	*) f='1.2 1.05' p='0.15 0.125' ;;
	esac
	set -- "floor=$tmp/floor"
	[ -z "$tunps" ] || set -- "$@" \
	    "$plain=$tunps -e -o $columns" "tunps -e=$tunps -e"
	measure -n "$n" -m 10 -- "$@" "pgrep=pgrep -x ssh" \
	    "pgrep, ps -q=$tmp/oneliner"
	aa
	row floor pgrep
	# shellcheck disable=SC2086 # two words each
	{
		row "$plain" floor $f
		row "$plain" pgrep $p
		row "$plain" 'pgrep, ps -q'
		row 'tunps -e' floor
		row 'tunps -e' pgrep
	}
	[ -n "$tunps" ] || return 0
	count 10 -n "$n" -m 10
	[ -n "$user" ] || return 0
	as=$user
	measure -n "$n" -m 10 -- "$@"
	# shellcheck disable=SC2086 # two words
	row "$plain" floor $f
	as=
}

seed() {
	for n in 200 2000 10000; do
		[ "$n" -lt 10000 ] || [ "$BENCH" = full ] || continue
		id=seed-$n
		case $n in
		200) f='0.02857 0.02083' ;;
		2000) f='0.01818 0.01429' ;;
		*) f='0.01538 0.0125' ;;
		esac
		set -- "floor=$tmp/floor"
		[ -z "$tunps" ] || set -- "$@" "$plain=$tunps -e -o $columns"
		measure -n "$n" -m 10 -- "$@" "seed=$tmp/seed"
		aa
		row floor seed
		# shellcheck disable=SC2086 # two words
		row "$plain" seed $f
	done
}

# What one more tunnel costs: the slope from 10 to 1,000.
match() {
	for m in 10 100 1000; do
		id=match-$m
		set -- "floor=$tmp/floor"
		[ -z "$tunps" ] || set -- "$@" \
		    "$plain=$tunps -e -o $columns" "tunps -e=$tunps -e"
		measure -n 2000 -m "$m" -- "$@"
		aa
		row "$plain" floor
		row 'tunps -e' floor
		[ -n "$tunps" ] || continue
		count "$m" -n 2000 -m "$m"
		a=$(calc "$(value least "$plain") - $(value least floor)")
		b=$(calc "$(value least 'tunps -e') - $(value least floor)")
		[ "$m" != 10 ] || a10=$a b10=$b
	done
	[ -n "$tunps" ] || return 0
	id=match
	line "$plain, per match" "$(calc "($a - $a10) / 990")" us
	line "tunps -e, per match" "$(calc "($b - $b10) / 990")" us 80 60
}

own() {
	[ -n "$tunps" ] || return 0
	if [ -z "$user" ]; then
		note "own: needs root, for a second user"
		return
	fi
	for share in 5 50 95; do
		id=own-$share%
		case $share in
		5) f='0.60 0.50' ;;
		50) f='0.95 0.85' ;;
		*) f= ;;
		esac
		as=$user
		measure -n 3000 -m 10 -o "$share" -- "floor=$tmp/floor" \
		    "$mine=$tunps -o $columns" \
		    "$plain=$tunps -e -o $columns"
		aa
		# shellcheck disable=SC2086 # two words
		row "$mine" floor $f
		row "$mine" "$plain"
		row "$plain" floor
		as=
	done
}

# The first run after boot or after memory ran short.
cold() {
	id=cold
	set -- "floor=$tmp/floor" "floor cold=@$tmp/floor"
	[ -z "$tunps" ] || set -- "$@" "$plain=$tunps -e -o $columns" \
	    "$plain cold=@$tunps -e -o $columns"
	measure -n 2000 -m 10 -- "$@" "pgrep cold=@pgrep -x ssh"
	aa
	row 'floor cold' floor
	row "$plain cold" "$plain" 1.9 1.6
	row "$plain cold" 'floor cold'
	row "$plain cold" 'pgrep cold'
}

threads() {
	id=threads
	set -- "floor=$tmp/floor"
	[ -z "$tunps" ] || set -- "$@" "$plain=$tunps -e -o $columns"
	measure -n 2000 -m 10 -t 20000 -- "$@" "pgrep=pgrep -x ssh"
	aa
	row floor pgrep
	row "$plain" floor
	row "$plain" pgrep
}

socket() {
	for s in 1000 10000 50000; do
		id=socket-$s
		case $s in
		50000) a='0.02 0.01' b='0.04 0.02' c='0.10 0.08' ;;
		*) a='' b='' c='' ;;
		esac
		set -- "floor=$tmp/floor"
		[ -z "$tunps" ] || set -- "$@" \
		    "tunps -e -o id,listen=$tunps -e -o id,listen" \
		    "tunps -e -o id,conns=$tunps -e -o id,conns" \
		    "tunps -e -o id,rtt=$tunps -e -o id,rtt" \
		    "tunps -e=$tunps -e"
		if command -v lsof >/dev/null; then
			set -- "$@" "lsof -c ssh=lsof -nP -iTCP -a -c ssh"
		fi
		measure -n 313 -m 100 -s "$s" -- "$@" "ss -tnp=ss -tnp" \
		    "ss -Htlnp=ss -Htlnp"
		aa
		row floor 'ss -tnp'
		# shellcheck disable=SC2086 # two words each
		{
			row 'tunps -e -o id,listen' 'ss -tnp' $a
			row 'tunps -e -o id,conns' 'ss -tnp' $b
			row 'tunps -e -o id,rtt' 'ss -tnp' $c
		}
		row 'tunps -e' 'ss -tnp'
		row 'tunps -e' 'ss -Htlnp'
		row 'tunps -e' 'lsof -c ssh'
	done
}

start() {
	id=start
	set -- "empty=$tmp/empty"
	[ -z "$tunps" ] || set -- "$@" "tunps -V=$tunps -V"
	measure -n 3 -- "$@" "pgrep -V=pgrep -V"
	aa
	row 'pgrep -V' empty
	row 'tunps -V' empty
	row 'tunps -V' 'pgrep -V'
}

# The one absolute number: what a human waits for after TAB.
completion() {
	[ -n "$tunps" ] || return 0
	for n in 200 2000 10000; do
		id=complete-$n
		target=
		[ "$n" -gt 2000 ] || target=20
		as=$user
		measure -n "$n" -m 10 -- \
		    "tunps --complete ''=$tunps --complete ''"
		as=
		aa
		wall=$(value wall "tunps --complete ''")
		[ -z "$wall" ] || line "tunps --complete ''" \
		    "$(calc "$wall / 1000")" 'ms, wall' "$target"
	done
}

memory() {
	[ -n "$tunps" ] || return 0
	id=memory
	save=$rounds
	rounds=3
	first=
	for size in '200 10 0' '10000 10 0' '2000 1000 0' '313 100 1000' \
	    '313 100 50000'; do
		# shellcheck disable=SC2086 # three words
		set -- $size
		measure -n "$1" -m "$2" -s "$3" -- \
		    "$plain=$tunps -e -o $columns" "tunps -e=$tunps -e" \
		    "rtt=$tunps -e -o id,rtt"
		: "${first:=$(value rss 'tunps -e')}"
		where="N=$1 M=$2 S=$3"
		case $size in
		*' 10 0')
			line "$plain, $where" "$(value rss "$plain")" KiB \
			    3584 2560
			line "tunps -e, $where" "$(value rss 'tunps -e')" \
			    KiB 3584 2560 ;;
		*' 1000 0')
			line "tunps -e, $where" "$(value rss 'tunps -e')" KiB
			line "tunps -e, per tunnel" "$(calc \
			    "($(value rss 'tunps -e') - $first) / 990")" \
			    KiB 4 ;;
		*)
			line "tunps -e -o id,rtt, $where" "$(value rss rtt)" \
			    KiB ;;
		esac
		case $size in
		'10000 10 0')
			line "tunps -e, N=10000 / N=200" \
			    "$(calc "$(value rss 'tunps -e') / $first")" \
			    times 1.1 ;;
		*' 1000') few=$(value rss rtt) ;;
		*' 50000')
			line "tunps -e -o id,rtt, 49000 more sockets" \
			    "$(calc "$(value rss rtt) - $few")" KiB 512 ;;
		esac
	done
	rounds=$save
}

# The far end: the sessions of an sshd, each with a -R.  The clients of the real
# ones are processes of the same machine, those of the others are one process.
server() {
	if [ -z "$tunps" ] || [ -z "$user" ]; then
		note "server: needs root and a tunps"
		return
	fi
	set -- "tunps --server=$tunps --server" "ss -tlnp=ss -tlnp" \
	    "floor sshd=$tmp/floor sshd"
	whose=--server target=
	for n in 10 1000; do
		id=server-$n
		measure -r "$n" -- "$@"
		aa
		row 'tunps --server' 'ss -tlnp' "$target"
		row 'floor sshd' 'ss -tlnp'
		row 'tunps --server' 'floor sshd'
		count "$n" -r "$n"
		c=$(value least 'tunps --server')
		[ "$n" != 10 ] || c10=$c
		target=0.5
	done
	whose=-e
	id=server
	line "tunps --server, per session" "$(calc "($c - $c10) / 990")" us
	id=server-real-300
	crowd -n 3 -- sh "$here/sessions.sh" 300 "$tmp/timer" -r "$rounds" \
	    -s "$seconds" "$@" >"$tmp/out" || : >"$tmp/out"
	[ -s "$tmp/out" ] || note "$id: not measured"
	aa
	row 'tunps --server' 'ss -tlnp' 0.5
	row 'floor sshd' 'ss -tlnp'
	row 'tunps --server' 'floor sshd'
}

# One question to each of N masters, as a script would ask it and as we do.
mux() {
	id=mux
	if [ ! -x "$TUNCHECK" ]; then
		note "mux: there is no tuncheck to time"
		return
	fi
	for m in 1 10; do
		id=mux-$m
		paths=$(seq -f "$tmp/ctl/m%g" "$m" | tr '\n' ' ')
		crowd -n 3 -- sh "$here/masters.sh" "$m" "$tmp/ctl" \
		    "$tmp/timer" -r "$rounds" -s "$seconds" \
		    "tuncheck=$TUNCHECK $paths" "ssh -O check=$tmp/ask $paths" \
		    "empty=$tmp/empty" >"$tmp/out" || : >"$tmp/out"
		[ -s "$tmp/out" ] || note "$id: not measured"
		aa
		row tuncheck empty
		case $m in
		1) row tuncheck 'ssh -O check' ;;
		*) row tuncheck 'ssh -O check' 0.05 0.01667 ;;
		esac
	done
}

watch() {
	id=watch
	[ -n "$tunps" ] || return 0
	us=$(crowd -n 10000 -m 10 -- sh "$tmp/watching" \
	    "$tunps" --watch=0.2 -j -e -o "$columns" 2>/dev/null)
	if [ -z "$us" ]; then
		note "watch: there is no tunps --watch to time"
		return
	fi
	measure -n 10000 -m 10 -- "$plain=$tunps -e -o $columns"
	line "tunps --watch, a refresh / $plain" \
	    "$(calc "$us / $(value cpu "$plain")")" times
}

# --- all together -----------------------------------------------------------

machine() {
	cpu=$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)
	ram=$(awk '/^MemTotal/ { printf "%.0f GiB", $2 / 1048576 }' \
	    /proc/meminfo)
	os=$(sed -n 's/^PRETTY_NAME="\(.*\)"/\1/p' /etc/os-release)
	us=
	if [ -n "$tunps" ]; then
		lib=$(ldd "$tunps" | grep -o 'libproc[^.]*' | head -n 1)
		us=" $("$tunps" -V) with ${lib:-/proc alone};"
	fi
	echo "$(uname -srm), $(nproc) x ${cpu:-unknown CPU}, $ram;" \
	    "${os:-unknown system}; $(pgrep -V); $(ss -V);$us" \
	    "$(id -un), $(date -u +%Y-%m-%dT%H:%MZ)"
}

[ $# -gt 0 ] || {
	set -- scan seed match own cold threads socket start complete mux \
	    server watch memory
}
: >"$tmp/notes"
machine
echo
heading
for scenario; do
	case $scenario in
	scan)
		scan 200
		scan 2000
		scan 10000
		[ "$BENCH" != full ] || scan 30000 ;;
	scan-*[!0-9]*|scan-) die "no scenario $scenario" ;;
	scan-*) scan "${scenario#scan-}" ;;
	seed) seed ;;
	match) match ;;
	own) own ;;
	cold) cold ;;
	threads) threads ;;
	socket) socket ;;
	start) start ;;
	complete) completion ;;
	mux) mux ;;
	server) server ;;
	watch) watch ;;
	memory) memory ;;
	*) die "no scenario $scenario" ;;
	esac
done
if [ -s "$tmp/notes" ]; then
	echo
	sort -u "$tmp/notes" | sed 's/^/- /'
fi
exit 0
