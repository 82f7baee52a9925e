# shellcheck shell=sh disable=SC2034,SC2154
# SPDX-License-Identifier: ISC
#
# end.sh: what the tests of tunkill share: what has ended is looked for by
# ps(1) and ss(8).  Source it after sshd.sh; sshd runs then.

command -v ss >/dev/null || skip_all "no ss"
sshd_start || skip_all "$sshd_why"
target=127.0.0.1:$sshd_port

# pid_of NAME: of those with this destination the one that stays.
pid_of() {
	tunps -a -t "$1" 2>/dev/null
}

# tunnel NAME SSH-ARGS...: in the background; its PID in $pid.
tunnel() {
	name=$1
	shift
	ssh -F "$dir/config" -fN "$@" "tun$$-$name" </dev/null >/dev/null \
	    2>"$dir/ssh.log" || note "ssh: $(cat "$dir/ssh.log")"
	pid=$(pid_of "tun$$-$name")
}

# listens PORT, silent PORT: does anybody?
listens() {
	[ -n "$(ss -Hltn "sport = :$1")" ]
}

silent() {
	! listens "$1"
}

# ended PID: gone, or a zombie.
ended() {
	! ps -o stat= -p "$1" | grep -q '^[^Z]'
}

listed() {
	tunps -a -q "$1" 2>/dev/null
}
