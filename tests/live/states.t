#!/bin/sh
# SPDX-License-Identifier: ISC
#
# The states that looking alone can tell, by a real ssh and sshd on loopback.
# Numbers are those of the scenarios.

. "$(dirname "$0")/look.sh"

[ "$(uname -s)" = Linux ] || skip_all "states come from Linux's sockets"
sshd_start || skip_all "$sshd_why"

echo_port=$(free_port)
start_peer echo "$echo_port" || skip_all "no port for an echo"
target=127.0.0.1:$echo_port

# --- 1, 2: a plain one, and what goes through it

p=$(free_port)
tunnel plain -L "$p:$target"
is "1: a tunnel is up" "$(state "$me-plain")" up
is "1: its forward is bound" "$(own "$me-plain")" bound
is "1: nobody is connected" "$(conns "$me-plain")" 0
ok "1: it is not stale" not stale "$pid"
is "1: on both loopbacks" "$(tunps -J "$me-plain" | tr -d ' \n' |
    grep -o '"bound":\["[^"]*","[^"]*"\]')" "\"bound\":[\"[::1]:$p\",\"127.0.0.1:$p\"]"
start_peer hold 2 127.0.0.1 "$p" x
four=$peer
start_peer hold 1 ::1 "$p" x
comes_to "2: three connections" 3 conns "$me-plain"
is "2: still up" "$(state "$me-plain")" up
kill "$four" "$peer"
comes_to "2: none again" 0 conns "$me-plain"

# --- 3: the other way round

p=$(free_port)
tunnel remote -R "$p:$target"
is "3: a remote forward is the server's to know" "$(own "$me-remote")" remote
is "3: the tunnel is up" "$(state "$me-remote")" up
start_peer hold 1 127.0.0.1 "$p" x
comes_to "3: in use" remote-used own "$me-remote"
is "3: by one; the server's connection is none" "$(conns "$me-remote")" 1
end_peer

# --- 4, 5, 6: other listeners

p=$(free_port)
tunnel dynamic -D "$p"
start_peer socks 2 127.0.0.1 "$p" "$echo_port"
comes_to "4: two through SOCKS" 2 conns "$me-dynamic"
is "4: bound" "$(own "$me-dynamic")" bound
is "4: up" "$(state "$me-dynamic")" up
end_peer

tunnel unix -L "$dir/s:$target"
start_peer hold 2 "$dir/s" 0 x
comes_to "5: two through a path" 2 conns "$me-unix"
is "5: bound" "$(own "$me-unix")" bound
end_peer
mv "$dir/s" "$dir/s.moved"
is "5: the path is moved away" "$(own "$me-unix")" detached
mv "$dir/s.moved" "$dir/s"
is "5: and back" "$(own "$me-unix")" bound
kill "$pid" && wait_for ended "$pid"
tunnel deadfile -L "$dir/s:$target"
is "5: a file that nobody listens on is in the way" \
    "$(own "$me-deadfile")" deadfile
comes_to "5: so the tunnel is of no use" useless state "$me-deadfile"
kill "$pid"

# bound WORD ARGS...: are all places taken that these ask for?
bound() {
	word_=$1
	shift
	tunnel "$word_" "$@"
	is "6: $*" "$(own "$me-$word_")" bound
	is "6:   up" "$(state "$me-$word_")" up
}
p=$(free_port)
bound gateway -g -L "$p:$target"
is "6:   exposed" "$(tunps -a -n -o exposed "$me-gateway")" yes
p=$(free_port)
bound star -L "*:$p:$target"
is "6:   exposed" "$(tunps -a -n -o exposed "$me-star")" yes
p=$(free_port)
bound zero -L "0.0.0.0:$p:$target"
is "6:   exposed" "$(tunps -a -n -o exposed "$me-zero")" yes
p=$(free_port)
bound six -L "[::1]:$p:$target"
is "6:   not exposed" "$(tunps -a -n -o exposed "$me-six")" no
p=$(free_port)
bound only4 -4 -L "$p:$target"
p=$(free_port)
bound only6 -6 -L "$p:$target" -o HostName=::1

