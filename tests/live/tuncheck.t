#!/bin/sh
# shellcheck disable=SC2016,SC2154
# SPDX-License-Identifier: ISC
#
# tuncheck against real masters and tunnels.

. "$(dirname "$0")/sshd.sh"

sshd_start || skip_all "$sshd_why"

# line ID: what was said of it.
line() {
	printf '%s\n' "$out" | grep "^$1: "
}

# set_up HOST: ssh -f ends when it has forked, before its child has set up its
# signals; until then it is starting.
set_up() {
	! tunps -aq --state starting "$1"
}

logins() {
	grep -c 'Accepted publickey' "$dir/sshd.log"
}

# timed COMMAND...: run it, ahead of others who keep the machine busy; how many
# milliseconds it takes is $ms.
timed() {
	run nice -n -15 sh -c 'ms=$0 before=$(date +%s%N)
	    "$@"
	    status=$?
	    echo $((($(date +%s%N) - before) / 1000000)) >"$ms"
	    exit $status' "$dir/ms" "$@"
	ms=$(cat "$dir/ms")
}

# --- a master

port=$(free_port)
master m -M -L "$port:127.0.0.1:$sshd_port"
m=$path m_pid=$pid
prints "running" "$m: master running (pid $m_pid)" tuncheck -x -S "$m"
run tuncheck -x "$m"
is "as operand" "$out, $status" "$m: master running (pid $m_pid), 0"
is "as ssh -O check has it" \
    "$(ssh -F none -S "$m" -O check x 2>&1 | tr -d '\r')" \
    "Master running (pid=$m_pid)"
run tuncheck -x "$port"
is "by its port" "$(line "$m")" "$m: master running (pid $m_pid)"
like "and its tunnel" "$(line "L$port")" \
    "^L$port: (alive|up) \(pid $m_pid\) via tun, heard [0-9]+s ago"
is "all healthy" "$status" 0
run tuncheck -J "$port"
like "JSON: ok" "$out" '"state": "ok"'
like "JSON: pid" "$out" "\"pid\": $m_pid"
like "JSON: healthy" "$out" '"healthy": true'
run tuncheck
is "found without being named" "$(line "$m")" \
    "$m: master running (pid $m_pid)"
run tuncheck -v -S "$m"
like "what a 9.2 cannot tell is left out" "$out" \
    "^$m: master running \(pid $m_pid\)\$"

# --- by a relative name, and of a process that has no argv left

(cd "$dir" && exec ssh -F "$dir/config" -M -S rel -fN tun </dev/null)
run tuncheck
like "a relative name is one of its own directory" "$out" \
    "^$dir/rel: master running "
ssh -F "$dir/config" -o ControlMaster=auto -o ControlPersist=60 \
    -S "$dir/persist" tun true </dev/null 2>/dev/null
run tuncheck "$dir/persist"
like "ControlPersist" "$out" "^$dir/persist: master running "
run tuncheck
like "found by its listener" "$out" "^$dir/persist: master running "

# --- paths that lead to the same socket

# A forward's listener would pass on what is said to a master.
ln -s . "$dir/link"
ssh -F "$dir/config" -fN -L "$dir/fwd.sock:127.0.0.1:$sshd_port" tun-sock \
    </dev/null 2>/dev/null
run tuncheck "$dir/link/fwd.sock"
like "the path of a forward, by a link: its tunnel is asked" "$status $out" \
    "^0 L$dir/fwd.sock: (alive|up) "
unlike "  and no master" "$out" master
like "  and what it was" "$(tuncheck "$dir/fwd.sock")" \
    "^L$dir/fwd.sock: (alive|up) "
prints "that of a master" "$m: master running (pid $m_pid)" \
    tuncheck "${m%/*}/link/${m##*/}"

# --- paths that went away

master lost -M
lost=$path lost_pid=$pid
mv "$lost" "$lost.new"
run tuncheck -x "$lost.new"
is "renamed, by the new path" "$out, $status" \
    "$lost.new: master running (pid $lost_pid), renamed from $lost, 0"
run tuncheck -x -S "$lost"
is "renamed, by the old path" "$out, $status" \
    "$lost.new: master running (pid $lost_pid), renamed from $lost, 0"
rm "$lost.new"
for opt in "" -S; do
	run tuncheck -x $opt "$lost"
	is "headless ${opt:-operand}" "$(line "$lost"), $status" \
	    "$lost: headless master (pid $lost_pid): nothing leads to it, 4"
done
master lost -M
run tuncheck
is "another one has the path" "$(line "$lost" | sort)" \
    "$lost: headless master (pid $lost_pid): its path leads to another
