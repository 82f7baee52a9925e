#!/bin/sh
# SPDX-License-Identifier: ISC
#
# The far end: devices hold ports of a server by -R, and some of them vanish
# without a word.  Their sessions are told from the others, ended, and the
# devices come back.  The sshd is in a network namespace of its own.

if [ "${TUN_SESSIONS:-}" = "" ] && [ "$(id -u)" -eq 0 ] &&
    unshare --net true 2>/dev/null; then
	TUN_SESSIONS=1 exec unshare --net sh "$0"
fi
. "$(dirname "$0")/look.sh"

[ -n "${TUN_SESSIONS:-}" ] || skip_all "not root, or no network namespaces"
require ip nft nsenter ss nc

devices='1 2 3 4 5 6'
vanished='2 4 6'

server() {
	nsenter --target "$sshd_pid" --net "$@"
}

sshd=$(command -v sshd) || skip_all "no sshd"
mkdir -p /run/sshd
ip link set lo up || skip_all "no loopback"
sshd_configure "$(random_port)" || skip_all "no keys"
sed -e 's/^ListenAddress ::1/ListenAddress 0.0.0.0/' \
    -e '/^ListenAddress 127/d' "$dir/sshd_config" >"$dir/sshd_config.2"
sed "s/HostName 127.0.0.1/HostName 198.18.1.2/" "$dir/config" >"$dir/config.2"
mv "$dir/config.2" "$dir/config"
unshare --net "$sshd" -D -f "$dir/sshd_config.2" -E "$dir/sshd.log" \
    </dev/null &
sshd_pid=$!
remember "$sshd_pid"
wait_for grep -q '^Server listening' "$dir/sshd.log" ||
    skip_all "sshd does not start: $(tail -n 1 "$dir/sshd.log")"
make_link() {
	ip link add dev-ours type veth peer name dev-theirs \
	    netns "$sshd_pid" &&
	    ip addr add 198.18.1.1/30 dev dev-ours &&
	    ip link set dev-ours up &&
	    server ip link set lo up &&
	    server ip addr add 198.18.1.2/30 dev dev-theirs &&
	    server ip link set dev-theirs up
}
make_link || skip_all "no veth"
wait_for ssh -F "$dir/config" "$me" true 2>"$dir/ssh.log" ||
    skip_all "no way to the sshd: $(cat "$dir/ssh.log")"

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
done_testing
