#!/bin/sh
# shellcheck disable=SC2016
# SPDX-License-Identifier: ISC
#
# tunkill against real tunnels: each rung of the ladder and each refusal.  What
# is said to have ended is looked for by kill(1) and ss(8), and so is what must
# not have.

# shellcheck source=tests/tools/lib.sh
. "$(dirname "$0")/../tools/lib.sh"
# shellcheck source=tests/live/sshd.sh
. "$(dirname "$0")/sshd.sh"
# shellcheck source=tests/live/end.sh
. "$(dirname "$0")/end.sh"

# --- one tunnel, one forward

p=$(free_port)
tunnel one -L "$p:$target"
one=$pid
run tunkill -n ":$p"
is "-n says what would be done" "$status$err $out" \
    "0 L$p: end ssh $one (tun$$-one) by TERM
    why: named by :$p"
ok "and does nothing" alive "$one"

client=
if command -v nc >/dev/null; then
	mkfifo "$dir/leash"
	nc 127.0.0.1 "$p" <"$dir/leash" >"$dir/nc.out" 2>/dev/null &
	client=$!
	exec 8>"$dir/leash"
	wait_for grep -q SSH "$dir/nc.out"
	run tunkill -n ":$p"
	like "-n names who is connected" "$out" \
	    "with it: 1 connection of L$p: nc\\($client\\)"
	run tunkill -nJ ":$p"
	is "so does -J" "$(printf '%s' "$out" | tr -d ' \n' |
	    grep -o '"clients":\[{"pid":[0-9]*' | grep -o '[0-9]*$')" "$client"
	run tunkill "$client"
	is "the client's PID is no tunnel" "$status" 1
	ok "  and it lives" alive "$client"
fi
run tunkill -e "$p"
is "its port ends it" "$status$err $out" "0 L$p: ended ssh $one"
ok "it is gone" ended "$one"
ok "its port is free" silent "$p"
exec 8>&-
q=$(free_port)
tunnel verbose -L "$q:$target"
run tunkill -v ":$q"
is "-v prints the plan, and what has ended" "$status$err $out" \
    "0 L$q: end ssh $pid (tun$$-verbose) by TERM
    why: named by :$q
L$q: ended ssh $pid"
tunnel json -L "$q:$target"
run tunkill -J ":$q"
is "-J says what came of it" "$status$err $(printf %s "$out" |
    grep -o '"result": "[a-z]*"')" '0 "result": "ended"'
run tunkill ":$p"
is "again: nothing matches" "$status" 1
like "  and that is said" "$err" "$p: no such tunnel"

# --- what is closed already

p=$(free_port) q=$(free_port)
tunnel twice -M -S "$dir/cm-twice" -L "$p:$target" -L "$q:$target"
run tunkill "L$p"
is "a master closes one of its own" "$status$err" 0
run tunkill "L$p"
is "once more: it is closed already" "$status $err" \
    "1 tunkill: L$p: closed already, or it never listened"
run tunkill -n "$p"
is "  and with -n" "$status $out" \
    "1 L$p: nothing to do: closed already, or it never listened
    why: named by $p"
run tunkill --state released -p "$pid"
is "  by its state, too" "$status" 1
run tunkill "L$p" "L$q"
is "  and beside one that was open" "$status $err" \
    "64 tunkill: L$p: closed already, or it never listened"
ok "  which is closed" silent "$q"
ok "  and the master lives" alive "$pid"
kill "$pid"

# once WORD WHY: closed, and closed already, after which nothing is wrong.
once() {
	run tunkill "$1"
	is "of ${1%"${1#?}"}: closed" "$status$err" 0
	run tunkill "$1"
	is "  once more" "$status $err" "1 tunkill: $1: $2"
	exits "  which is no fault" 0 tunps -q --check "$1"
}
p=$(free_port) q=$(free_port) r=$(free_port) s=$(free_port)
tunnel kinds -M -S "$dir/cm-kinds" -o ControlPersist=60 -D "$p" \
    -R "$q:$target" -L "$dir/kinds.sock:$target" -L "[::1]:$r:$target" \
    -L "$s:$target"
once "D$p" "closed already, or it never listened"
once "R$q" "the master: port not forwarded"
once "L$dir/kinds.sock" "closed already, or it never listened"
once "L$r" "closed already, or it never listened"
is "  each in its own row" "$(tunps -anro state -p "$pid" | tr '\n' ' ')" \
    "released up released released up "
run tunkill -a "D$p" "R$q" "L$s"
is "several, of which one was open" "$status" 64
# What was closed, and is another's since, is that other's.
perl -MIO::Socket::INET -e '$s = IO::Socket::INET->new(Listen => 1,
    LocalAddr => "127.0.0.1", LocalPort => shift) or die; alarm(60);
    sleep' "$s" &
