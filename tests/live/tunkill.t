#!/bin/sh
# shellcheck disable=SC2016
# SPDX-License-Identifier: ISC
#
# tunkill against real tunnels: each rung of the ladder and each refusal.  What
# is said to have ended is looked for by kill(1) and ss(8), and so is what must
# not have.

. "$(dirname "$0")/end.sh"

# --- one tunnel, one forward

p=$(free_port)
tunnel one -L "$p:$target"
one=$pid
prints "-n says what would be done" "L$p: end ssh $one (tun$$-one) by TERM
    why: named by :$p" tunkill -n ":$p"
ok "and does nothing" alive "$one"

client=
if command -v nc >/dev/null; then
	leash nc 127.0.0.1 "$p"
	client=$leashed
	wait_for grep -q SSH "$dir/leashed"
	run tunkill -n ":$p"
	like "-n names who is connected" "$out" \
	    "with it: 1 connection of L$p: nc\\($client\\)"
	run tunkill -nJ ":$p"
	is "so does -J" "$(printf '%s' "$out" | tr -d ' \n' |
	    grep -o '"clients":\[{"pid":[0-9]*' | grep -o '[0-9]*$')" "$client"
	exits "the client's PID is no tunnel" 1 tunkill "$client"
	ok "  and it lives" alive "$client"
fi
prints "its port ends it" "L$p: ended ssh $one" tunkill -e "$p"
ok "it is gone" ended "$one"
ok "its port is free" silent "$p"
unleash
q=$(free_port)
tunnel verbose -L "$q:$target"
prints "-v prints the plan, and what has ended" \
    "L$q: end ssh $pid (tun$$-verbose) by TERM
    why: named by :$q
L$q: ended ssh $pid" tunkill -v ":$q"
tunnel json -L "$q:$target"
run tunkill -J ":$q"
is "-J says what came of it" "$status$err $(printf %s "$out" |
    grep -o '"result": "[a-z]*"')" '0 "result": "ended"'
exits "again: nothing matches" 1 tunkill ":$p"
like "  and that is said" "$err" "$p: no such tunnel"

# --- what is closed already

p=$(free_port) q=$(free_port)
tunnel twice -M -S "$dir/cm-twice" -L "$p:$target" -L "$q:$target"
works "a master closes one of its own" tunkill "L$p"
fails "once more: it is closed already" 1 \
    "tunkill: L$p: closed already, or it never listened" tunkill "L$p"
run tunkill -n "$p"
is "  and with -n" "$status $out" \
    "1 L$p: nothing to do: closed already, or it never listened
    why: named by $p"
exits "  by its state, too" 1 tunkill --state released -p "$pid"
fails "  and beside one that was open" 64 \
    "tunkill: L$p: closed already, or it never listened" tunkill "L$p" "L$q"
ok "  which is closed" silent "$q"
works "one is opened again" tunadd -S "$dir/cm-twice" -L "$q:$target"
prints "options pass over what is closed" "L$q: closed in ssh $pid" \
    tunkill -e -a -L -p "$pid"
fails "  and then there is nothing" 1 "" tunkill -a -L -p "$pid"
ok "  and the master lives" alive "$pid"
kill "$pid"

# once WORD WHY: closed, and closed already, after which nothing is wrong.
once() {
	run tunkill "$1"
	is "of ${1%"${1#?}"}: closed" "$status$err" 0
	fails "  once more" 1 "tunkill: $1: $2" tunkill "$1"
	exits "  which is no fault" 0 tunps -q --check "$1"
}
p=$(free_port) q=$(free_port) r=$(free_port) s=$(free_port)
tunnel kinds -M -S "$dir/cm-kinds" -o ControlPersist=60 -D "$p" \
    -R "$q:$target" -L "$dir/kinds.sock:$target" -L "[::1]:$r:$target" \
    -L "$s:$target"
once "D$p" "closed already, or it never listened"
once "R$q" "closed already, or it never listened"
once "L$dir/kinds.sock" "closed already, or it never listened"
once "L$r" "closed already, or it never listened"
is "  each in its own row" "$(tunps -anro state -p "$pid" | tr '\n' ' ')" \
    "released released released released up "
like "  as the journal says" "$(tunps -anv "R$q")" \
    "forward released because the journal says that it was closed on purpose"
is "  which a remote one needs" "$(TUN_JOURNAL=off tunps -anro state "R$q")" up
exits "several, of which one was open" 64 tunkill -a "D$p" "R$q" "L$s"
# What was closed, and is another's since, is that other's.
perl -MIO::Socket::INET -e '$s = IO::Socket::INET->new(Listen => 1,
    LocalAddr => "127.0.0.1", LocalPort => shift) or die; alarm(60);
    sleep' "$s" &