# --- 7: only in ssh_config

p=$(free_port)
{
	printf 'Host %s-config\n    LocalForward %s %s\n' "$me" "$p" "$target"
	cat "$dir/config"
} >"$dir/config.7"
ssh -F "$dir/config.7" -fN "$me-config" >"$dir/ssh.log" 2>&1
is "7: a forward of ssh_config is unlisted" "$(own "$me-config")" unlisted
is "7: the tunnel is up, not useless" "$(state "$me-config")" up

# --- 8, 9, 10: through helpers

p=$(free_port)
tunnel jump -J "$me-hop" -L "$p:$target"
is "8: through a jump host: up" "$(state "$me-jump")" up
like "8: by a helper" "$(why "$me-jump")" "connection belongs to a helper"
is "8: the helper is no tunnel of its own" \
    "$(tunps -a -e -t "$me-hop")" "$pid"
hop=$(ps -axo pid=,args= | awk -v hop="$me-hop" '
    $2 ~ /ssh$/ && $NF == hop { print $1 }')
kill "$pid"
ok "8: it ends" wait_for ended "$pid"
ok "8: and its helper with it" wait_for ended "$hop"
p=$(free_port)
tunnel jumps -J "$me-hop1,$me-hop2" -L "$p:$target"
is "9: two hops are one tunnel: up" \
    "$(state "$me-jumps") $(tunps -a -c "$me-jumps" "$me-hop1" "$me-hop2")" \
    "up 1"
like "9: the last hop's connection is its own" \
    "$(tunps -n -o rtt,heard "$me-jumps")" '^[0-9].* [0-9]'

p=$(free_port)
tunnel proxy -o ProxyCommand="peer relay %h %p" -L "$p:$target"
like "10: through a ProxyCommand" "$(state "$me-proxy")" '^(up|quiet)$'
helper=$(ps -axo pid=,args= | awk -v p="127.0.0.1 $sshd_port" '
    /peer relay/ && $0 ~ p && !/awk/ { print $1 }')
stop "$helper"
start_peer hold 1 127.0.0.1 "$p" hello
comes_to "10: its helper is stopped" stopped state "$me-proxy"
like "10: which is said to be the helper's fault" "$(why "$me-proxy")" \
    "its helper is the cause"
comes_to "10: one connection waits" 1 conns "$me-proxy"
ok "10: not stale" not stale "$pid"
kill -CONT "$helper"
comes_to "10: goes on" up state "$me-proxy"
end_peer

# --- 11 to 17: masters

p=$(free_port)
tunnel master -M -S "$dir/m" -L "$p:$target"
master=$pid
is "11: a master" "$(tunps -n -o master "$me-master")" yes
is "11: its socket is found" "$(ctl "$me-master")" found
logins=$(grep -c Accepted "$dir/sshd.log")
is "11: asked, it answers" "$(ask -m "$me-master" | cut -d ' ' -f 1-3)" \
    "$pid up ok"
is "21: asking is no login" "$(grep -c Accepted "$dir/sshd.log")" "$logins"
q=$(free_port)
ssh -F "$dir/config" -S "$dir/m" -fN -L "$q:$target" "$me-13" \
    >"$dir/ssh.log" 2>&1 </dev/null
is "13: handed to the master: the master's" \
    "$(tunps -a -n -r -o pid,listen,source "$q")" \
    "$master localhost:$q socket"
is "13: and no second tunnel" "$(tunps -a -c "$me-13")" 0
is "13: unlisted" "$(own "$me-master")" "bound unlisted"
q=$(free_port)
closed=$(free_port)
leash ssh -F "$dir/config" -S "$dir/m" -N -L "$q:$target" \
    -L "$closed:$target" "$me-14"
client=$leashed
remember "$client"
wait_for is_now 1 tunps -a -c "$me-14"
comes_to "14: a client of the master" client state "$me-14"
is "14: whose forwards the master has" "$(own "$me-14")" "in-master in-master"
ssh -F "$dir/config" -S "$dir/m" -O cancel -L "$closed:$target" "$me-14" \
    >"$dir/ssh.log" 2>&1
comes_to "14: and one that was closed there is released" "in-master released" \
    own "$me-14"
exits "14: which is not bad" 0 tunps -a --check "$me-14"
kill "$client"
unleash
wait_for ended "$client"
is "14: it stays when the client goes" \
    "$(tunps -a -n -r -o pid "$q")" "$master"

# Standard error of a master that goes to the background stays open.
p=$(free_port)
leash ssh -F "$dir/config" -o ControlMaster=auto -o "ControlPath=$dir/cm" \
    -o ControlPersist=60 -L "$p:$target" "$me-persist" cat
front=$leashed
remember "$front"
persists() {
	tunps -a -n -r -o pid,origin "$dir/cm" 2>/dev/null | grep -q background
}
if wait_for persists; then
	result 0 "12: a persistent master is found by its title"
	persist=$(tunps -a -n -r -o pid "$dir/cm" | sort -u | grep -vx "$front")
	is "12: its path" "$(tunps -n -r -o ctlpath "$dir/cm")" "$dir/cm"
	is "12: found" "$(ask "$persist" | cut -d ' ' -f 2,3)" "up found"
	is "12: its destination, which its client has" \
	    "$(tunps -n -r -o via "$p")" "$me-persist"
	like "12: -v says how it is known" "$(tunps -v "$p")" \
	    "its destination is what its clients say"
	mkfifo "$dir/other"
	ssh -F "$dir/config" -o "ControlPath=$dir/cm" "$me-other" cat \
	    <"$dir/other" >/dev/null 2>&1 &
	client=$!
	exec 7>"$dir/other"
	has_connected() {
		ss -Hxp | grep -q "pid=$client,"
	}
	wait_for has_connected
	# The master takes the connection a moment later.
	comes_to "12: two clients that disagree" "?" tunps -n -r -o via "$p"
	exec 7>&-
	wait "$client"
	is "15: its listener is the master's alone" \
	    "$(tunps -n -r -o pid "$p")" "$persist"
	is "15: who knows it by the command line in front" \
	    "$(tunps -n -r -o target,source "$p")" "$target argv"
	in_front() {
		printf '%s\n' "$(ask "$front" | cut -d ' ' -f 2) $(own "$front")"
	}
	is "15: which is a client" "$(in_front)" "client in-master"
	ssh -F "$dir/config" -S "$dir/cm" -O cancel -L "$p:$target" \
	    "$me-persist" >"$dir/ssh.log" 2>&1
	comes_to "15: closed in the master: the client has a copy of no use" \
	    "client unbound" in_front
	exits "15: which is bad" 4 tunps -a --check "$p"
else
	result 1 "12: a persistent master is found by its title"
	note "$(tunps -a -O -r "$dir/cm")"
fi
unleash

# 17 before 16: it is the same master that is killed afterwards.
mv "$dir/m" "$dir/m.away"
is "17: its control file is gone" "$(ctl "$me-master")" lost
is "17: the tunnel is up all the same" "$(state "$me-master")" up
tunnel second -M -S "$dir/m" -L "$(free_port):$target"
is "18: another master took the path" "$(ctl "$me-master")" replaced
is "18: it has it" "$(ctl "$me-second")" found
is "18: and only it answers" \
    "$(ask -m "$me-second" | cut -d ' ' -f 3)" ok
second=$pid
kill -KILL "$second"
wait_for ended "$second"
is "16: a master that was killed leaves its file" \
    "$(test -S "$dir/m" && tunps -a -c "$me-second")" 0
is "16: which is nobody's now" "$(ctl "$me-master")" lost
mv "$dir/m.away" "$dir/m"

stop "$master"
# Asked in vain it would take a third of the time.
asked=$(ask -m -t 180000 "$me-master")
like "19: a stopped master is stopped" "$asked" "^$master stopped found"
ms=$(echo "$asked" | sed 's/.* in \([0-9]*\) ms$/\1/')
ok "19: and is not asked ($ms ms)" test "$ms" -lt 50000
is "19: nothing waits at its socket" \
    "$(ss -Hlx "src $dir/m*" | awk '{ print $3 }')" 0
kill -CONT "$master"

# --- 29, 30, 31: the client itself

p=$(free_port)
tunnel stopped -L "$p:$target"
stop "$pid"
start_peer hold 1 127.0.0.1 "$p" x
is "29: stopped, though it seems to accept" "$(state "$me-stopped")" stopped
ok "29: suspect" suspect "$pid"
ok "29: not stale" not stale "$pid"
# shellcheck disable=SC2046 # as root the session is two processes
kill -KILL $(serving "$(local_port "$pid")")
# closing: of how many connections the server has closed its side.
closing() {
	ss -Htn state close-wait "dport = :$sshd_port" | wc -l | tr -d ' '
}
comes_to "30: the server has closed" 1 closing
is "30: stopped comes first" "$(state "$me-stopped")" stopped
kill -CONT "$pid"
ok "30: then it ends by itself" wait_for ended "$pid"
end_peer

p=$(free_port)
# Redirected outside: the shell itself wants more than twelve.
# shellcheck disable=SC3045 # every sh of Linux has it
(ulimit -n 12; exec ssh -F "$dir/config" -fN -L "$p:$target" "$me-fds") \
    >"$dir/ssh.log" 2>&1 </dev/null
start_peer hold 9 127.0.0.1 "$p" x
comes_to "31: out of descriptors: choked" choked state "$me-fds"
like "31: and why" "$(why "$me-fds")" "no descriptors left"
is "31: the forward, too" "$(own "$me-fds")" choked
ok "31: suspect" suspect "$(pid_of "$me-fds")"
end_peer

# verdict NAME WORD STATUS: tunps --check, tuncheck -x, metrics and JSON of it
# agree: 0 healthy, 4 not, 3 unknown.
verdict() {
	case $3 in
	0) value='1 true' ;;
	4) value='0 false' ;;
	*) value=' null' ;;
	esac
	tunps -a --check -q "$2" 2>/dev/null
	verdict=$?
	tuncheck -qx "$2" 2>/dev/null
	is "$1: one verdict" "$verdict $? $(tunps -a --check --metrics=each \
	    "$2" 2>/dev/null | sed -n 's/^ssh_tunnel_forward_healthy.* //p' |
	    sort -u) $(tunps -a --check -J "$2" 2>/dev/null |
	    grep -o '"healthy": *[a-z]*' | sort -u | sed 's/.*: *//')" \
	    "$3 $3 $value"
}
verdict "31: $me-plain" "$me-plain" 0