$lost: master running (pid $pid)"
run tuncheck -J "$lost"
like "JSON: replaced" "$out" '"state": "replaced"'
like "JSON: and ok" "$out" '"state": "ok"'
kill -TERM "$lost_pid"
ok "the first one ends" wait_for ended "$lost_pid"
run tuncheck "$lost"
like "and takes the path of the second with it" "$(line "$lost")" \
    "headless master \(pid $pid\): nothing leads to it"

# --- hung

kill -STOP "$m_pid"
timed tuncheck -x -S "$m"
is "a stopped master is hung" "$out, $status" \
    "$m: master hung: does not say hello in time, 4"
note "after $ms ms"
timed tuncheck -t 3 -S "$m"
ok "-t: it waits so long ($ms ms)" test "$ms" -ge 2900
timed tuncheck -t 30 -x "$port"
is "known to be stopped it is not asked" "$(line "$m")" \
    "$m: master hung (pid $m_pid): it is stopped"
ok "nor waited for ($ms ms)" test "$ms" -lt 29000
run tuncheck -P "$port"
like "nothing is probed" "$(line "L$port")" "L$port: target not tried"
if command -v ss >/dev/null; then
	is "only the first two wait in its queue" \
	    "$(ss -Hlx | awk -v m="$m." 'index($5, m) { print $3 }')" 2
fi
run tuncheck -x "$m"
is "where others wait nobody else does" "$out, $status" \
    "$m: master hung: connections wait to be accepted, 4"
kill -CONT "$m_pid"
ok "it goes on" wait_for eval 'tuncheck -qx -S "$m"'

# --- dead, denied, unsafe

master k -M
kill -KILL "$pid"
ok "killed" wait_for ended "$pid"
run tuncheck -x -S "$path"
is "dead" "$out, $status" "$path: dead socket: nobody listens, 4"
chmod 777 "$dir"
run tuncheck -x "$m"
is "a directory for all" "$out, $status" \
    "$m: unsafe path: in a directory that others can write to, 4"
chmod 700 "$dir"
mkdir "$dir/cm"
chmod 777 "$dir/cm"
master cm/m -M
run tuncheck -x -S "$path"
is "  below one that only its user may enter" "$out, $status" \
    "$path: master running (pid $pid), 0"

master ask -MM
run tuncheck -x -S "$path"
is "an asking master answers" "$out, $status" \
    "$path: master running (pid $pid), 0"
run tuncheck -P -S "$path"
is "but makes no trip" "$(line "$path")" "$path: master running (pid $pid)"

if is_root "another user's master"; then
	# A master looks at who comes: root and its own user are let in.
	count=$(logins)
	chown 65534 "$m"
	chmod 711 "$dir"
	run tuncheck -x -S "$m"
	is "foreign" "$out, $status" "$m: foreign: another user's socket, 4"
	run tuncheck -x -u 65534 -S "$m"
	like "as the one whose it seems to be" "$out" \
	    "^$m: (master denied us|foreign)"
	is "nobody has logged in" "$(logins)" "$count"
	chown 0 "$m"
	chmod 700 "$dir"
fi

# --- probes

speaks=$port
refuses=$(free_port) socks=$(free_port)
ssh -F "$dir/config" -fN -L "$refuses:127.0.0.1:1" -D "$socks" tun </dev/null
run tuncheck -P "$speaks"
is "a target that speaks" "$(line "L$speaks" | tail -n 1)" \
    "L$speaks: target answers"
is "a round trip by a master" "$(line "$m")" \
    "$m: master running (pid $m_pid), its server answers"
run tuncheck -xP "$refuses"
is "a target that refuses" "$(line "L$refuses")" "L$refuses: target refuses"
like "a round trip by a dynamic forward" "$out" \
    "^L$refuses,D$socks: alive .*, server answers\$"
is "is not all well" "$status" 4
exits "which is not known unless asked for" 0 tuncheck -x "$refuses"
run tuncheck -JP "$refuses"
like "JSON: refused" "$out" '"own_state": "refused"'

# What takes a connection and says nothing: sshd's end of another tunnel.
silent=$(free_port) listener=$(free_port)
perl -MSocket -e '
	socket(S, PF_INET, SOCK_STREAM, 0);
	setsockopt(S, SOL_SOCKET, SO_REUSEADDR, 1);
	bind(S, sockaddr_in($ARGV[0], INADDR_LOOPBACK)) && listen(S, 5)
	    or die "$!";
	$SIG{ALRM} = sub { exit };
	alarm(600);
	push(@c, $c) while accept($c, S);
' "$listener" &
remember $!
ok "a silent server" wait_for port_taken "$listener"
ssh -F "$dir/config" -fN -L "$silent:127.0.0.1:$listener" tun </dev/null
# Its own login, too, must be over for a second: before, the tunnel is in use.
ok "a tunnel out of use" wait_for tunps -q --idle 2 "$silent"
run tuncheck -xP -t 3 "$silent"
is "a target that takes it in silence" "$(line "L$silent" | tail -n 1)" \
    "L$silent: target answers"

