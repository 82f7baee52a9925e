# shellcheck shell=sh disable=SC2034,SC2154
# SPDX-License-Identifier: ISC
#
# sshd.sh: a throw-away sshd on the loopback addresses, with its own keys and
# configuration; nothing of the system's or the user's is read.  With it comes
# tests/tools/lib.sh.
#
#	sshd_start || skip_all "$sshd_why"
#	ssh -F "$dir/config" -fN -L "$(free_port):127.0.0.1:$sshd_port" tun
#
# Any host name that starts with "tun" is this sshd.  When the script ends,
# what was remembered, every ssh with a path under $dir in its arguments or
# title, the sshd and its sessions are ended; no other process is touched.

command -v done_testing >/dev/null || . "$(dirname "$0")/../tools/lib.sh"

has_live || skip_all 'no live system in this build'

sshd_pid='' sshd_port='' sshd_why=''
remembered='' masters=' ' made_users=''

# born PID: when it started, or nothing; with the PID this names a process.
# Linux has it in ticks since boot: what ps makes of that is another second
# when the clock is set.
born() {
	if [ -r /proc/self/stat ]; then
		sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | cut -d ' ' -f 20
	else
		ps -o lstart= -p "$1" 2>/dev/null | tr -s ' ' _
	fi
}

alive() {
	kill -0 "$1" 2>/dev/null
}

gone() {
	! alive "$1"
}

# in_process_state PID LETTER: as ps(1) has it.
in_process_state() {
	case $(ps -o stat= -p "$1") in
	"$2"*) return 0 ;;
	*) return 1 ;;
	esac
}

stop() {
	kill -STOP "$1" && wait_for in_process_state "$1" T
}

# ended PID: gone, or a zombie that its parent has not come to yet.
ended() {
	gone "$1" || in_process_state "$1" Z
}

# listens PORT [PID]: does anybody, or that process?
listens() {
	ss -Hltnp "sport = :$1" | grep -q "${2:+pid=$2,}"
}

# listens_path PATH PID: the same of a unix socket.
listens_path() {
	ss -Hlxp | grep -q " $1 .*pid=$2,"
}

silent() {
	! listens "$1"
}

# stays_silent NAME PORT: nobody comes back there within two seconds.
stays_silent() {
	sleep 2
	ok "$1" silent "$2"
}

# holder PORT: the PIDs of those who listen there.
holder() {
	ss -Hltnp "sport = :$1" | grep -o 'pid=[0-9]*' | sort -u | cut -d= -f2
}

# banner HOST PORT: the first line that comes when one connects there.
banner() {
	timeout 5 bash -c "exec 3<>/dev/tcp/$1/$2 && head -n 1 <&3" 2>/dev/null
}

# listed SELECTOR: does tunps have it?
listed() {
	tunps -a -q "$1" 2>/dev/null
}

# remember PID: end it when the script ends, if it still is the same process.
remember() {
	remembered="$remembered $1/$(born "$1")"
}

# random_port: one below those that the kernel hands out by itself.
random_port() {
	n=$(od -An -N2 -tu2 /dev/urandom)
	echo $((20000 + n % 12000))
}

# port_taken PORT: has any local TCP socket this port?
port_taken() {
	if [ -r /proc/net/tcp ]; then
		cat /proc/net/tcp /proc/net/tcp6 2>/dev/null |
		    awk '{ print $2 }' | grep -q ":$(printf %04X "$1")\$"
	else
		netstat -an | grep -q "[.:]$1 "
	fi
}

# free_port: a port nobody has, and that this script was not given before.
free_port() {
	port=$(random_port)
	while port_taken "$port" || [ -e "$dir/port.$port" ]; do
		port=$(random_port)
	done
	: >"$dir/port.$port"
	echo "$port"
}

listening() {
	grep -q "^Server listening on 127.0.0.1 port $sshd_port\." "$dir/sshd.log"
}

# Ready, or ended for want of the port.
sshd_settled() {
	listening || gone "$sshd_pid"
}