# choked WORD END ARGS...: without descriptors, who connects there waits.
choked() {
	word=$1 where=$2 end=$3
	shift 3
	# shellcheck disable=SC3045
	(ulimit -n 14; exec ssh -F "$dir/config" -fN "$@" "$me-$word") \
	    >"$dir/ssh.log" 2>&1 </dev/null
	start_peer hold 12 "$where" "$end" x
	comes_to "31: $word" choked state "$me-$word"
	exits "  which --wait waits out" 4 tunps -q --wait 0.1 "$me-$word"
	verdict "31:   $word" "$me-$word" 4
	end_peer
	kill "$(pid_of "$me-$word")"
}
p=$(free_port)
choked fds-unix "$dir/fds.sock" 0 -L "$dir/fds.sock:$target"
choked fds-six ::1 "$p" -L "[::1]:$p:$target"
p=$(free_port)
choked fds-master 127.0.0.1 "$p" -M -S "$dir/fds" -L "$p:$target"
p=$(free_port)
choked fds-dynamic 127.0.0.1 "$p" -D "$p"

p=$(free_port)
tunnel loop -L "$p:127.0.0.1:$p"
is "32: whether the server is this machine is not known" \
    "$(own "$me-loop")" bound
like "32: but that it may be" "$(tunps -a -v "$me-loop")" \
    'its target may lead back to its listener'
