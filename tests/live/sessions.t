#!/bin/sh
# SPDX-License-Identifier: ISC
#
# The far end: devices hold ports of a server by -R, and some of them vanish
# without a word.  Their sessions are told from the others, ended, and the
# devices come back.  The sshd is in a network namespace of its own.
#
# What takes two minutes is seen in a recorded table that was made older;
# TEST_SLOW=1 waits instead.

. "$(dirname "$0")/two_machines.sh"

require nc
left='01 03 05 07 09 11 13 15 17 19'
vanished='02 04 06 08 10 12 14 16 18 20'
two_machines 198.18.1.1 198.18.1.2

# start DEVICE: its -R, on port 220NN of the server.
start() {
	ssh -F "$dir/config" -fN -o ExitOnForwardFailure=yes \
	    -R "220$1:127.0.0.1:$sshd_port" "$me-$1" 2>"$dir/ssh.$1" \
	    </dev/null
}
# ids DEVICE...: of their forwards.
ids() {
	printf 'R220%s ' "$@"
}
# matching ARG...: IDs of the sessions on the server that match.
matching() {
	server tunps --server -rn -o id "$@" 2>"$dir/err" | sort | tr '\n' ' '
}
# these WANT ARG...: are they all that match?
these() {
	want=$1
	shift
	[ "$(matching "$@")" = "$want" ]
}

for device in $left $vanished; do
	start "$device" &
	starting="${starting:-} $!"
done
for pid in $starting; do
	wait "$pid" || note "a device does not start"
done
# shellcheck disable=SC2086 # words
left=$(ids $left) dead=$(ids $vanished)
all=$(echo "$left$dead" | tr ' ' '\n' | sort | tr '\n' ' ' | sed 's/^ //')
is "all are listed" "$(matching)" "$all"
is "and well" "$(matching --state up)" "$all"

# The connections of those that vanish carry nothing from now on.
ports=$(for device in $vanished; do
	local_port "$(tunps -t "$me-$device")"
done | tr '\n' ',')
printf 'table inet gone {\n chain input {\n  type filter hook input priority 0
  tcp dport %s tcp sport { %s } drop\n }\n chain output {
  type filter hook output priority 0\n  tcp sport %s tcp dport { %s } drop
 }\n}\n' "$sshd_port" "${ports%,}" "$sshd_port" "${ports%,}" |
    server nft -f - || skip_all "nft makes no rules here"
# Somebody tries each port: the server sends what is never acknowledged.
for id in $all; do
	server nc -w 1 127.0.0.1 "${id#R}" </dev/null >/dev/null 2>&1 &
done
# patient COMMAND...: TCP takes its time.
patience=30
patient() {
	WAIT_SECONDS=$patience wait_for "$@"
}
ok "the sessions of those that vanished stall" \
    patient these "$dead" --state stalled
is "they are suspect" "$(matching --suspect)" "$dead"
is "the others are well" "$(matching --state up)" "$left"
is "none is stale yet" "$(matching --stale)" ''

# Two minutes later, as a table of all of them has it.
# shellcheck disable=SC2046 # words
server tabrec $(server tunps --server -t) >"$dir/now"
older "$dir/now" 125 >"$dir/later"
is "two minutes later they are broken" \
    "$(matching --table "$dir/later" --state broken)" "$dead"
is "  which is stale" "$(matching --table "$dir/later" --stale)" "$dead"
is "  the others show no fault" \
    "$(matching --table "$dir/later" --state quiet)" "$left"
bad=--suspect state=stalled
if [ -n "${TEST_SLOW:-}" ]; then
	patience=140
	ok "after real minutes they are broken" patient these "$dead" --stale
	is "  all of them" "$(matching --state broken)" "$dead"
	is "  and the others show no fault" "$(matching --state quiet)" "$left"
	bad=--stale state=broken
fi

# --- what is said of them, and how they are ended

run server tunps --server -v 22002
like "the evidence names what is not acknowledged" "$out" \
    'session (stalled|broken) because .*not acknowledged'
is "JSON has it" "$(server tunps --server -J 22002 |
    json '.tunnels[0].state')" "$state"

is "  and says client, where a tunnel says server" \
    "$(server tunps --server -J 22001 | json '.tunnels[0].why[0]' |
    sed 's/ not//')" "the client was heard of lately"

exits "--check: those that stall are bad" 4 \
    server tunps --server -q --check 22002