# sshd_configure PORT: keys once, and both ends' files for this port.  The key
# exchange is one that costs 10 ms of processor time, not 80 as that of
# OpenSSH 9.2.
sshd_configure() {
	sshd_port=$1
	for key in host_key user_key; do
		[ -f "$dir/$key" ] ||
			ssh-keygen -q -t ed25519 -N '' -f "$dir/$key" || return 1
	done
	cat >"$dir/sshd_config" <<-END
	Port $sshd_port
	ListenAddress 127.0.0.1
	ListenAddress ::1
	HostKey $dir/host_key
	KexAlgorithms curve25519-sha256
	AuthorizedKeysFile $dir/user_key.pub
	PasswordAuthentication no
	KbdInteractiveAuthentication no
	PermitRootLogin prohibit-password
	StrictModes no
	UsePAM no
	UseDNS no
	PidFile none
	SetEnv HOME=$dir
	PrintMotd no
	PrintLastLog no
	Subsystem sftp internal-sftp
	GatewayPorts clientspecified
	MaxSessions 100
	MaxStartups 100
	LogLevel VERBOSE
	END
	# From 9.8 on an address is refused for a while from which connections
	# were broken off, as tests do.
	! "$sshd_path" -T -f "$dir/sshd_config" 2>/dev/null |
	    grep -qi '^persourcepenalties ' ||
		echo "PerSourcePenalties no" >>"$dir/sshd_config"
	cat >"$dir/config" <<-END
	Host tun*
	    HostName 127.0.0.1
	Host *
	    Port $sshd_port
	    User $(id -un)
	    IdentityFile $dir/user_key
	    IdentitiesOnly yes
	    IdentityAgent none
	    UserKnownHostsFile $dir/known_hosts
	    GlobalKnownHostsFile /dev/null
	    StrictHostKeyChecking no
	    BatchMode yes
	    ControlPath none
	    LogLevel ERROR
	END
	# The default of newer versions costs ten times as much, each time.
	! ssh -Q kex | grep -qx curve25519-sha256 ||
		echo "    KexAlgorithms curve25519-sha256" >>"$dir/config"
}

# has_keyword KEYWORD=VALUE: does this ssh know it?
has_keyword() {
	ssh -G -F none -o "$1" h >/dev/null 2>&1
}

# sshd_start: an sshd that lets us in, which is the $target of forwards, or a
# reason in $sshd_why.
sshd_start() {
	sshd_path=$(command -v sshd) || { sshd_why="no sshd"; return 1; }
	command -v ssh >/dev/null || { sshd_why="no ssh"; return 1; }
	command -v ps >/dev/null || { sshd_why="no ps"; return 1; }

	# Where sshd separates privileges; a service would have made it.
	if [ "$(id -u)" -eq 0 ] && [ -d /run ]; then
		mkdir -p /run/sshd
	fi

	# Binding is the only real test of a port: try until sshd has one.
	# It runs itself again from /, so every path is absolute.
	for _ in 1 2 3 4 5; do
		: >"$dir/sshd.log"
		sshd_configure "$(free_port)" || return 1
		"$sshd_path" -D -f "$dir/sshd_config" -E "$dir/sshd.log" \
		    </dev/null &
		sshd_pid=$!
		wait_for sshd_settled
		! listening || break
		kill "$sshd_pid" 2>/dev/null
		wait "$sshd_pid" 2>/dev/null
		sshd_pid=
	done
	if [ -z "$sshd_pid" ]; then
		sshd_why="sshd does not start: $(tail -n 1 "$dir/sshd.log")"
		return 1
	fi
	if ! ssh -F "$dir/config" tun true >"$dir/ssh.log" 2>&1; then
		sshd_why="sshd lets nobody in: $(tail -n 1 "$dir/sshd.log")"
		return 1
	fi
	target=127.0.0.1:$sshd_port
}