is "32: so it is not connected to" "$(tuncheck -P "$me-loop" | tail -n 1)" \
    "L$p: target not tried: its target may lead back to its listener"
is "32: no connection came" "$(conns "$me-loop")" 0
p=$(free_port) q=$(free_port)
# shellcheck disable=SC3045
(ulimit -n 30; exec ssh -F "$dir/config" -fN -L "127.0.0.1:$p:localhost:$q" \
    -R "$q:127.0.0.1:$p" "$me-circle") >"$dir/ssh.log" 2>&1 </dev/null
remember "$(pid_of "$me-circle")"
is "32: two that lead to each other" "$(own "$me-circle")" "bound remote"
start_peer hold 1 127.0.0.1 "$p" x
comes_to "32: loop, once they are connected" "loop remote-used" \
    own "$me-circle"
end_peer
kill "$(pid_of "$me-circle")"

# --- 33 to 36: listeners that it did not get

p=$(free_port)
start_peer clash "$p" 127.0.0.1 "$sshd_port"
tunnel half -o ExitOnForwardFailure=yes -L "$p:$target"
is "33: a stranger's connection has the port: half" "$(own "$me-half")" half
is "33: partial" "$(state "$me-half")" partial
ok "33: not stale" not stale "$pid"
end_peer

p=$(free_port)
start_peer deaf 127.0.0.1 "$p"
holder=$peer
start_peer deaf ::1 "$p"
tunnel taken -L "$p:$target"
is "34: both families are taken" "$(own "$me-taken")" taken
comes_to "34: the tunnel is useless" useless state "$me-taken"
ok "34: and stale" stale "$pid"
like "34: who has it" "$(tunps -J "$me-taken" | tr -d ' \n')" \
    "\"holder\":{[^}]*\"pid\":($holder|$peer),"