other=$!
remember "$other"
wait_for listens "$s"
is "another process takes its port" "$(tunps -anro state "L$s")" taken
fails "  the master has closed it all the same" 1 \
    "tunkill: L$s: the master: port not forwarded" tunkill "L$s"
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
exits "one forward of two cannot be ended alone" 3 tunkill ":$p"
like "  what else it carries is said, and why" "$err" \
    "L$p: ssh $pid also carries D$q, .*control socket: --whole ends it all"
ok "  and both stay" eval 'listens "$p" && listens "$q"'
run tunkill -n --whole ":$p"
like "--whole -n says what goes with it" "$out" "with it: D$q, localhost:$q"
works "--whole ends it" tunkill --whole ":$p"
ok "  and both are gone" eval 'silent "$p" && silent "$q"'

# --- a master

p=$(free_port) q=$(free_port) r=$(free_port) s=$(free_port)
u=$dir/u.sock
tunnel master -M -S "$dir/m" -L "$p:$target" -D "$q" -R "$r:$target" \
    -L "$u:$target" -L ":$s:$target"
master=$pid
if command -v nc >/dev/null; then
	leash nc 127.0.0.1 "$p"
	client=$leashed
	wait_for grep -q SSH "$dir/leashed"
fi
run tunkill -n "L$p"
like "a master is asked to close it" "$out" \
    "L$p: have master ssh $master .tun$$-master. close it"
prints "closed" "L$p: closed in ssh $master" tunkill -e "L$p"
ok "  that port is free" silent "$p"
ok "  the others listen" eval 'listens "$q" && listens "$s"'
ok "  the master lives" alive "$master"
if [ -n "$client" ]; then
	ok "  a connection through it lives" alive "$client"
	kill "$client" 2>/dev/null
	wait "$client" 2>/dev/null
	unleash
fi
works "dynamic, remote and unix ones" tunkill "D$q" "R$r" "$u"
ok "  dynamic" silent "$q"
ok "  remote, by the server" wait_for silent "$r"
ok "  unix, and its file" test ! -e "$u"
ok "  the master lives" alive "$master"
exits "an empty bind address is refused" 3 tunkill ":$s"
like "  with the reason" "$err" "bind address is empty"

p=$(free_port)
ssh -F "$dir/config" -S "$dir/m" -O forward -L "$p:$target" tun$$-x 2>/dev/null
ok "a forward added later listens" listens "$p"
exits "  and is refused" 3 tunkill ":$p"
like "  for want of its target" "$err" \
    "target of L$p is not known.* give it in full .L$p:HOST:PORT, or D$p if it is a -D., or --whole"
ok "  it stays" listens "$p"
run tunkill -e "$p:$target"
is "  in full it is closed" "$status$err $out" "0 L$p: closed in ssh $master"
ok "  and listens no more" silent "$p"

# A client that stays has the forward in its argv, the master its listener.
q=$(free_port)
leash ssh -F "$dir/config" -S "$dir/m" -N -L "$q:$target" tun$$-client
remember "$leashed"
wait_for listens "$q"
wait_for listed tun$$-client
client=$(pid_of tun$$-client)
run tunkill -n tun$$-client
like "of a client it is said what stays" "$out" \
    "stays: L$q.*, where a master listens"
exits "a master with a user is refused" 3 tunkill "$dir/m"
like "  who is named" "$err" \
    "ssh.$client. = L${q}[^ ]* goes through this master: --sessions"
works "the client ends" tunkill tun$$-client
ok "  and is gone" ended "$client"
ok "  the master has the port" listens "$q"
unleash
q=$(free_port) r=$(free_port)
leash ssh -F "$dir/config" -S "$dir/m" -N -R "$r:$target" tun$$-remote
remember "$leashed"
wait_for listens "$r"
wait_for listed tun$$-remote
prints "a remote forward of a client is closed in the master" \
    "R$r: closed in ssh $master" tunkill -e "R$r"
ok "  by the server" silent "$r"
ok "  the client lives" alive "$leashed"
unleash
kill "$leashed"
leash ssh -F "$dir/config" -S "$dir/m" -N -L "$q:$target" tun$$-local
remember "$leashed"
wait_for listens "$q"
wait_for listed tun$$-local
run tunkill -n -a -L
is "a local one is selected once" "$(printf '%s\n' "$out" |
    grep -c "^L$q.*: have master")" 1