other=$!
remember "$other"
wait_for listens "$s"
is "another process takes its port" "$(tunps -anro state "L$s")" taken
run tunkill "L$s"
is "  the master has closed it all the same" "$status $err" \
    "1 tunkill: L$s: the master: port not forwarded"
ok "  and the other lives" alive "$other"
kill "$other" "$pid"

# --- other names of a tunnel, all at once, each in its own time

i=0 killers=
for how in L :L pid dest label; do
	i=$((i + 1))
	p=$(free_port)
	case $how in
	L) tunnel "by$i" -L "$p:$target"; word=l$p ;;
	:L) tunnel "by$i" -L "$p:$target"; word=:$p ;;
	pid) tunnel "by$i" -L "$p:$target"; word=$pid ;;
	dest) tunnel "by$i" -L "$p:$target" -D "$(free_port)"; word=tun$$-by$i ;;
	label)
		TUN_LABEL=kill.$$ tunnel "by$i" -L "$p:$target"
		word=@kill.$$ ;;
	esac
	echo "$how $pid $p" >>"$dir/names"
	tunkill "$word" >"$dir/by.$how" 2>&1 </dev/null &
	killers="$killers $!"
done
for killer in $killers; do
	wait "$killer" || note "status $?"
done
while read -r how victim port; do
	ended "$victim" && silent "$port"
	result $? "named by $how" || note "$(cat "$dir/by.$how")"
done <"$dir/names"

# --- a forward of a tunnel that has others

p=$(free_port) q=$(free_port)
tunnel two -L "$p:$target" -D "$q"
run tunkill ":$p"
is "one forward of two cannot be ended alone" "$status" 3
like "  what else it carries is said, and why" "$err" \
    "L$p: ssh $pid also carries D$q, .*control socket: --whole ends it all"
ok "  and both stay" eval 'listens "$p" && listens "$q"'
run tunkill -n --whole ":$p"
like "--whole -n says what goes with it" "$out" "with it: D$q, localhost:$q"
run tunkill --whole ":$p"
is "--whole ends it" "$status$err" 0
ok "  and both are gone" eval 'silent "$p" && silent "$q"'

# --- a master

p=$(free_port) q=$(free_port) r=$(free_port) s=$(free_port)
u=$dir/u.sock
tunnel master -M -S "$dir/m" -L "$p:$target" -D "$q" -R "$r:$target" \
    -L "$u:$target" -L ":$s:$target"
master=$pid
if command -v nc >/dev/null; then
	mkfifo "$dir/leash2"
	nc 127.0.0.1 "$p" <"$dir/leash2" >"$dir/nc2.out" 2>/dev/null &
	client=$!
	exec 8>"$dir/leash2"
	wait_for grep -q SSH "$dir/nc2.out"
fi
run tunkill -n "L$p"
like "a master is asked to close it" "$out" \
    "L$p: have master ssh $master .tun$$-master. close it"
run tunkill -e "L$p"
is "closed" "$status$err $out" "0 L$p: closed in ssh $master"
ok "  that port is free" silent "$p"
ok "  the others listen" eval 'listens "$q" && listens "$s"'
ok "  the master lives" alive "$master"
if [ -n "$client" ]; then
	ok "  a connection through it lives" alive "$client"
	kill "$client" 2>/dev/null
	wait "$client" 2>/dev/null
	exec 8>&-