# The question to the server through -D is over for a second, too.
beside=$(free_port)
ssh -F "$dir/config" -fN -L "$beside:127.0.0.1:$listener" \
    -D "$(free_port)" tun-beside </dev/null
run tuncheck -xP -t 3 "$beside"
is "beside a dynamic forward" "$(line "L$beside" | tail -n 1), $status" \
    "L$beside: target answers, 0"

if has "one address family" ss; then
	half=$(free_port)
	perl -MSocket -e '
		socket(S, PF_INET, SOCK_STREAM, 0);
		bind(S, sockaddr_in($ARGV[0], INADDR_LOOPBACK)) &&
		    listen(S, 5) or die "$!";
		sleep' "$half" &
	remember $!
	ok "has another listener" wait_for port_taken "$half"
	ssh -F "$dir/config" -fN -L "$half:127.0.0.1:$sshd_port" tun-half \
	    </dev/null 2>/dev/null
	run tuncheck -x "$half"
	is "one address family" "$(line "L$half" | tail -n 1), $status" \
	    "L$half: half, 4"
	run tuncheck -xP "$half"
	is "  is not enough, though the target answers there" \
	    "$(line "L$half" | tail -n 1), $status" \
	    "L$half: half, target answers, 4"
	run tuncheck -JP "$half"
	like "  JSON: still half" "$out" '"own_state": "half"'
fi

# A session that is stopped: no word from the server.
server=$(for p in $(sessions); do
	for c in "$p" $(ps -axo pid=,ppid= | awk -v p="$p" '$2 == p { print $1 }')
	do
		echo "$c"
	done
done)
loop=$(free_port)
for p in $server; do kill -STOP "$p"; done
mute() {
	run tuncheck -P -t 0.5 "$silent"
	[ "$(line "L$silent" | tail -n 1)" = "L$silent: target is silent" ]
}
ok "a server that hangs" wait_for mute
run tuncheck -xP -t 0.3 "$socks"
like "and makes no trip" "$out" "^L$refuses,D$socks: mute .*, server does not answer"
is "is not well" "$status" 4
run tuncheck -xP -t 0.3 -S "$m"
like "nor does a master" "$(line "$m")" "its server does not answer\$"
for p in $server; do kill -CONT "$p"; done

ssh -F "$dir/config" -fN -L "$loop:127.0.0.1:$loop" tun </dev/null
run tuncheck -P "$loop"
like "what may be a loop is not tried" "$(line "L$loop")" \
    "^L$loop: target not tried: its target may lead back to its listener"
is "and not entered" \
    "$(grep -c ":$(printf %04X "$loop") .* 01 " /proc/net/tcp)" 0

# Two that lead to each other, and one to its own path.
there=$(free_port) back=$(free_port)
ssh -F "$dir/config" -fN -L "$there:localhost:$back" tun-there </dev/null
ssh -F "$dir/config" -fN -L "$back:127.1:$there" tun-back </dev/null
ssh -F "$dir/config" -fN -L "$dir/self:$dir/self" tun-self </dev/null
run tuncheck -P tun-there tun-back tun-self
is "what may be a circle is not tried" \
    "$(printf '%s\n' "$out" | grep -c 'not tried: its target may lead back')" 3
is "and not entered" "$(tunps -anro conns tun-there tun-back tun-self |
    tr -d ' \n')" 000

# --- why a target is not tried

mixed=$(free_port)
ssh -F "$dir/config" -fN -D "$mixed" -R 0:127.0.0.1:9 -L "$loop:127.0.0.1:9" \
    tun-mixed </dev/null 2>/dev/null
wait_for set_up tun-mixed
run tuncheck -P tun-mixed
is "a dynamic forward: why not" "$(line "D$mixed" | tail -n 1)" \
    "D$mixed: target not tried: each of its clients names its own"
is "a remote one" "$(line "R[^ ]*" | tail -n 1 | sed 's/^[^ ]* //')" \
    "target not tried: the way to it begins at the server"
is "one that does not listen" \
    "$(line "L[^ ]*" | tail -n 1 | sed 's/^[^ ]* //')" \
    "taken, target not tried: another process listens there"
# Only ssh_config tells the path, and the first of the two has it.
for host in tun-token tun-token; do
	ssh -F "$dir/config" -fN -L "$dir/%C.token:127.0.0.1:9" "$host" \
	    </dev/null 2>/dev/null
done
wait_for set_up tun-token
run tuncheck -P tun-token
like "where it listens is not known" "$(line "L0[^ ]*" | tail -n 1)" \
    '^L0[^ ]*: target not known: whether it listens is not known$'
run tunps --expect 127.0.0.1 L0
is "  so tunps --expect does not vouch for it" "$status" 3
run tuncheck tun-mixed
unlike "only with -P" "$out" 'not tried'

done_testing