works "  by the port" tunkill "$q"
ok "  it listens no more" silent "$q"
unleash
kill "$leashed"
q=$(free_port)
leash ssh -F "$dir/config" -S "$dir/m" -N -L "$q:$target" tun$$-master
client=$leashed
remember "$client"
wait_for listens "$q"
wait_for sh -c "[ \$(tunps -a -t tun$$-master | wc -l) -eq 2 ]"
run tunkill -n -a --sessions tun$$-master
like "--sessions: who goes through it goes with it" "$out" \
    "with it: what goes through the master: ssh.$client. = L$q"
run tunkill -a -e --sessions tun$$-master
is "a master and what goes through it end" "$status$err" 0
ok "  both" eval 'ended "$master" && ended "$client"'
unleash
wait "$client" 2>/dev/null
tunnel master -M -S "$dir/m" -L "$p:$target" -D "$q" -L ":$s:$target"
works "the master ends by its path" tunkill -e "$dir/m"
ok "  with all its ports" eval 'silent "$p" && silent "$q" && silent "$s"'
ok "  and its socket" test ! -e "$dir/m"

ssh -F "$dir/config" -o ControlMaster=auto -o "ControlPath=$dir/cp" \
    -o ControlPersist=60 -L "$(free_port):$target" tun$$-persist true \
    </dev/null >/dev/null 2>&1
works "a ControlPersist master ends by its path" tunkill "$dir/cp"
ok "  and its socket is gone" test ! -e "$dir/cp"

# A ControlPersist master leaves copies of its listeners in the ssh that it was
# forked from: it can close its own only.
p=$(free_port)
leash ssh -F "$dir/config" -o ControlMaster=auto -o "ControlPath=$dir/cp4" \
    -o ControlPersist=60 -L "$p:$target" tun$$-front cat
front=$leashed
remember "$front"
wait_for test -S "$dir/cp4"
wait_for listed "$dir/cp4"
exits "a port that another ssh still has is not free" 3 tunkill "L$p"
like "  and whose it is is said" "$err" \
    "L$p.*: .*:$p is not free: ssh.$front. listens"
ok "  that one lives" alive "$front"
unleash
wait_for ended "$front"
works "  and the master ends once that one has" tunkill "$dir/cp4"

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
works "KILL" tunkill -KILL tun$$-left
ok "the control socket it left is removed" test ! -e "$dir/l"
ok "so is the listener's file" test ! -e "$u"
tunnel left2 -L "$u:$target"
rm "$u"
: >"$u"
works "a file that is not its own" tunkill tun$$-left2
ok "  stays" test -f "$u"

# --- stopped, deaf, helped, old

p=$(free_port)
tunnel stopped -L "$p:$target"
stop "$pid"
works "a stopped one ends" tunkill --state stopped ":$p"
ok "  and is gone" ended "$pid"

p=$(free_port)
sh -c "nohup ssh -F '$dir/config' -N -L $p:$target tun$$-deaf </dev/null \
    >/dev/null 2>&1 &"
wait_for listens "$p"
deaf=$(pid_of tun$$-deaf)
exits "one that ignores HUP" 3 tunkill -s HUP -w1 ":$p"
like "  is still there" "$err" "still there after 1 s"
exits "  a part of a second" 3 tunkill -s HUP -w0.3 ":$p"
like "  is said" "$err" "still there after 0\\.3 s"
works "-k sends KILL" tunkill -HUP -k 0.5 ":$p"
ok "  it is gone" ended "$deaf"

p=$(free_port)
ssh -F "$dir/config" -J tun$$-hop -fN -L "$p:$target" tun$$-jump </dev/null \
    >/dev/null 2>&1
helper=$(helpers tun$$-jump)
ok "a jump helper" alive "$helper"
works "goes with its tunnel" tunkill -9 ":$p"
ok "  it is gone" ended "$helper"

p=$(free_port)
sh -c "nohup ssh -F '$dir/config' -N -L $p:$target tun$$-deaf2 </dev/null \
    >/dev/null 2>&1 &"
wait_for listens "$p"
deaf=$(pid_of tun$$-deaf2)
works "-w0 -k sends both" tunkill -HUP -w0 -k 1 ":$p"
ok "  it is gone" wait_for ended "$deaf"

p=$(free_port)
ssh -F "$dir/config" -J tun$$-hop1,tun$$-hop2 -fN -L "$p:$target" \
    tun$$-jumps </dev/null >/dev/null 2>&1
helpers tun$$-jumps >"$dir/helpers"
ok "jump helpers" test "$(wc -l <"$dir/helpers")" -ge 1
jumps="$(pgrep -f "ssh.*tun$$-hop")"
works "all go with their tunnel" tunkill ":$p"
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
works "a stopped helper" tunkill -KILL ":$p"
ok "  is ended" ended "$helper"

