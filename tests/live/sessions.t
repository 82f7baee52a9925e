#!/bin/sh
# SPDX-License-Identifier: ISC
#
# The far end: devices hold ports of a server by -R, and some of them vanish
# without a word.  Their sessions are told from the others, ended, and the
# devices come back.  The sshd is in a network namespace of its own.

. "$(dirname "$0")/two_machines.sh"

require nc
devices='1 2 3 4 5 6'
vanished='2 4 6'
two_machines 198.18.1.1 198.18.1.2

# start DEVICE: its -R, on port 2200N of the server.
start() {
	ssh -F "$dir/config" -fN -o ExitOnForwardFailure=yes \
	    -R "2200$1:127.0.0.1:$sshd_port" "$me-$1" 2>"$dir/ssh.log" \
	    </dev/null
}

for device in $devices; do
	ok "device $device has its port" start "$device"
done

# sessions ARG...: IDs of those on the server that match.
sessions() {
	server tunps --server -rn -o id "$@" 2>"$dir/err" | sort | tr '\n' ' '
}
all='R22001 R22002 R22003 R22004 R22005 R22006 '
dead='R22002 R22004 R22006 '
left='R22001 R22003 R22005 '
is "all are listed" "$(sessions)" "$all"
is "and well" "$(sessions --state up)" "$all"

# The connections of those that vanish carry nothing from now on.
ports=$(for device in $vanished; do
	pid=$(tunps -t "$me-$device")
	ss -Htnp "dport = :$sshd_port" | grep "pid=$pid," |
	    awk '{ sub(/.*:/, "", $4); print $4 }'
done | tr '\n' ',')
printf 'table inet gone {\n chain in {\n  type filter hook input priority 0
  tcp dport %s tcp sport { %s } drop\n }\n chain out {
  type filter hook output priority 0\n  tcp sport %s tcp dport { %s } drop
 }\n}\n' "$sshd_port" "${ports%,}" "$sshd_port" "${ports%,}" |
    server nft -f - || skip_all "nft makes no rules here"
# Somebody tries each port: the server sends what is never acknowledged.
for device in $devices; do
	server nc -w 1 127.0.0.1 "2200$device" </dev/null >/dev/null 2>&1 &
done
# these WANT ARG...: are they all that match?
these() {
	want=$1
	shift
	[ "$(sessions "$@")" = "$want" ]
}
# patient COMMAND...: TCP takes its time.
patient() {
	WAIT_SECONDS=30 wait_for "$@"
}
ok "the sessions of those that vanished stall" \
    patient these "$dead" --suspect
is "the others do not" "$(sessions --state up)" "$left"
run server tunps --server -v 22002
like "the evidence names what is not acknowledged" "$out" \
    'session stalled because .*unacknowledged|not acknowledged'
is "JSON has it" "$(server tunps --server -J 22002 |
    json '.tunnels[0].state')" stalled

is "  and says client, where a tunnel says server" \
    "$(server tunps --server -J 22001 | json '.tunnels[0].why[0]')" \
    "the client was heard of lately"

run server tunkill --server -n --suspect
is "the plan is exactly these" \
    "$(echo "$out" | grep -o '^R[0-9]*' | sort | tr '\n' ' ')" "$dead"
exits "tunkill --server ends them" 0 server tunkill --server --suspect
is "and no others" "$(sessions)" "$left"
ok "their ports are free" sh -c "! nsenter --target $sshd_pid --net \
    ss -Hltn 'sport = :22002' | grep -q ."
ok "the sshd that waits for clients is there" kill -0 "$sshd_pid"

# A device comes back from another port of its own.
ok "a device that vanished comes back at once" start 2
is "and has its port" "$(sessions 22002)" "R22002 "

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