tunnel andr -L "$p:$target" -R "$(free_port):$target"
is "35: with a -R beside it, partial" "$(state "$me-andr")" partial
is "35: --state selects both forwards" \
    "$(tunps -nro state --state partial "$me-andr" | tr '\n' ' ')" \
    "taken up "
ok "35: not stale" not stale "$pid"
kill "$holder" "$peer"

# rows WORD STATES ARGS...: each row has the state of its own forward.
rows() {
	word=$1 want=$2
	shift 2
	tunnel "$word" "$@"
	is "35: $word: each its own" "$(tunps -a -nro state "$me-$word" |
	    tr '\n' ' ')" "$want "
	kill "$pid"
}
p=$(free_port) q=$(free_port) mapped=$(free_port) both=$(free_port)
strangers=
for place in 127.0.0.1:$p ::1:$p ::1:$q "::ffff:127.0.0.1:$mapped" ":::$both"; do
	start_peer deaf "${place%:*}" "${place##*:}"
	strangers="$strangers $peer"
done
tunnel rows-unix -L "$dir/rows.sock:$target"
rows dynamic-taken "taken up" -D "$p" -L "$(free_port):$target"
rows family-taken "half up" -L "$q:$target" -D "$(free_port)"
rows mapped-taken "half up" -L "$mapped:$target" -D "$(free_port)"
rows both-taken "taken up" -L "127.0.0.1:$both:$target" -D "$(free_port)"
rows path-taken "taken up" -L "$dir/rows.sock:$target" \
    -R "$(free_port):$target"
rows master-taken "up taken up" -M -S "$dir/rows" -D "$(free_port)" \
    -L "$p:$target" -L "$dir/rows2.sock:$target"
rows jump-taken "taken up" -J "$me-hop" -L "$p:$target" -L "$(free_port):$target"
# shellcheck disable=SC2086
kill $strangers "$(pid_of "$me-rows-unix")"

p=$(free_port)
tunnel twin -L "$p:$target"
first=$pid
ssh -F "$dir/config" -fN -L "$p:$target" "$me-twin" 2>/dev/null </dev/null
twin=$(tunps -a -t "$me-twin" | grep -vx "$first")
is "36: the second of two is useless" "$(state "$twin")" useless
like "36: because of the first" "$(why "$twin")" "another tunnel with its command has the ports"
is "36: which is up" "$(state "$first")" up
is "36: stale is one of them" "$(tunps -a -t --stale "$me-twin")" "$twin"