cp "$(command -v ssh)" "$dir/ssh"
p=$(free_port)
"$dir/ssh" -F "$dir/config" -fN -L "$p:$target" tun$$-upgraded </dev/null \
    >/dev/null 2>&1
rm "$dir/ssh"
works "its program was replaced" tunkill tun$$-upgraded
ok "  it is gone" silent "$p"

# --- commands, and what runs us

p=$(free_port)
ssh -F "$dir/config" -f -L "$p:$target" tun$$-command sleep 60 </dev/null \
    >/dev/null 2>&1
exits "one that runs a command is refused" 3 tunkill ":$p"
like "  and that is said" "$err" "a shell or command.*--sessions"
ok "  it stays" listens "$p"
works "--sessions ends it" tunkill --whole --sessions ":$p"
ok "  it is gone" silent "$p"

if has "somebody's shell is refused" script; then
	p=$(free_port)
	leash script -qc "ssh -F '$dir/config' -tt -L $p:$target tun$$-shell" \
	    /dev/null
	script=$leashed
	remember "$script"
	wait_for listens "$p"
	exits "somebody's shell is refused" 3 tunkill -a ":$p"
	like "  and that is said" "$err" "a shell or command.*--sessions"
	run tunkill -n tun$$-shell
	like "  with where it is" "$out" "in the foreground: --sessions"
	ok "  it stays" listens "$p"
	works "--sessions ends that, too" tunkill --sessions tun$$-shell
	unleash
	wait "$script" 2>/dev/null
fi

p=$(free_port)
ssh -F "$dir/config" -o PermitLocalCommand=yes -o \
    "LocalCommand=tunkill -k 1 tun$$-local >$dir/local.out 2>&1; true" \
    -fN -L "$p:$target" tun$$-local </dev/null >/dev/null 2>&1
like "what runs us is refused" "$(cat "$dir/local.out")" \
    "it is what runs this command"
ok "  it stays" listens "$p"
works "-w0 does not wait" tunkill -w0 tun$$-local
wait_for silent "$p"

# --- more than one

p=$(free_port)
tunnel here -L "127.0.0.1:$p:$target"
tunnel there -L "127.0.0.2:$p:$target"
exits "an ID of two tunnels is refused" 2 tunkill "L$p"
like "  with both" "$err" "L$p is 2 tunnels: L.*, L.*; say which, or -a"
ok "  both stay" eval 'listed tun$$-here && listed tun$$-there'
exits "  so is the port" 2 tunkill ":$p" tun$$-nosuch
printf 'no: %080d\nn\n' 0 | tr 0 y >"$dir/answers"
run sh -c "tunkill -ie L$p <$dir/answers"
is "the rest of a long answer is none to the next question" \
    "$status $(tunps -a -c "L$p")" "1 2"
printf 'n\ny\n' >"$dir/answers"
run sh -c "tunkill -ie L$p <$dir/answers"
is "-i asks about each" "$status $(tunps -a -c "L$p")" "0 1"
like "  and ends what it may" "$out" "ended ssh"
exits "one that is there and one that is not" 64 tunkill "L$p" tun$$-nosuch

p=
for i in 1 2 3 4 5; do
	tunnel number -L "$(free_port):$target"
	[ "$pid" -gt 1024 ] && [ "$pid" -lt 32768 ] && silent "$pid" &&
	    p=$pid && break
	tunkill -w0 "$pid"
done
if [ -n "$p" ]; then
	tunnel port -L "$p:$target"
	exits "a port and the PID of another" 2 tunkill "$p"
	like "  and how to say which" "$err" ":$p is the port, -p $p the PID"
	ok "  both stay" eval 'alive "$p" && listens "$p"'
	works "-p means the PID" tunkill -p "$p"
	ok "  the other stays" listens "$p"
	works ":PORT means the port" tunkill ":$p"
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
exits "and ends it" 64 tunkill --stale tun$$-first tun$$-second
ok "  it is gone" ended "$second"
ok "  the first is not" alive "$first"
exits "filters and selectors must both match" 1 tunkill --older 1h tun$$-first
works "--older" tunkill --older 0 -L -e -p "$first"

# --- dead control sockets

tunnel dead -M -S "$dir/dead" -L "$(free_port):$target"
kill -KILL "$pid"
wait_for ended "$pid"
tunnel live -M -S "$dir/live"
tunnel hung -M -S "$dir/hung"
kill -STOP "$pid"
prints "--sockets -n" "$dir/dead: remove" tunkill --sockets -n "$dir/dead"
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

if has "no signal by number" strace; then
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
fi

done_testing