exits "  and the others answer" 0 server tunps --server -q --check 22001
run server tunps --server --metrics=each 22001 22002
like "--metrics=each: one that is healthy" "$out" \
    '^sshd_session_forward_healthy\{id="R22001",.*\} 1$'
like "  one that is not" "$out" \
    '^sshd_session_forward_healthy\{id="R22002",.*\} 0$'
exits "--wait: one that is there" 0 server tunps --server -q --wait 1s 22001
exits "  one that is not" 4 server tunps --server -q --wait 0 21999
is "--heard and --idle" \
    "$(matching --table "$dir/later" --heard 2m --idle 2m)" "$all"
is "  not so long" "$(matching --table "$dir/later" --heard 1h)" ''
nsenter --target "$sshd_pid" --net timeout 20 "$top/tools/tunps" --server \
    --watch=0.1 -j -o id,state 22001 >"$dir/watch" 2>&1 &
watching=$!
remember "$watching"
twice() {
	[ "$(grep -c '"id":"R22001","state":"up"' "$dir/watch")" -ge 2 ]
}
ok "--watch: again and again" wait_for twice
kill "$watching" 2>/dev/null

run server tunkill --server -n "$bad"
is "the plan is exactly these" \
    "$(echo "$out" | grep -o '^R[0-9]*' | sort | tr '\n' ' ')" "$dead"

# reconnects DEVICE: it has a new connection, and asks until it has its port; with
# priority, since tunkill looks for 1.5 s.
reconnects() {
	master "again.$1" -M
	nice -n -15 sh -c "until ssh -F '$dir/config' -S '$dir/again.$1' \
	    -O forward -R '220$1:127.0.0.1:$sshd_port' tun; do
		sleep 0.05
	done" 2>"$dir/ssh.log" &
	remember $!
}

reconnects 02
run server tunkill --server -e "$bad"
is "tunkill --server ends them" "$status $err" "0 "
like "and says that a device has its port again" "$out" \
    "^R22002: ended sshd [0-9]+ \\(sshd [0-9]+ of [^ ]*@198.18.1.1 has localhost:22002 now\\)\$"
is "and no others" "$(matching)" "$(echo "$left R22002" | tr ' ' '\n' |
    sort | tr '\n' ' ' | sed 's/^ //')"
ok "their ports are free" sh -c "! nsenter --target $sshd_pid --net \
    ss -Hltn 'sport = :22004' | grep -q ."
ok "the sshd that waits for clients is there" kill -0 "$sshd_pid"

# A device comes back from another port of its own.
ok "a device that vanished comes back at once" start 04
is "and has its port" "$(matching 22004)" "R22004 "

# So does one that was well.
old=$(server tunps --server -t 22003)
reconnects 03
run server tunkill --server -e 22003
is "a session that worked and comes back" "$status $out" "3 "
like "  is named" "$err" \
    "^tunkill: R22003: came back: sshd [0-9]+ of [^ ]*@198.18.1.1 has localhost:22003 now\$"
new=$(server tunps --server -t 22003)
like "  truly" "$old $err" "^$old .*: sshd $new of "

# traced ARG...: tunkill --server; how often it walks over all processes, in
# $walks.
traced() {
	ASAN_OPTIONS=detect_leaks=0 server strace -f -y -o "$dir/trace" \
	    -e trace=lseek "$(command -v tunkill)" --server "$@" \
	    >"$dir/out" 2>"$dir/err"
	status=$?
	walks=$(grep -c 'lseek([0-9]*</proc>' "$dir/trace")
}
if has "waiting walks over no processes" strace; then
	traced 22005
	is "waiting for what may come back walks over no processes" \
	    "$status $((walks > 0 && walks < 5))" "0 1"
	# A copy of each descriptor keeps the port when the session has ended.
	leash python3 -c '
import ctypes, os, sys
pid = int(sys.argv[1])
pidfd = os.pidfd_open(pid)
for fd in os.listdir("/proc/%d/fd" % pid):
    ctypes.CDLL(None).syscall(438, pidfd, int(fd), 0)
print("up", flush=True)
sys.stdin.read()' "$(server tunps --server -t 22007)"
	wait_for grep -q up "$dir/leashed"
	traced -w1 22007
	like "and waiting for a port does so once for each socket there" \
	    "$status $((walks > 0 && walks < 8)) $(cat "$dir/err")" "^3 1 \
tunkill: R22007: .*:22007 is not free: python3\($leashed\) listens\$"
	unleash
fi