# --- 39: a target that does not read

deaf_port=$(free_port)
start_peer deaf 127.0.0.1 "$deaf_port"
deaf=$peer
p=$(free_port)
tunnel deaf -L "$p:127.0.0.1:$deaf_port"
start_peer flood 127.0.0.1 "$p" 30000000
like "39: a target that never reads is no fault of the tunnel's" \
    "$(state "$me-deaf")" '^(up|quiet)$'
kill "$deaf" "$peer"

# --- 40, 41, 54: before and after

deaf_port=$(free_port)
start_peer deaf 127.0.0.1 "$deaf_port"
ssh -F "$dir/config" -p "$deaf_port" -fN -L "$(free_port):$target" \
    "$me-start" >/dev/null 2>&1 </dev/null &
pid=$!
remember "$pid"
comes_to "40: a server that says nothing: starting" starting state "$me-start"
record "$pid" "$dir/table"
is "40: recorded, too" "$(ask -T "$dir/table" "$pid" | cut -d ' ' -f 2)" \
    starting
is "40: its forward is not called unbound" \
    "$(tunps -anro state "$me-start")" starting
exits "40: and its health is not known" 3 tunps -a --check "$me-start"
# old_table: as if the process had been started 151 s earlier.
old_table() {
	awk '{
	if (match($0, / start=[0-9]+/) && $1 == "proc") {
		us = substr($0, RSTART + 7, RLENGTH - 7)
		$0 = substr($0, 1, RSTART - 1) " start=" \
		    substr(us, 1, length(us) - 6) - 151 substr(us, \
		    length(us) - 5) substr($0, RSTART + RLENGTH)
	}
	print
}' "$dir/table" >"$dir/table.old"
}
old_table
is "40: 151 s older it is stuck" \
    "$(ask -T "$dir/table.old" "$pid" | cut -d ' ' -f 2)" stuck
ok "40: and stale" tunps --table "$dir/table.old" -a -q --stale -p "$pid"
is "40: so says its row" \
    "$(tunps --table "$dir/table.old" -anro state -p "$pid")" stuck
kill "$pid" "$peer"

# A dialog in a window is seen only by the pipe to it.
cp -p "$dir/user_key" "$dir/locked"
cp "$dir/user_key.pub" "$dir/locked.pub"
ssh-keygen -q -p -P '' -N secret -f "$dir/locked" >/dev/null </dev/null
mkfifo "$dir/asks.fifo"
printf '#!/bin/sh\nexec cat "%s"\n' "$dir/asks.fifo" >"$dir/asks"
chmod 700 "$dir/asks"
env SSH_ASKPASS="$dir/asks" SSH_ASKPASS_REQUIRE=force DISPLAY=none \
    ssh -F "$dir/config" -o BatchMode=no -o IdentityFile="$dir/locked" -fN \
    -L "$(free_port):$target" "$me-dialog" >/dev/null 2>&1 </dev/null &
