#!/bin/sh
# SPDX-License-Identifier: ISC
#
# States of links that fail, and asking the peer, between two network
# namespaces of our own: this script's, and one where the sshd is.  They go
# with their last process.  Numbers are those of the scenarios.
#
# What takes minutes is seen in a recorded table that was made older;
# TEST_SLOW=1 waits instead.

. "$(dirname "$0")/two_machines.sh"

ours=198.18.0.1 theirs=198.18.0.2
two_machines "$ours" "$theirs"

cut_link || skip_all "nft makes no rules here"
restore

# Seconds that a link stays lossy, and that one may take to recover.
if [ -n "${TEST_SLOW:-}" ]; then
	lossy=64 recovery=200
else
	lossy=4 recovery=60
fi

# An echo where the sshd is.  Not by server(): a shell of its own would be
# what is ended, and the echo stay.
echo_port=$(free_port)
nsenter --target "$sshd_pid" --net "$top/tests/peer" echo "$echo_port" \
    >"$dir/echo" 2>&1 </dev/null &
remember $!
wait_for test -s "$dir/echo"
target=127.0.0.1:$echo_port

# link TUNNEL ARGS...: one that will be cut; its port in $p.
link() {
	word=$1
	shift
	p=$(free_port)
	tunnel "$word" -L "127.0.0.1:$p:$target" "$@"
}

# lar PID: how long ago its peer was heard of, ms.
lar() {
	ss -Htnpi "dport = :$sshd_port" | awk -v pid="pid=$1," '
	index($0, pid) { ours = 1; next }
	ours { sub(/.*lastack:/, ""); print $1; exit }'
}
silent_for() {
	silence=$(lar "$1")
	[ -n "$silence" ] && [ "$silence" -ge "$2" ]
}

# probes PID: unanswered keepalives of its connection.
probes() {
	tabrec "$1" | sed -n "/peer=$theirs:$sshd_port /s/.* probes=\([0-9]*\).*/\1/p"
}

now_ms() {
	date +%s%3N
}

# heard PID: from its peer since we asked, or so shortly before that there was
# no need to.
heard() {
	age=$(lar "$1")
	[ "$age" -le $(($(now_ms) - asked_at + 1500)) ]
}

# asked SELECTOR: its state after its peer was asked, and in how many ms.
asked() {
	asked_at=$(now_ms)
	answer=$(ask -p "$@")
	took=$(printf '%s\n' "$answer" | sed -n 's/.* in \([0-9]*\) ms$/\1/p' |
	    head -n 1)
	answer=$(printf '%s\n' "$answer" | cut -d ' ' -f 2 | tr '\n' ' ' |
	    sed 's/ $//')
}

# --- level 2 on links that work