# The socket stays the same, as its number does on other systems, and the one
# that has it becomes a session later.
cp "$(command -v cat)" "$dir/sshd"
old=$(server tunps --server -t 22009)
leash nsenter --target "$sshd_pid" --net python3 -c '
import ctypes, os, select, sys, time
pidfd = os.pidfd_open(int(sys.argv[1]))
for fd in os.listdir("/proc/%s/fd" % sys.argv[1]):
    copy = ctypes.CDLL(None).syscall(438, pidfd, int(fd), 0)
    if copy >= 0:
        os.set_inheritable(copy, True)
print("up", flush=True)
select.select([pidfd], [], [])
time.sleep(0.5)
os.execv(sys.argv[2], ["sshd: root@notty"])' "$old" "$dir/sshd"
wait_for grep -q up "$dir/leashed"
run timeout 20 nsenter --target "$sshd_pid" --net \
    tunkill --server -w60 22009
like "a session with the same socket is found before the end of -w" \
    "$status $err" \
    "^3 tunkill: R22009: came back: sshd $leashed .* has localhost:22009 now\$"
unleash
wait "$leashed"

# --- paths

path=$dir/far.sock
# path_of: a device that listens at the path.
path_of() {
	ssh -F "$dir/config" -fN -o ExitOnForwardFailure=yes \
	    -R "$path:127.0.0.1:$sshd_port" "$me-path" 2>"$dir/ssh.log" \
	    </dev/null
}
ok "a device has a path" path_of
is "it is listed by it" "$(matching "$path")" "R$path "
ln -s . "$dir/link"
is "  or by another that leads there" "$(matching "$dir/link/far.sock")" \
    "R$path "
run server tunkill --server -n "$dir/link/far.sock"
like "  which tunkill takes, too" "$status $out" "^0 R$path: end sshd"
kill -KILL "$(server tunps --server -t "$path")"
wait_for these '' "$path"
run server tunps --server "$path"
in_the_way="no process here listens at this socket, which is in the way of -R: \
tunkill --sockets removes it, if it is dead"
is "a dead socket is said to be in the way" "$status $err" \
    "1 tunps: $path: $in_the_way"
not path_of
is "  and is" $? 0
exits "  until it is removed" 0 tunkill --sockets "$path"
ok "  the device has its path again" path_of
exits "  its session is ended" 0 server tunkill --server "$path"
ok "  and leaves nothing behind" test ! -e "$path"
nsenter --target "$sshd_pid" --net "$top/tests/peer" deaf "$path" 0 \
    >"$dir/peer.out" 2>&1 </dev/null &
remember $!
wait_for grep -q ready "$dir/peer.out"
run server tunps --server "$path"
like "what else listens there is said" "$status $err" \
    "^1 tunps: $path: another process listens there: peer\([0-9]+\)$"
# A path leads to the same socket from each network namespace.
"$top/tests/peer" deaf "$dir/ours.sock" 0 >"$dir/ours" 2>&1 </dev/null &
remember $!
wait_for grep -q ready "$dir/ours"
run server tunps --server "$dir/ours.sock"
is "a listener of another namespace is not called dead" "$status $err" \
    "1 tunps: $dir/ours.sock: $in_the_way"
server tunkill --sockets "$dir/ours.sock" >/dev/null 2>&1
ok "  and its socket is not removed" test -S "$dir/ours.sock"
run server tunps --server "$sshd_port"
like "what has a port is named" "$status $err" \
    "^1 tunps: $sshd_port is held by sshd \($sshd_pid\)"

# --- what the server connects to

leash ssh -F "$dir/config" -W "127.0.0.3:$sshd_port" "$me-jump"
printf '127.0.0.1 localhost\n127.0.0.3\tdatabase db # an alias\n' >"$dir/hosts"
# direct ARG...: its row, where /etc/hosts is that file.
direct() {
	# shellcheck disable=SC2016,SC2086 # that shell's words
	run ${where-server} unshare --mount sh -c 'mount --bind "$1" /etc/hosts &&
	    shift && exec tunps --server --direct "$@"' sh "$dir/hosts" "$@"
}
connects() {
	matching --direct | grep -q ' C\|^C'
}
wait_for connects
direct -o kind,target
like "--direct: the name of /etc/hosts is beside the address" "$out" \
    "^direct +127\.0\.0\.3:$sshd_port \(database\)\$"
direct -n -o kind,target
like "  not with -n" "$out" "^direct +127\.0\.0\.3:$sshd_port\$"
direct -r -o kind,target
like "  nor with -r" "$out" "^direct 127\.0\.0\.3:$sshd_port\$"
for word in database "database:$sshd_port"; do
	direct -rn -o kind "$word"
	is "  it selects: $word" "$status $out" "0 direct"