fi
run tunkill "D$q" "R$r" "$u"
is "dynamic, remote and unix ones" "$status$err" 0
ok "  dynamic" silent "$q"
ok "  remote, by the server" wait_for silent "$r"
ok "  unix, and its file" test ! -e "$u"
ok "  the master lives" alive "$master"
run tunkill ":$s"
is "an empty bind address is refused" "$status" 3
like "  with the reason" "$err" "bind address is empty"

p=$(free_port)
ssh -F "$dir/config" -S "$dir/m" -O forward -L "$p:$target" tun$$-x 2>/dev/null
ok "a forward added later listens" listens "$p"
run tunkill ":$p"
is "  and is refused" "$status" 3
like "  for want of its target" "$err" \
    "target of L$p is not known.* give it in full .L$p:HOST:PORT., or --whole"
ok "  it stays" listens "$p"
run tunkill -e "$p:$target"
is "  in full it is closed" "$status$err $out" "0 L$p: closed in ssh $master"
ok "  and listens no more" silent "$p"

# A client that stays has the forward in its argv, the master its listener.
q=$(free_port)
mkfifo "$dir/leash3"
ssh -F "$dir/config" -S "$dir/m" -N -L "$q:$target" tun$$-client \
    <"$dir/leash3" >/dev/null 2>&1 &
remember $!
exec 8>"$dir/leash3"
wait_for listens "$q"
wait_for listed tun$$-client
client=$(pid_of tun$$-client)
run tunkill -n tun$$-client
like "of a client it is said what stays" "$out" \
    "stays: L$q.*, where a master listens"
run tunkill "$dir/m"
is "a master with a user is refused" "$status" 3
like "  who is named" "$err" \
    "ssh.$client. = L${q}[^ ]* goes through this master: --sessions"
run tunkill tun$$-client
is "the client ends" "$status$err" 0
ok "  and is gone" ended "$client"
ok "  the master has the port" listens "$q"
exec 8>&-
q=$(free_port)
mkfifo "$dir/leash6"
ssh -F "$dir/config" -S "$dir/m" -N -L "$q:$target" tun$$-master \
    <"$dir/leash6" >/dev/null 2>&1 &
client=$!
remember "$client"
exec 8>"$dir/leash6"
wait_for listens "$q"
wait_for sh -c "[ \$(tunps -a -t tun$$-master | wc -l) -eq 2 ]"
run tunkill -n -a --sessions tun$$-master
like "--sessions: who goes through it goes with it" "$out" \
    "with it: what goes through the master: ssh.$client. = L$q"
run tunkill -a -e --sessions tun$$-master
is "a master and what goes through it end" "$status$err" 0
ok "  both" eval 'ended "$master" && ended "$client"'
exec 8>&-
wait "$client" 2>/dev/null
tunnel master -M -S "$dir/m" -L "$p:$target" -D "$q" -L ":$s:$target"
run tunkill -e "$dir/m"
is "the master ends by its path" "$status$err" 0
ok "  with all its ports" eval 'silent "$p" && silent "$q" && silent "$s"'
ok "  and its socket" test ! -e "$dir/m"

ssh -F "$dir/config" -o ControlMaster=auto -o "ControlPath=$dir/cp" \
    -o ControlPersist=60 -L "$(free_port):$target" tun$$-persist true \
    </dev/null >/dev/null 2>&1
run tunkill "$dir/cp"
is "a ControlPersist master ends by its path" "$status$err" 0
ok "  and its socket is gone" test ! -e "$dir/cp"

# A ControlPersist master leaves copies of its listeners in the ssh that it was
# forked from: it can close its own only.
p=$(free_port)
mkfifo "$dir/leash4"
ssh -F "$dir/config" -o ControlMaster=auto -o "ControlPath=$dir/cp4" \
    -o ControlPersist=60 -L "$p:$target" tun$$-front cat <"$dir/leash4" \
    >/dev/null 2>&1 &
front=$!
remember "$front"
exec 8>"$dir/leash4"
wait_for test -S "$dir/cp4"
wait_for listed "$dir/cp4"
run tunkill "L$p"
is "a port that another ssh still has is not free" "$status" 3
like "  and whose it is is said" "$err" \
    "L$p.*: .*:$p is not free: ssh.$front. listens"