# sshd_stop: no new connections; those that exist stay, as they would.
sshd_stop() {
	[ -n "$sshd_pid" ] || return 0
	kill "$sshd_pid" 2>/dev/null
	wait "$sshd_pid" 2>/dev/null
	sshd_pid=
}

# background SSH-ARGS...: a tunnel.
background() {
	ssh -F "$dir/config" -fN "$@" </dev/null >"$dir/ssh.log" 2>&1 ||
	    note "ssh $*: $(cat "$dir/ssh.log")"
}

# master NAME SSH-ARGS...: a master in the background at $dir/NAME, its PID in
# $pid.  The prompt of an asking one is answered by nobody.
master() {
	path=$dir/$1
	shift
	env -u DISPLAY -u SSH_ASKPASS ssh -F "$dir/config" -S "$path" -fN "$@" \
	    tun </dev/null >"$dir/ssh.log" 2>&1 || {
		note "master: $(cat "$dir/ssh.log")"
		return 1
	}
	pid=$(ps -axo pid=,args= | awk -v path="$path" -v old="$masters" '
	    $2 ~ /ssh$/ && index($0, " -S " path " ") &&
	    !index(old, " " $1 " ") { print $1 }')
	masters="$masters$pid "
	remember "$pid"
}

# as USER COMMAND...: as that user.
as() {
	user_=$1
	shift
	setpriv --reuid "$user_" --regid "$(id -g "$user_")" --clear-groups "$@"
}

# make_users NAME...: with $dir as their home; they go when the script ends, after
# all their processes.
make_users() {
	for user_; do
		useradd -p '*' -M -N -g nogroup -s /bin/sh -d "$dir" "$user_" \
		    2>/dev/null ||
		    useradd -p '*' -M -N -s /bin/sh -d "$dir" "$user_" || return
		made_users="$made_users $user_"
	done
}

has_no_processes() {
	[ -z "$(ps -o pid= -u "$1" 2>/dev/null)" ]
}

# can_be_nobody NAME: may root become that user?  If not, NAME is skipped.
can_be_nobody() {
	is_root "$1" && has "$1" setpriv && can "$1" "no nobody" id nobody
}

# config_for USER: a directory $dir/USER of theirs, with a key and a config.
config_for() {
	mkdir "$dir/$1"
	cp "$dir/user_key" "$dir/$1/key"
	sed "s|$dir/user_key|$dir/$1/key|; s|$dir/known|$dir/$1/known|" \
	    "$dir/config" >"$dir/$1/config"
	chown -R "$1" "$dir/$1"
	chmod 755 "$dir"
}

# our_ssh: the PIDs of the clients that say a path under $dir.
our_ssh() {
	ps -axo pid=,comm=,args= | awk -v dir="$dir/" '
	$2 ~ /^((auto)?ssh|dbclient)$/ && index($0, dir) { print $1 }'
}

# sessions: the PIDs of our sshd's children, one for each connection.
sessions() {
	ps -axo pid=,ppid= | awk -v sshd="$sshd_pid" '$2 == sshd { print $1 }'
}

# clients: the PIDs of our ssh, and of what was remembered and runs.
clients() {
	our_ssh
	for process in $remembered; do
		pid=${process%%/*}
		ended "$pid" || [ "$process" != "$pid/$(born "$pid")" ] ||
			echo "$pid"
	done
}

# end_those COMMAND: the processes that it prints.  A stopped one takes its TERM
# after the CONT.
end_those() {
	for signal in TERM CONT KILL; do
		for pid in $("$1"); do
			kill -s "$signal" "$pid" 2>/dev/null
		done
		[ "$signal" = TERM ] || wait_for is_empty "$1"
	done
}

is_empty() {
	[ -z "$("$1")" ]
}

# The clients first, so that most of the server's sessions end by themselves.
end_all() {
	end_those clients
	end_those sessions
	sshd_stop
	for user in $made_users; do
		wait_for has_no_processes "$user"
		userdel "$user"
	done
}

at_exit end_all
