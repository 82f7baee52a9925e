#!/bin/sh
# SPDX-License-Identifier: ISC
#
# What the kernel says of the near end of a forward: the device of -w.  In a
# network namespace of our own.

if [ "${TUN_ENDS:-}" = "" ] && [ "$(id -u)" -eq 0 ] &&
    unshare --net true 2>/dev/null; then
	TUN_ENDS=1 exec unshare --net sh "$0"
fi

# shellcheck source=tests/tools/lib.sh
. "$(dirname "$0")/../tools/lib.sh"
# shellcheck source=tests/live/sshd.sh
. "$(dirname "$0")/sshd.sh"

[ -n "${TUN_ENDS:-}" ] || skip_all "not root, or no network namespaces"
command -v ip >/dev/null || skip_all "no ip"
ip link set lo up || skip_all "no loopback"
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
	is "a tap" "$(shown "$t-tap" id,listen,target,state)" \
	    "T5 tap5 tap6 $(shown "$t-tap" state)"
	is "the first of -w and Tunnel decides" \
	    "$(shown "$t-tun" listen,target)" "tun3 tun4"
	is "any: the kernel knows" "$(shown "$t-any" listen)" \
	    "$(device "$t-any")"
	like "  and it says a name" "$(device "$t-any")" '^tun[0-9]+$'
	is "  the other one is the server's" "$(shown "$t-any" target)" "?"
	is "without the sockets it is not known" \
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
	tunps -a --record "$dir/record" "$t-tap" "$t-any" "$t-tun"
	is "a recorded one says the same" \
	    "$(tunps -anro listen --table "$dir/record")" "$(tunps -anro listen)"
	pid=$(tunps -at tap5)
	run tunkill tap5
	is "tunkill takes it" "$status$err" 0
	ok "  and ends it" gone "$pid"
else
	skip "devices" "no device can be made here: $(tail -n 1 "$dir/ssh.log")"
fi

done_testing