ok "  that one lives" alive "$front"
exec 8>&-
wait_for ended "$front"
run tunkill "$dir/cp4"
is "  and the master ends once that one has" "$status$err" 0

# --- control paths that others have

tunnel lost -M -S "$dir/r" -L "$(free_port):$target" -D "$(free_port)"
old=$pid
rm "$dir/r"
run tunkill "$(tunps -r -n -o id tun$$-lost | head -n 1)"
is "a master without its path cannot be told" "$status" 3
like "  and that is said" "$err" "the path of the control socket is gone"
tunnel new -M -S "$dir/r" -L "$(free_port):$target"
new=$pid
run tunkill -n tun$$-lost
like "a master whose path is another's" "$out" "by KILL, lest"
run tunkill tun$$-lost
ok "  is gone" ended "$old"
like "  and the other's socket still works" \
    "$(ssh -F "$dir/config" -S "$dir/r" -O check x 2>&1)" "pid=$new"

# --- files that are left

u=$dir/left.sock
tunnel left -M -S "$dir/l" -L "$u:$target"
run tunkill -KILL tun$$-left
is "KILL" "$status$err" 0
ok "the control socket it left is removed" test ! -e "$dir/l"
ok "so is the listener's file" test ! -e "$u"
tunnel left2 -L "$u:$target"
rm "$u"
: >"$u"
run tunkill tun$$-left2
is "a file that is not its own" "$status$err" 0
ok "  stays" test -f "$u"

# --- stopped, deaf, helped, old

p=$(free_port)
tunnel stopped -L "$p:$target"
kill -STOP "$pid"
wait_for sh -c "ps -o stat= -p $pid | grep -q T"
run tunkill --state stopped ":$p"
is "a stopped one ends" "$status$err" 0
ok "  and is gone" ended "$pid"

p=$(free_port)
sh -c "nohup ssh -F '$dir/config' -N -L $p:$target tun$$-deaf </dev/null \
    >/dev/null 2>&1 &"
wait_for listens "$p"
deaf=$(pid_of tun$$-deaf)
run tunkill -s HUP -w1 ":$p"
is "one that ignores HUP" "$status" 3
like "  is still there" "$err" "still there after 1 s"
run tunkill -HUP -k 1 ":$p"
is "-k sends KILL" "$status$err" 0
ok "  it is gone" ended "$deaf"

p=$(free_port)
ssh -F "$dir/config" -J tun$$-hop -fN -L "$p:$target" tun$$-jump </dev/null \
    >/dev/null 2>&1
helper=$(tunps -J tun$$-jump | tr -d ' \n' |
    sed 's/.*"helpers":\[{"pid":\([0-9]*\).*/\1/')
ok "a jump helper" alive "$helper"
run tunkill -9 ":$p"
is "goes with its tunnel" "$status$err" 0
ok "  it is gone" ended "$helper"

p=$(free_port)
sh -c "nohup ssh -F '$dir/config' -N -L $p:$target tun$$-deaf2 </dev/null \
    >/dev/null 2>&1 &"
wait_for listens "$p"
deaf=$(pid_of tun$$-deaf2)
run tunkill -HUP -w0 -k 1 ":$p"
is "-w0 -k sends both" "$status$err" 0
ok "  it is gone" wait_for ended "$deaf"

# helpers NAME: the PIDs of those of a tunnel.
helpers() {
	tunps -J "$1" | tr -d ' \n' | sed 's/.*"helpers":\[//; s/\].*//' |
	    grep -o '"pid":[0-9]*' | cut -d : -f 2
}

p=$(free_port)
ssh -F "$dir/config" -J tun$$-hop1,tun$$-hop2 -fN -L "$p:$target" \
    tun$$-jumps </dev/null >/dev/null 2>&1
helpers tun$$-jumps >"$dir/helpers"
ok "jump helpers" test "$(wc -l <"$dir/helpers")" -ge 1
jumps="$(pgrep -f "ssh.*tun$$-hop")"
run tunkill ":$p"
is "all go with their tunnel" "$status$err" 0
left=
for each in $jumps; do
	wait_for ended "$each" || left="$left $each"