pid=$!
remember "$pid"
dialog_is_open() {
	[ -n "$(ps -axo ppid=,args= | awk -v ssh="$pid" -v it="$dir/asks.fifo" '
	    $1 == ssh && $3 == it { print }')" ]
}
wait_for dialog_is_open
record "$pid" "$dir/table"
old_table
is "41: a password dialog, 151 s older, is no reason to call it stuck" \
    "$(ask -T "$dir/table.old" "$pid" | cut -d ' ' -f 2)" starting
ok "41: nor stale" not tunps --table "$dir/table.old" -a -q --stale -p "$pid"
: >"$dir/asks.fifo"
kill "$pid"

if has "41: asks for a passphrase" script; then
	leash script -qfc "ssh -F '$dir/config' -o BatchMode=no \
	    -o IdentityFile='$dir/locked' -N -L $(free_port):$target \
	    $me-prompt" /dev/null
	remember "$leashed"
	comes_to "41: asks for a passphrase" prompt state "$me-prompt"
	ok "41: not stale" not stale "$(pid_of "$me-prompt")"
	kill "$(pid_of "$me-prompt")"
	unleash
fi

p=$(free_port)
ssh -F "$dir/config" -f -L "$p:$target" "$me-last" sleep "1.$$" \
    >"$dir/ssh.log" 2>&1 </dev/null
start_peer hold 1 127.0.0.1 "$p" x
pid=$(pid_of "$me-last")
wait_for not pgrep -fx "sleep 1\.$$" >/dev/null
is "54: its command has ended, a connection holds it" \
    "$(state "$me-last") $(conns "$me-last")" "up 1"
end_peer
ok "54: it ends with the connection" wait_for ended "$pid"

# --- 43: autossh

if has "43: autossh's own pair is not shown" autossh; then
	p=$(free_port) m=$(free_port)
	AUTOSSH_PATH=$(command -v ssh) autossh -M "$m" -f -F "$dir/config" \
	    -N -L "$p:$target" "$me-auto"
	wait_for is_now 1 tunps -c "$me-auto"
	remember "$(tunps -n -r -o ppid "$me-auto")"
	comes_to "43: autossh's own pair is not shown" "L$p" \
	    tunps -n -r -o id "$me-auto"
	comes_to "43: up" up state "$me-auto"
fi

# --- 48, 49, 50: names

p=$(free_port)
cp "$(command -v peer)" "$dir/impostor"
ln -s "$dir/impostor" "$dir/ssh"
"$dir/ssh" echo "$p" >"$dir/peer.out" 2>&1 &
remember $!
wait_for test -s "$dir/peer.out"
is "48: another program called ssh is not listed" \
    "$(tunps -a -e -c -p "$!" 2>/dev/null)" 0
rm "$dir/ssh"

cp "$(command -v ssh)" "$dir/ssh"
p=$(free_port)
"$dir/ssh" -F "$dir/config" -fN -L "$p:$target" "$me-old" 2>/dev/null
rm "$dir/ssh"
is "49: its program was deleted: up" "$(state "$me-old")" up
like "49: which is told" "$(why "$me-old")" "executable was replaced"

p=$(free_port)
odd=$(printf 'Tag=\033[31m\nproc pid=1\377')
ssh -F "$dir/config" -o IgnoreUnknown=TunLabel -o "TunLabel=$odd" -fN \
    -L "$p:$target" "$me-odd" "" 2>/dev/null </dev/null
wait_for is_now 1 tunps -a -c "$me-odd"
is "50: hostile bytes: one line" \
    "$(tunps -a -n -o id,cmd "$me-odd" | wc -l | tr -d ' ')" 1
unlike "50: and no escape" "$(tunps -a -n -w -o cmd,label "$me-odd")" \
    "$(printf '\033')"
tunps -a -J "$me-odd" >"$dir/odd.json"
is "50: JSON" "$(json '.tunnels[0].pid' <"$dir/odd.json")" \
    "$(pid_of "$me-odd")"

# --- looking leaves no trace

if has "looking leaves no trace" strace; then
	# What looks for leaks afterwards makes a process of its own.
	ASAN_OPTIONS=detect_leaks=0 strace -f -e trace=network,execve,kill,pidfd_send_signal,fork,vfork,clone,clone3 \
	    -o "$dir/trace" tunps -a -O "$me-plain" >/dev/null 2>&1
	unlike "only netlink is talked to, and who knows the users' names" \
	    "$(grep -E 'socket\(' "$dir/trace" |
	    grep -Ev 'AF_NETLINK|AF_UNIX')" .
	unlike "nothing is connected to" "$(grep -E '(^|[^a-z])connect\(' \
	    "$dir/trace" | grep -v nscd)" .
	unlike "nothing is sent but netlink requests" \
	    "$(grep -E 'send(to|msg|mmsg)\(' "$dir/trace" |
	    grep -v AF_NETLINK)" .
	is "nothing is started" "$(grep -c execve "$dir/trace")" 1
	unlike "no process is made, none signalled" \
	    "$(grep -E 'fork|clone|kill\(|send_signal\(' "$dir/trace")" .
fi

done_testing
