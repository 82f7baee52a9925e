# shellcheck shell=sh disable=SC2034,SC2154
# SPDX-License-Identifier: ISC
#
# look.sh: what the tests of states share.  With it comes sshd.sh.
#
# A tunnel is told apart by its destination: $me-WORD is this run's own, and
# our sshd.

command -v sshd_start >/dev/null || . "$(dirname "$0")/sshd.sh"

me=tun$$

# tunnel WORD ARGS...: ssh -fN with these to $me-WORD; its PID in $pid.
tunnel() {
	word=$1
	shift
	ssh -F "$dir/config" -fN "$@" "$me-$word" >"$dir/ssh.log" 2>&1 \
	    </dev/null || note "ssh $*: $(cat "$dir/ssh.log")"
	pid=$(pid_of "$me-$word")
	[ -n "$pid" ] || return 0
	remember "$pid"
	wait_for leads_session "$pid"
}

# leads_session PID: ssh -f ends when it has forked, before its child does that.
leads_session() {
	[ "$(ps -o sid= -p "$1" | tr -d ' ')" = "$1" ]
}

# pid_of SELECTOR: of the newest tunnel that it names.
pid_of() {
	tunps -a -t --newest "$1" 2>/dev/null
}

# state SELECTOR: of the tunnel, in our own words.
state() {
	ask "$1" 2>&1 | cut -d ' ' -f 2
}

# own SELECTOR: the states of its forwards, one word a forward.
own() {
	ask -f "$1" 2>&1 | cut -d ' ' -f 2 | tr '\n' ' ' | sed 's/ $//'
}

ctl() {
	ask "$1" 2>&1 | cut -d ' ' -f 3
}

why() {
	ask "$1" 2>&1
}

conns() {
	tunps -a -n -r -o conns "$1" 2>/dev/null | tr '\n' ' ' | sed 's/ $//'
}

# helpers SELECTOR: the PIDs of those of a tunnel.
helpers() {
	tunps -a -J "$1" | tr -d ' \n' | sed 's/.*"helpers":\[//; s/\].*//' |
	    grep -o '"pid":[0-9]*' | cut -d : -f 2
}

# stale PID, suspect PID: would it be among those?
stale() {
	tunps -a -q --stale -p "$1" 2>/dev/null
}

suspect() {
	tunps -a -q --suspect -p "$1" 2>/dev/null
}

# is_now WANT COMMAND...: for wait_for.
is_now() {
	want_=$1
	shift
	[ "$("$@")" = "$want_" ]
}

# comes_to NAME WANT COMMAND...: what the command prints, once it does.
comes_to() {
	name_=$1 goal_=$2
	shift 2
	wait_for is_now "$goal_" "$@"
	is "$name_" "$("$@")" "$goal_"
}

# cut_link [in|out|both] [VERDICT]: drops, or does otherwise, what the sshd sends,
# what tunnels send to it, or both, where the sshd is; until restore.
cut_link() {
	{
		echo 'table inet cut {'
		[ "${1:-}" = in ] || printf '%s\n' 'chain input {' \
		    'type filter hook input priority 0' \
		    "tcp dport $sshd_port ${2:-drop}" '}'
		[ "${1:-}" = out ] || printf '%s\n' 'chain output {' \
		    'type filter hook output priority 0' \
		    "tcp sport $sshd_port ${2:-drop}" '}'
		echo '}'
	} | server nft -f -
}

restore() {
	server nft delete table inet cut
}

# server COMMAND...: where the sshd is; two_machines.sh has another machine.
server() {
	"$@"
}

# local_port PID: of its connection to the sshd.
local_port() {
	ss -Htnp "dport = :$sshd_port" | grep "pid=$1," |
	    awk '{ sub(/.*:/, "", $4); print $4 }'
}

# serving PORT: the processes at the other end of that; as root there are two.
serving() {
	server ss -Htnp "sport = :$sshd_port and dport = :$1" |
	    grep -o 'pid=[0-9]*' | sort -u | sed 's/pid=//'
}

# start_peer WORDS...: peer(1) of tests, until it is ready; its PID in $peer.
start_peer() {
	: >"$dir/peer.out"
	peer "$@" >"$dir/peer.out" 2>&1 </dev/null &
	peer=$!
	remember "$peer"
	wait_for test -s "$dir/peer.out"
	grep -q '^ready' "$dir/peer.out" || {
		note "peer $*: $(cat "$dir/peer.out")"
		return 1
	}
}

# end_peer: the last one.
end_peer() {
	kill "$peer" 2>/dev/null
	wait "$peer" 2>/dev/null
}

# record PID FILE: the process and its sockets as they are now.
record() {
	tabrec "$1" >"$2"
}

for program in ask json peer tabrec; do
	[ -x "$top/tests/$program" ] || skip_all "tests/$program is not built"
done