done
ok "  those of the helpers, too" test "$(echo "$jumps" | wc -l)" -ge 2 \
    -a -z "$left"

# One that is stopped does not see that its tunnel has ended.
p=$(free_port)
ssh -F "$dir/config" -J tun$$-hop -fN -L "$p:$target" tun$$-still \
    </dev/null >/dev/null 2>&1
helper=$(helpers tun$$-still)
kill -STOP "$helper"
run tunkill -KILL ":$p"
is "a stopped helper" "$status$err" 0
ok "  is ended" ended "$helper"

cp "$(command -v ssh)" "$dir/ssh"
p=$(free_port)
"$dir/ssh" -F "$dir/config" -fN -L "$p:$target" tun$$-upgraded </dev/null \
    >/dev/null 2>&1
rm "$dir/ssh"
run tunkill tun$$-upgraded
is "its program was replaced" "$status$err" 0
ok "  it is gone" silent "$p"

# --- commands, and what runs us

p=$(free_port)
ssh -F "$dir/config" -f -L "$p:$target" tun$$-command sleep 60 </dev/null \
    >/dev/null 2>&1
run tunkill ":$p"
is "one that runs a command is refused" "$status" 3
like "  and that is said" "$err" "a shell or command.*--sessions"
ok "  it stays" listens "$p"
run tunkill --whole --sessions ":$p"
is "--sessions ends it" "$status$err" 0
ok "  it is gone" silent "$p"

if command -v script >/dev/null; then
	p=$(free_port)
	mkfifo "$dir/leash5"
	script -qc "ssh -F '$dir/config' -tt -L $p:$target tun$$-shell" \
	    /dev/null <"$dir/leash5" >/dev/null 2>&1 &
	script=$!
	remember "$script"
	exec 8>"$dir/leash5"
	wait_for listens "$p"
	run tunkill -a ":$p"
	is "somebody's shell is refused" "$status" 3
	like "  and that is said" "$err" "a shell or command.*--sessions"
	run tunkill -n tun$$-shell
	like "  with where it is" "$out" "in the foreground: --sessions"
	ok "  it stays" listens "$p"
	run tunkill --sessions tun$$-shell
	is "--sessions ends that, too" "$status$err" 0
	exec 8>&-
	wait "$script" 2>/dev/null
else
	skip "somebody's shell is refused" "no script"
fi

p=$(free_port)
ssh -F "$dir/config" -o PermitLocalCommand=yes -o \
    "LocalCommand=tunkill -k 1 tun$$-local >$dir/local.out 2>&1; true" \
    -fN -L "$p:$target" tun$$-local </dev/null >/dev/null 2>&1
like "what runs us is refused" "$(cat "$dir/local.out")" \
    "it is what runs this command"
ok "  it stays" listens "$p"
run tunkill -w0 tun$$-local
is "-w0 does not wait" "$status$err" 0
wait_for silent "$p"

# --- more than one

p=$(free_port)
tunnel here -L "127.0.0.1:$p:$target"
tunnel there -L "127.0.0.2:$p:$target"
run tunkill "L$p"
is "an ID of two tunnels is refused" "$status" 2
like "  with both" "$err" "L$p is 2 tunnels: L.*, L.*; say which, or -a"
ok "  both stay" eval 'listed tun$$-here && listed tun$$-there'
run tunkill ":$p" tun$$-nosuch
is "  so is the port" "$status" 2
printf 'n\ny\n' >"$dir/answers"
run sh -c "tunkill -ie L$p <$dir/answers"
is "-i asks about each" "$status $(tunps -a -c "L$p")" "0 1"
like "  and ends what it may" "$out" "ended ssh"
run tunkill "L$p" tun$$-nosuch
is "one that is there and one that is not" "$status" 64

p=
for i in 1 2 3 4 5; do
	tunnel number -L "$(free_port):$target"
	[ "$pid" -gt 1024 ] && [ "$pid" -lt 32768 ] && silent "$pid" &&
	    p=$pid && break
	tunkill -w0 "$pid"