done
direct -rn -o kind database:1
is "  not with another port" "$status $out" "1 "
where='' direct -o kind,target
like "  nor from another namespace, whose names these are not" "$out" \
    "^direct +127\.0\.0\.3:$sshd_port\$"
unset where
direct -J
like "  JSON has it by itself" "$out" '"target_name": "database"'
c=$(server tunps --server --direct -rn -o id | grep '^C')
session=$(server tunps --server --direct -t "$c")
for word in "$c" "$session" "-p $session -- $c"; do
	# shellcheck disable=SC2086 # words
	run server tunkill --server -n $word
	like "  its session can be ended: $word" "$status $out" "^0 $c: end "
done
run server tunkill --server -n --older 0
unlike "  a filter does not end it" "$out" "^$c:"
unleash

# What a client has open by a -L would end with its session.
p=$(free_port)
ssh -F "$dir/config" -fN -R "22050:127.0.0.1:$sshd_port" \
    -L "$p:127.0.0.1:$sshd_port" "$me-both" 2>"$dir/ssh.log" </dev/null
leash nc 127.0.0.1 "$p"
wait_for connects
c=$(server tunps --server --direct -rn -o id | grep '^C')
session=$(server tunps --server -t 22050)
run server tunkill --server 22050
like "a connection of a -L: not without --whole" "$status $err" \
    "^3 tunkill: R22050: sshd[a-z-]* $session also carries $c"
ok "  its session is there" server kill -0 "$session"
run server tunkill --server -n --whole 22050
like "  the plan names it" "$status $out" "^0 R22050: end "
like "  with its target" "$out" \
    "^    with it: $c, a connection to 127\.0\.0\.1:$sshd_port"
like "  and says what it cannot name" "$out" \
    "^    not seen: connections of its client to unix sockets would end too"
run server tunkill --server -n "$session"
like "  which a PID does not take to be named" "$status $out" "^0 R22050: end "
run server tunkill --server -n --whole -p "$session" -- "$c"
like "  nor does its row in tunps --watch, with W" "$status $out" "^0 .*$c"
run server tunkill --server -n "$c"
like "  by its own name it takes the port along" "$status $out" \
    "^3 $c: refused: .* also carries R22050"
run server tunkill --server -n --older 0
unlike "  a filter does not take it for a session" "$out" "^$c:"
unleash
kill "$leashed"
wait_for not connects
exits "  when it has ended" 0 server tunkill --server 22050

# One's own login is not ended, also from tmux(1), which has left the session.
server tunps --server -J 22001 >"$dir/json"
client="$(json '.tunnels[0].client_host' <"$dir/json") $(
    json '.tunnels[0].client_port' <"$dir/json")"
SSH_CONNECTION="$client 127.0.0.1 $sshd_port"
export SSH_CONNECTION
run server tunkill --server -n 22001
like "the login that a command came over is not ended" "$status $out" \
    '^3 R22001: refused: it is the login that this command came over'
# sudo(8) leaves it to its parent; a link-local address comes with its scope.
# shellcheck disable=SC2016 # that shell's words
run server sh -c 'env -u SSH_CONNECTION "$@"; exit $?' sh \
    tunkill --server -n 22001
like "  also without SSH_CONNECTION, if an ancestor has it" "$status $out" \
    '^3 R22001: refused: it is the login that this command came over'
SSH_CONNECTION="${client% *}%eth0 ${client#* } 127.0.0.1 $sshd_port"
run server tunkill --server -n 22001
like "  nor one with the scope of its address" "$status $out" \
    '^3 R22001: refused: it is the login that this command came over'
SSH_CONNECTION="${client}0 127.0.0.1 $sshd_port"
exits "  one of another port may be" 0 server tunkill --server -n 22001
unset SSH_CONNECTION

# A stopped session whose connection was reset still holds its port, and the
# kernel lists that connection no more.
stop "$(server tunps --server -t 22001)"
from=$(server tunps --server -J 22001 | json '.tunnels[0].client_port')
server ss -K "sport = :$sshd_port and dport = :$from" >"$dir/out" 2>&1
if server ss -Htn "dport = :$from" | grep -q .; then
	skip "a reset connection" "this kernel does not reset it"
else
	is "a stopped session without its connection is listed" \
	    "$(server tunps --server -rn -o id,state,client 22001)" \
	    "R22001 stopped ?"
	exits "and ended" 0 server tunkill --server 22001
fi
done_testing
