#!/bin/sh
# SPDX-License-Identifier: ISC
#
# What the kernel says of the near end of a forward: the device of -w, and
# whether there is the address that it listens on.  In a network namespace of
# our own.

. "$(dirname "$0")/apart.sh"
. "$(dirname "$0")/sshd.sh"

sshd_start || skip_all "$sshd_why"

t=tun$$

# shown WORD COLUMNS: what its row has.
shown() {
	tunps -anro "$2" "$1" 2>&1
}

# --- devices ----------------------------------------------------------------

# A server that lets devices through.
permit() {
	echo "PermitTunnel yes" >>"$dir/sshd_config" &&
	    kill -HUP "$sshd_pid"
}

# device WORD: what the kernel says.
device() {
	grep -hs '^iff:' "/proc/$(tunps -at "$1")"/fdinfo/* | cut -f 2
}

# opened ARGS...: an ssh with a device.
opened() {
	ssh -F "$dir/config" -fN -o ExitOnForwardFailure=yes "$@" \
	    2>>"$dir/ssh.log"
}

devices() {
	permit && wait_for opened -o Tunnel=ethernet -w 5:6 "$t-tap" || return 1
	opened -w any "$t-any" && opened -w 3:4 -o Tunnel=ethernet "$t-tun"
}

if [ -c /dev/net/tun ] && devices; then
	run tunkill -n "$t-tap"
	like "what goes through a device is not seen" "$out" \
	    "not seen: what goes through its tun or tap device"
	is "a tap" "$(shown "$t-tap" id,listen,target,state)" \
	    "T5 tap5 tap6 $(shown "$t-tap" state)"
	is "the first of -w and Tunnel decides" \
	    "$(shown "$t-tun" listen,target)" "tun3 tun4"
	is "any: the kernel knows" "$(shown "$t-any" listen)" \
	    "$(device "$t-any")"
	like "  and it says a name" "$(device "$t-any")" '^tun[0-9]+$'
	is "  the other one is the server's" "$(shown "$t-any" target)" "?"
	is "  and it selects" \
	    "$(tunps -anro id "$(device "$t-any")" 2>&1)" Tany
	is "a name selects" "$(tunps -at tap5)" "$(tunps -at "$t-tap")"
	exits "  of the device that there is" 1 tunps -aq tun5
	is "JSON has it" \
	    "$(tunps -aJ tap5 | grep -o '"listen": *"[^"]*"' | tr -d ' ')" \
	    '"listen":"tap5"'
	like "the config of a tap" "$(tunps -a --export=config "$t-tap")" \
	    "Tunnel ethernet"
	ip link set tun3 down && ip link set tun3 name "vpn$$"
	is "a device with another name" "$(shown "$t-tun" listen)" "vpn$$"
	tunps -a --record "$dir/record" "$t-tap" "$t-any" "$t-tun" >/dev/null
	is "a recorded one says the same" \
	    "$(tunps -anro listen --table "$dir/record")" "$(tunps -anro listen)"

	# A device of ssh_config, and what goes with it.
	cat - "$dir/config" >"$dir/devices" <<-END
	Host $t-conf
	    Tunnel ethernet
	    TunnelDevice 17:18
	Host $t-confany
	    Tunnel yes
	END
	p=$(free_port)
	ssh -F "$dir/devices" -fN -L "$p:h:1" "$t-conf" 2>>"$dir/ssh.log"
	ssh -F "$dir/devices" -fNM -S "$dir/cm-device" "$t-confany" \
	    2>>"$dir/ssh.log"
	is "a device of ssh_config" \
	    "$(shown tap17 id,listen,target,state,source,via)" \
	    "T17 tap17 ? up socket $t-conf"
	is "  of any number, in a master" "$(tunps -anro listen \
	    "$t-confany")" "$(device "$t-confany")"
	is "  --config says where it leads" \
	    "$(tunps -anro target --config tap17)" tap18
	exits "  healthy" 0 tuncheck -qx tap17
	tunps -a --record "$dir/record" "$t-conf" >/dev/null
	is "  recorded, too" "$(tunps -anro id --table "$dir/record" tap17)" T17
	exits "  it does not go for the sake of another" 3 tunkill "$p"
	like "    and is named" "$err" "also carries T17.*: --whole ends it all"
	works "  it is ended by its name" tunkill --whole tap17
	# What options can say, several at once, and behind a jump host.
	opened -o TunnelDevice=21:22 -o Tunnel=ethernet "$t-opt"
	opened -J "$t-hop" -w 23:any "$t-hopped"
	is "TunnelDevice by -o, and through a jump host" \
	    "$(shown tap21 target) $(shown tun23 target)" "tap22 ?"

	ip addr add 198.18.7.1/32 dev tap5
	p=$(free_port)
	opened -b 198.18.7.1 -L "$p:h:1" "$t-over"
	over=$(tunps -at "$p")
	run tunkill -n tap5
	like "a tunnel from an address of the device is named" "$out" \
	    "^    with it: ssh $over \($t-over\), which goes through its device"
	is "  in JSON, too" "$(tunkill -nJ tap5 |
	    json '.targets[0].through')" "[$over]"
	unlike "  no other" "$(tunkill -n tap21)" "goes through its device"
	works "  which ends before the device" tunkill "$p"

	pid=$(tunps -at tap5)
	works "tunkill takes it" tunkill tap5
	ok "  and ends it" gone "$pid"
else
	skip "devices" "no device can be made here: $(tail -n 1 "$dir/ssh.log")"
fi

# --- addresses --------------------------------------------------------------

# on WORD OPTION BIND: a forward there; its port in $p.
on() {
	p=$(free_port)
	ssh -F "$dir/config" -fN "$2" "$3:$p${4:+:$4}" "$t-$1" 2>>"$dir/ssh.log" ||
		note "$*: $(tail -n 1 "$dir/ssh.log")"
}

# state WORD
state() {
	shown "$t-$1" state
}

# no_address NAME WORD, well NAME WORD
no_address() {
	is "$1" "$(state "$2"), $(tunps -aq --check "$t-$2" 2>&1; echo $?)" \
	    "noaddress, 4"
}
well() {
	is "$1" "$(state "$2"), $(tunps -aq --check "$t-$2" 2>&1; echo $?)" \
	    "up, 0"
}

no=$(sysctl -n net.ipv6.conf.all.disable_ipv6 2>/dev/null)
if ! ip link add e0 type veth peer name e1; then
	skip "addresses" "no interfaces can be made here"
	done_testing
	exit
fi
ip link set e0 up
ip link set e1 up
ip addr add 192.0.2.7/24 dev e0
target=localhost:$sshd_port
on local -L 192.0.2.7 "$target"
local=$p
on dynamic -D 192.0.2.7
on wild -L '*' "$target"
on lo -L 127.9.9.9 "$target"
well "the address is there" local
ip addr del 192.0.2.7/24 dev e0
no_address "it was removed" local
no_address "also of -D" dynamic
well "a wildcard is at no address" wild
well "all of 127/8 stays" lo
like "-v says why" "$(tunps -av "$t-local")" \
    "forward noaddress because .*no interface has the address"
exits "tuncheck -x" 4 tuncheck -x "$t-local"
exits "tuncheck -P -x" 4 tuncheck -P -x "$t-local"
like "JSON has the reason" "$(tunps -aJ "$t-local")" \
    '"reason": *"no interface has the address that it listens on"'
exits "it is not stale" 1 tunps -aq --stale "$t-local"
exits "--state selects it" 0 tunps -aq --state=noaddress "$t-local"
tunps -a --record "$dir/record" "$t-local" >/dev/null
is "a recorded one is so, too" \
    "$(tunps -anro state --table "$dir/record" "$t-local")" noaddress

ip addr add 192.0.2.7/32 dev e1
well "it is back, on another interface" local
ip addr del 192.0.2.7/32 dev e1
ip route add local 192.0.2.0/24 dev lo
well "a local route has it" local
ip route del local 192.0.2.0/24 dev lo
ip route add 192.0.2.0/24 dev e0
no_address "a route elsewhere has it not" local
if sysctl -qw net.ipv4.ip_nonlocal_bind=1 2>/dev/null; then
	no_address "that it could be bound to does not help" local
	sysctl -qw net.ipv4.ip_nonlocal_bind=0
fi
ip addr add 192.0.2.7/24 dev e0
ip link set e0 down
well "an interface that is down has it still" local
ip link set e0 up

ssh -F "$dir/config" -fNM -S "$dir/cm" "$t-master" 2>>"$dir/ssh.log"
p=$(free_port)
tunadd -S "$dir/cm" -L "192.0.2.7:$p:$target" >/dev/null
ip addr del 192.0.2.7/24 dev e0
is "one that was added to a master" "$(shown "$local" state) $(shown "$p" \
    state)" "noaddress noaddress"
ip addr add 192.0.2.7/24 dev e0

# Seen from outside, by the addresses of its own namespace.
unshare --net sh -c 'ip link set lo up && echo ready && exec sleep 1000' \
    >"$dir/inner" &
inner=$!
remember "$inner"
wait_for test -s "$dir/inner"
inside() {
	nsenter --net="/proc/$inner/ns/net" "$@"
}
inside ip addr add 192.0.2.9/32 dev lo
inside "$sshd_path" -f "$dir/sshd_config" -o "PidFile $dir/inner.pid"
wait_for test -s "$dir/inner.pid"
remember "$(cat "$dir/inner.pid")"
p=$(free_port)
inside ssh -F "$dir/config" -fN -L "192.0.2.9:$p:$target" "$t-inner" \
    2>>"$dir/ssh.log"
unlike "another namespace has it" "$(state inner)" noaddress
ip addr add 192.0.2.9/32 dev lo
inside ip addr del 192.0.2.9/32 dev lo
is "  and has it no more, whoever else has" "$(state inner)" noaddress
ip addr del 192.0.2.9/32 dev lo

# --- the same for IPv6 ------------------------------------------------------

if [ "$no" = 0 ] && ip addr add 2001:db8::7/64 dev e0 nodad; then
	on six -L '[2001:db8::7]' "$target"
	well "an IPv6 address is there" six
	ip addr change 2001:db8::7/64 dev e0 preferred_lft 0
	well "deprecated" six
	ip addr del 2001:db8::7/64 dev e0
	no_address "removed" six
	sysctl -qw net.ipv6.conf.e0.dad_transmits=1000
	ip addr add 2001:db8::7/64 dev e0
	like "back, and tentative" "$(ip addr show dev e0 tentative)" \
	    2001:db8::7
	well "  which is no reason to call it gone" six
	ip addr del 2001:db8::7/64 dev e0
	ip -6 route add local 2001:db8::/64 dev lo
	well "a local route has it" six
	ip -6 route del local 2001:db8::/64 dev lo

	# The same address of a link may be on every interface.
	ip addr add fe80::7/64 dev e0 nodad
	ip addr add fe80::7/64 dev e1 nodad
	on link -L '[fe80::7%e0]' "$target"
	is "an address of a link" "$(state link)" up
	ip addr del fe80::7/64 dev e0
	is "  of its interface, not of another" "$(state link)" noaddress
	ip addr add fe80::7/64 dev e0 nodad
	is "  and back" "$(state link)" up
else
	skip "IPv6" "there is none"
fi

# --- a low port, where the kernel gives it to all

low=/proc/sys/net/ipv4/ip_unprivileged_port_start
if can_be_nobody "a low port" && [ -w "$low" ]; then
	echo 80 >"$low"
	config_for nobody
	as nobody ssh -F "$dir/nobody/config" -fNM -S "$dir/nobody/m" tun \
	    </dev/null
	tunadd=$(command -v tunadd)
	run as nobody env TUN_JOURNAL=off "$tunadd" -S "$dir/nobody/m" \
	    -L 127.0.0.1:80:h:1
	is "a low port" "$out$err $status" "L80 0"
	run as nobody "$tunadd" -n -S "$dir/nobody/m" -L 127.0.0.1:79:h:1
	like "  below that, only root's" "$err $status" \
	    'only a master of root .* 3$'
fi
done_testing