done
if [ -n "$p" ]; then
	tunnel port -L "$p:$target"
	run tunkill "$p"
	is "a port and the PID of another" "$status" 2
	like "  and how to say which" "$err" ":$p is the port, -p $p the PID"
	ok "  both stay" eval 'alive "$p" && listens "$p"'
	run tunkill -p "$p"
	is "-p means the PID" "$status$err" 0
	ok "  the other stays" listens "$p"
	run tunkill ":$p"
	is ":PORT means the port" "$status$err" 0
fi

# --- filters

p=$(free_port)
tunnel first -L "$p:$target"
first=$pid
ssh -F "$dir/config" -fN -L "$p:$target" tun$$-second </dev/null >/dev/null 2>&1
second=$(pid_of tun$$-second)
wait_for tunps -a -q --state useless tun$$-second
run tunkill -n --stale
like "--stale selects the one that got no port" "$out" "ssh $second "
unlike "  and not the one that has it" "$out" "ssh $first "
run tunkill --stale tun$$-first tun$$-second
is "and ends it" "$status" 64
ok "  it is gone" ended "$second"
ok "  the first is not" alive "$first"
run tunkill --older 1h tun$$-first
is "filters and selectors must both match" "$status" 1
run tunkill --older 0 -L -e -p "$first"
is "--older" "$status$err" 0

# --- dead control sockets

tunnel dead -M -S "$dir/dead" -L "$(free_port):$target"
kill -KILL "$pid"
wait_for ended "$pid"
tunnel live -M -S "$dir/live"
tunnel hung -M -S "$dir/hung"
kill -STOP "$pid"
run tunkill --sockets -n "$dir/dead"
is "--sockets -n" "$status$err $out" "0 $dir/dead: remove"
run tunkill --sockets -n "$dir/live" "$dir/hung"
is "--sockets -n of what is alive, or silent" "$status $out $err" \
    "3  tunkill: $dir/live: somebody listens
tunkill: $dir/hung: somebody listens"
ok "  removes nothing" test -S "$dir/dead"
run tunkill --sockets -e "$dir/dead" "$dir/live" "$dir/hung" "$dir/config"
is "--sockets removes a dead one" "$status $out" "64 $dir/dead: removed"
ok "  it is gone" test ! -e "$dir/dead"
ok "  no other file is" test -S "$dir/live" -a -S "$dir/hung" -a \
    -f "$dir/config"
kill -CONT "$pid"

# --- by pidfd alone

if command -v strace >/dev/null; then
	p=$(free_port)
	tunnel traced -L "$p:$target"
	# No leaks are looked for under strace: that cannot be.
	ASAN_OPTIONS=detect_leaks=0 strace -f -o "$dir/trace" \
	    -e trace=kill,tkill,tgkill,pidfd_open,pidfd_send_signal,openat \
	    tunkill ":$p" 2>/dev/null
	result $? "under strace"
	unlike "no signal by number" "$(cat "$dir/trace")" "^[0-9]* t?g?kill"
	like "but by pidfd" "$(cat "$dir/trace")" "pidfd_send_signal.*SIGTERM"
	ok "  after a look that came after it was opened" awk -v pid="$pid" '
	/pidfd_open\(/ && index($0, "(" pid ",") { looked = 0 }
	/openat\([0-9]*, "stat"/ { looked = 1 }
	/pidfd_send_signal/ && !looked { bad = 1 }
	/pidfd_send_signal/ { looked = 0; n++ }
	END { exit bad || !n }' "$dir/trace"

	# Before Linux 5.3 there is none.
	p=$(free_port)
	tunnel old -L "$p:$target"
	ASAN_OPTIONS=detect_leaks=0 strace -f -o "$dir/trace" \
	    -e trace=kill,pidfd_open,pidfd_send_signal \
	    -e inject=pidfd_open:error=ENOSYS tunkill ":$p" 2>/dev/null
	result $? "without pidfds"
	ok "it is gone" ended "$pid"
	like "by number, having looked" "$(cat "$dir/trace")" \
	    "kill.$pid, SIGTERM. *= 0"
	unlike "and not otherwise" "$(cat "$dir/trace")" pidfd_send_signal
else
	skip "no signal by number" "no strace"
fi

done_testing
