#!/bin/sh
# SPDX-License-Identifier: ISC
#
# Sessions of an sshd that has not bound its port itself: sshd -i for each
# connection, and an sshd that was given the listening socket, as units of
# systemd do it.  Both listen for IPv4 and IPv6 at once.

. "$(dirname "$0")/look.sh"

require systemd-socket-activate ss
sshd_start || skip_all "$sshd_why"

# activated WORDS...: a listening port for sshd with these, in $port.
activated() {
	port=$(free_port)
	systemd-socket-activate -l "[::]:$port" "$@" -f "$dir/sshd_config" \
	    -E "$dir/activated.log" 2>"$dir/activate.log" </dev/null &
	activator=$!
	remember "$activator"
	wait_for listens "$port"
}
# session_is NAME: that of a device on $port, which has $p.
session_is() {
	ssh -F "$dir/config" -p "$port" -fN -o ExitOnForwardFailure=yes \
	    -R "$p:127.0.0.1:$sshd_port" "$me-device" 2>"$dir/ssh.log" </dev/null ||
	    { skip "$1" "$(cat "$dir/ssh.log" "$dir/activate.log")"; return; }
	from=$(ss -Htn "dport = :$port" | awk '{ print $4 }')
	run tunps --server -rn -o id,state,listen,client "$p"
	is "$1: the session is seen" "$out" "R$p up localhost:$p $from"
	is "$1: it is selected by the client's IPv4 address" \
	    "$(tunps --server -rn -o id 127.0.0.1)" "R$p"
	exits "$1: it is ended" 0 tunkill --server "$p"
	ok "$1: its port is free" silent "$p"
}

p=$(free_port)
activated --inetd -a "$sshd_path" -i
session_is 'sshd -i'
ok "sshd -i: the socket is open for the next one" listens "$port"
kill "$activator"
wait "$activator" 2>/dev/null
p=$(free_port)
activated "$sshd_path" -D
session_is 'sshd with a socket'
done_testing