# All at once, for each has to be silent for a while first.
link plain
plain=$pid
link nokeep -o TCPKeepAlive=no
nokeep=$pid
link jump -J "$me-hop"
hop=$(ps -axo pid=,args= | awk -v hop="$me-hop" '
    $2 ~ /ssh$/ && $NF == hop { print $1 }')
link nc -o ProxyCommand="peer relay %h %p"
relay=$(ps -axo pid=,args= | awk -v host="relay $theirs $sshd_port" '
    /^ *[0-9]+ [^ ]*peer / && index($0, host) { print $1 }')
tunnel master -M -S "$dir/m" -L "127.0.0.1:$(free_port):$target"
master=$pid
link half
half=$pid
link idle
for process in $plain $nokeep $hop $relay $master $half $pid; do
	wait_for silent_for "$process" 1600
done

# settings: of all their sockets.
settings() {
	for process in $plain $nokeep $hop $relay $master $half $pid; do
		peer settings "$process"
	done
}
before=$(settings)
like "one of them has no keepalive" "$before" 'keepalive=0'
asked -t 60000 "$me-plain"
is "asked, it is alive" "$answer" alive
ok "before its time is over ($took ms)" test "$took" -lt 50000
ok "that peer had something to say" heard "$plain"
asked "$me-nokeep"
is "without TCPKeepAlive, too" "$answer" alive
asked "$me-jump" "$me-nc"
is "through a jump helper and through another program" "$answer" \
    "alive alive"
ok "  the one peer had something to say" heard "$hop"
ok "  the other, too" heard "$relay"
is "a master and its peer" "$(ask -m -p "$me-master" | cut -d ' ' -f 2,3)" \
    "alive ok"
is "what their sockets were set to is back" "$(settings)" "$before"

# --- 22, 55: an idle link is cut

for process in $plain $nokeep $hop $relay; do
	wait_for silent_for "$process" 1600
done
cut_link
is "22: nothing to see" "$(state "$me-idle")" up
record "$pid" "$dir/idle"
older "$dir/idle" 61 >"$dir/idle.61"
older "$dir/idle" 3600 >"$dir/idle.3600"
is "22: a minute later it is quiet" \
    "$(ask -T "$dir/idle.61" "$pid" | cut -d ' ' -f 2)" quiet
is "22: an hour later, too" \
    "$(ask -T "$dir/idle.3600" "$pid" | cut -d ' ' -f 2)" quiet
ok "22: and not stale" not tunps --table "$dir/idle.3600" -a -q --stale \
    -p "$pid"
asked "$me-idle"
is "22: asked, it is broken" "$answer" broken
ok "22: after 3 s, not much later ($took ms)" test "$took" -lt 20000
ok "22: and two questions" test "$(probes "$pid")" -ge 2
# The others have been silent as long, and share the three seconds.
asked "$me-plain" "$me-nokeep" "$me-jump" "$me-nc"
is "22: so are all others; another program may have other ways" \
    "$answer" "broken broken broken stalled"
ok "22: nor is that much later ($took ms)" test "$took" -lt 20000
is "22: what their sockets were set to is back" "$(settings)" "$before"
ask -p "$me-plain" "$me-nokeep" >/dev/null &
other=$!
asked "$me-plain" "$me-nokeep"
wait "$other"
is "22: also by two who ask at once" "$(settings)" "$before"
asked -t 1200 "$me-master"
is "22: two questions need more than a second: not known" "$answer" '?'
idle=up
if [ -n "${TEST_SLOW:-}" ]; then
	idle=quiet
	WAIT_SECONDS=70 wait_for silent_for "$pid" 61000
	is "22: after a real minute, quiet" "$(state "$me-idle")" quiet
	ok "22: not stale" not stale "$pid"
fi
restore
is "55: restored, the old probes say nothing" \
    "$(test "$(probes "$pid")" -ge 2 && state "$me-idle")" "$idle"
record "$pid" "$dir/idle"
older "$dir/idle" 130 >"$dir/idle.130"
is "55: nor 130 s later" \
    "$(ask -T "$dir/idle.130" "$pid" | cut -d ' ' -f 2)" quiet
asked -t 60000 "$me-idle"
is "55: asked again, it is alive" "$answer" alive
ok "55: before its time is over ($took ms)" test "$took" -lt 50000
is "55: no probe is left" "$(probes "$pid")" ""
is "55: what their sockets were set to is back" "$(settings)" "$before"

# --- 23, 24: something waits to be sent

link busy
start_peer hold 1 127.0.0.1 "$p" x
comes_to "23: a connection" 1 conns "$me-busy"
end_peer
cut_link
start_peer hold 1 127.0.0.1 "$p" hello
now=$(state "$me-busy")
if silent_for "$pid" 5000; then
	skip "23: cut just now" "5 s had passed: $now"
else
	like "23: cut just now" "$now" '^(up|quiet)$'
fi
before=$(peer settings "$pid")
asked "$me-busy"
like "23: data on its way is the question, and nobody acknowledges it" \
    "$answer" '^(\?|stalled)$'
ok "23: which took 3 s ($took ms)" test "$took" -ge 2900
is "23: its settings are untouched" "$(peer settings "$pid")" "$before"
comes_to "23: five seconds later it is stalled" stalled state "$me-busy"
ok "23: suspect" suspect "$pid"
ok "23: not stale" not stale "$pid"
record "$pid" "$dir/busy"
older "$dir/busy" 120 >"$dir/busy.120"
is "23: two minutes later it is broken" \
    "$(ask -T "$dir/busy.120" "$pid" | cut -d ' ' -f 2)" broken
ok "23: and stale" tunps --table "$dir/busy.120" -a -q --stale -p "$pid"
asked -t 60000 "$me-busy"
is "23: what is known bad is not asked" "$answer" stalled
ok "  nor waited for ($took ms)" test "$took" -lt 50000
if [ -n "${TEST_SLOW:-}" ]; then
	WAIT_SECONDS=130 wait_for silent_for "$pid" 120000
	WAIT_SECONDS=90 comes_to "23: after real minutes, broken" broken \
	    state "$me-busy"
	ok "23: and stale" stale "$pid"
fi
restore
WAIT_SECONDS=$recovery comes_to "24: restored, it recovers" up \
    state "$me-busy"
unset WAIT_SECONDS
ok "24: not stale" not stale "$pid"
end_peer

# The same on a path, in a master and through a jump host.
waits() {
	start_peer hold 1 "$1" "$2" x
	comes_to "23: $word: a connection" 1 conns "$me-$word"
	end_peer
	ends="$ends $1/$2"
}
ends=
tunnel unix -L "$dir/waits:$target"
waits "$dir/waits" 0
link cm -M -S "$dir/waits-cm"
waits 127.0.0.1 "$p"
link hopped -J "$me-hop"
waits 127.0.0.1 "$p"
cut_link
for each in $ends; do
	start_peer hold 1 "${each%/*}" "${each##*/}" hello
done
asking=
for word in unix cm hopped; do
	tunps -aq --check "$me-$word" 2>/dev/null &
	asking="$asking $!"
done
for each in $asking; do
	wait "$each"
	like "23: --check does not call it healthy" $? '^[34]$'
done
restore

# --- 25: ServerAliveInterval

link alive -o ServerAliveInterval=1 -o ServerAliveCountMax=2
is "25: up" "$(state "$me-alive")" up
cut_link
ok "25: cut, it ends by itself" wait_for ended "$pid"
restore

# --- 26: a link that loses much

link lossy
# The cut has made the others wait: only this one counts.
cut_link both "numgen random mod 100 < 40 drop"
start_peer hold 1 127.0.0.1 "$p" hello
end=$(($(date +%s) + lossy)) seen=
while [ "$(date +%s)" -lt "$end" ]; do
	seen="$seen $(state "$me-lossy")"
	kill "$peer" 2>/dev/null
	start_peer hold 1 127.0.0.1 "$p" hello
	! stale "$pid" || seen="$seen STALE"
done
unlike "26: 40 % loss is never taken for the end" "$seen" \
    'broken|closed|STALE'
note "26: $(printf '%s\n' "$seen" | tr ' ' '\n' | sort | uniq -c | tr '\n' ' ')"
restore
end_peer

# --- 27: the peer has forgotten

pid=$half
port=$(local_port "$pid")
wait_for silent_for "$pid" 1600
cut_link
sessions_of=$(serving "$port")
if [ -n "$sessions_of" ] && server ss -K "dport = :$port" >/dev/null 2>&1 &&
    [ -z "$(server ss -Htn "dport = :$port")" ]; then
	# shellcheck disable=SC2086 # two processes, one connection
	kill -KILL $sessions_of 2>/dev/null
	restore
	like "27: the server was restarted: nothing to see" \
	    "$(state "$me-half")" '^(up|quiet)$'
	asked "$me-half"
	like "27: asked, it is over" "$answer" '^(closed|gone)$'
	ok "27: and ends by itself" wait_for ended "$pid"
else
	restore
	skip "27: the server was restarted" "ss -K is not to be had"
fi

# --- 28: the server's process hangs, its kernel does not

link mute -o ServerAliveInterval=1 -o ServerAliveCountMax=1000
sessions_of=$(serving "$(local_port "$pid")")
for session in $sessions_of; do
	stop "$session"
done
start_peer hold 1 127.0.0.1 "$p" hello
comes_to "28: a stopped server is mute" mute state "$me-mute"
ok "28: suspect" suspect "$pid"
ok "28: not stale" not stale "$pid"
is "28: asked, its kernel answers, it stays mute" \
    "$(ask -p "$me-mute" | grep -c 'mute none.*kernel has answered')" 1
if [ -n "${TEST_SLOW:-}" ]; then
	link slowmute
	more=$(serving "$(local_port "$pid")")
	for session in $more; do
		stop "$session"
	done
	start_peer hold 1 127.0.0.1 "$p" hello
	WAIT_SECONDS=40 comes_to "28: by an unread channel alone" mute \
	    state "$me-slowmute"
	sessions_of="$sessions_of $more"
fi
# shellcheck disable=SC2086 # PIDs
kill -CONT $sessions_of
comes_to "28: it goes on" up state "$me-mute"
end_peer

# --- a connection of another as its standard input; a link that is a master's

# given WORD FDS ARGS...: these descriptors of an ssh are one end of a
# connection, whose other end says something that nobody may read and closes;
# not for -W, which reads it and would end.
cat >"$dir/given" <<'END'
use Socket;
my @fds = split //, shift;
socket(L, PF_INET, SOCK_STREAM, 0);
bind(L, sockaddr_in(0, INADDR_LOOPBACK)) && listen(L, 1) or die "$!";
socket(C, PF_INET, SOCK_STREAM, 0);
connect(C, getsockname(L)) or die "$!";
accept(S, L) or die "$!";
if (fork == 0) {
	close($_) for *L, *C;
	for my $fd (@fds) {
		open(STDIN, '<&', S) if $fd == 0;
		open(STDOUT, '>&', S) if $fd == 1;
		open(STDERR, '>&', S) if $fd == 2;
	}
	exec('setsid', @ARGV);
}
close(S);
syswrite(C, 'x' x 10000);
shutdown(C, 1) if @fds != 2;
alarm(60);
sleep;
END
given() {
	word=$1 fds=$2
	shift 2
	perl "$dir/given" "$fds" ssh -F "$dir/config" "$@" "$me-$word" \
	    </dev/null >/dev/null 2>&1 &
	remember $!
	wait_for is_now 1 tunps -a -c "$me-$word"
	wait_for is_now up state "$me-$word"
	given="$given $(pid_of "$me-$word")"
}
given=
given in 0 -N -L "127.0.0.1:$(free_port):$target"
given inout 01 -W "$target"
given all 012 -N -D "$(free_port)"
given err 2 -N -R "$(free_port):$target"

# Through a master: by -J, by -W and by a command that is no ssh.
cat - "$dir/config" >"$dir/shared" <<END
Host $me-gw
    HostName $theirs
    ControlMaster auto
    ControlPersist yes
    ControlPath $dir/gw
END
ssh -F "$dir/shared" "$me-gw" true >"$dir/ssh.log" 2>&1 </dev/null
# through WORD ARGS...
through() {
	word=$1
	shift
	ssh -F "$dir/shared" -fN "$@" "$me-$word" >"$dir/ssh.log" 2>&1 \
	    </dev/null || note "ssh $*: $(cat "$dir/ssh.log")"
	remember "$(pid_of "$me-$word")"
}
through by-j -J "$me-gw" -L "127.0.0.1:$(free_port):$target"
through by-w -o "ProxyCommand=ssh -F $dir/shared -W %h:%p $me-gw" \
    -D "$(free_port)"
through by-nc -o "ProxyCommand=ssh -F $dir/shared $me-gw \
'$top/tests/peer' relay %h %p" -R "$(free_port):$target"
gw=$(tunps -a -t "$dir/gw" | head -n 1)
remember "$gw"
others="$me-by-j $me-by-w $me-by-nc"
all="$me-in $me-inout $me-all $me-err $others $gw"
for process in $given $gw; do
	wait_for silent_for "$process" 1600
done
# shellcheck disable=SC2086 # words
asked $all
is "a connection of another, a master's link: alive" "$answer" \
    "alive alive alive alive alive alive alive alive"
for process in $given; do
	ok "  and not stale" not stale "$process"
done
stop "$gw"
is "the master is stopped: so are they" \
    "$(for word in $others; do state "$word"; done | sort -u)" stopped
kill -CONT "$gw"
for process in $given $gw; do
	wait_for silent_for "$process" 1600
done
cut_link
# shellcheck disable=SC2086
asked $all
is "  cut: broken" "$answer" \
    "broken broken broken broken broken broken broken broken"
# shellcheck disable=SC2086
run tuncheck -x $all
is "  tuncheck -x, too" "$status $(printf '%s\n' "$out" | grep -c ': broken')" \
    "4 8"
restore

# --- a master in another network namespace

x=$(free_port)
server ssh -F "$dir/config" -fNM -S "$dir/there" -L "$x:127.0.0.1:1" \
    "$me-there" </dev/null >/dev/null 2>&1
remember "$(pid_of "$me-there")"
works "is asked by its socket" tunkill "L$x"
is "  and listens no more" "$(server ss -Hltn "sport = :$x")" ""

done_testing
