#!/bin/sh
# shellcheck disable=SC2016
# SPDX-License-Identifier: ISC
#
# Real managers of services, which start at once again what ends: tunkill
# refuses, by a plain signal it comes back, and with --supervisor it does not.

. "$(dirname "$0")/end.sh"
. "$(dirname "$0")/group.sh"

# another PID: has that one been replaced?
another() {
	now=$(pid_of "tun$$-$service") && [ -n "$now" ] && [ "$now" != "$1" ]
}

# service NAME [WORDS]: its directory, with a tunnel to run, by exec or by WORDS.
service() {
	service=$1
	p=$(free_port)
	mkdir "$dir/$service"
	cat >"$dir/$service/run" <<-END
	#!/bin/sh
	${2-exec} ssh -F '$dir/config' -N -L $p:$target tun$$-$service </dev/null
	${2+true}
	END
	chmod +x "$dir/$service/run"
}

# manage COMMAND...: a manager in the background, its PID in $manager.
manage() {
	"$@" </dev/null >/dev/null 2>&1 &
	manager=$!
	remember "$manager"
}

# managed SUPERVISOR COMMAND: $service runs; try all ways.
managed() {
	wait_for listens "$p"
	wait_for another none
	old=$(pid_of "tun$$-$service")
	exits "$service: refused" 3 tunkill ":$p"
	like "$service: with the command" "$err" \
	    "$1[^ ]* starts it again: $2 .--supervisor runs that"
	kill "$old"
	wait_for another "$old"
	ok "$service: what is ended by hand comes back" another "$old"
	wait_for listens "$p"
	works "$service: --supervisor ends it" tunkill --supervisor -e ":$p"
	like "$service: and says so" "$out" "L$p: ended ssh"
	stays_silent "$service: nothing comes back" "$p"
}

if has "runit" runsv sv; then
	service runit
	manage runsv "$dir/runit"
	managed "runsv " "sv down $dir/runit"
	sv exit "$dir/runit" >/dev/null 2>&1
	wait "$manager" 2>/dev/null
fi

if has "s6" s6-supervise; then
	service s6
	manage s6-supervise "$dir/s6"
	managed "s6-supervise " "s6-svc -d $dir/s6"
	s6-svc -dx "$dir/s6"
	wait "$manager" 2>/dev/null
fi

# Services that are scripts, which do not become ssh.
if has "a script of runit" runsv sv; then
	service script ''
	manage runsv "$dir/script"
	wait_for listens "$p"
	wait_for another none
	is "script: supervised" "$(tunps -rn -o origin,supervisor ":$p")" \
	    "supervised runsv\\040$manager"
	run tunkill -n --supervisor ":$p"
	like "script: the plan for both" "$out" "^L$p: run sv down $dir/script, \
then end ssh [0-9]+ .* by TERM\$"
	managed "runsv " "sv down $dir/script"
	sv exit "$dir/script" >/dev/null 2>&1
	wait "$manager" 2>/dev/null
fi

if has "two of a script" runsv sv; then
	service two ''
	q=$(free_port)
	sed -i "1a ssh -F '$dir/config' -N -L $q:$target tun$$-stays </dev/null &" \
	    "$dir/two/run"
	manage runsv "$dir/two"
	wait_for listens "$p"
	wait_for listens "$q"
	run tunkill -n --supervisor ":$p"
	like "two: the plan says what stays" "$out" "^    stays: ssh [0-9]+ \
\\(tun$$-stays\\), which runsv $manager does not start again then\$"
	unlike "two: and nothing else that ends" "$out" "with it: "
	works "two: --supervisor ends one" tunkill --supervisor ":$p"
	ok "two: the other one stays" listens "$q"
	sv exit "$dir/two" >/dev/null 2>&1
	wait "$manager" 2>/dev/null
	works "two: and is ended alone" tunkill ":$q"
fi

if has "an autossh of s6" s6-supervise autossh; then
	service autossh
	sed -i 's/exec ssh/exec env AUTOSSH_GATETIME=0 autossh -M 0/' \
	    "$dir/autossh/run"
	manage s6-supervise "$dir/autossh"
	managed "s6-supervise " "s6-svc -d $dir/autossh"
	s6-svc -dx "$dir/autossh"
	wait "$manager" 2>/dev/null
fi

if has "daemontools" supervise svc; then
	service daemontools
	manage supervise "$dir/daemontools"
	managed "supervise " "svc -d $dir/daemontools"
	svc -dx "$dir/daemontools"
	wait "$manager" 2>/dev/null
fi

if has "supervisord" supervisord; then
	service supervisord
	cat >"$dir/supervisord.conf" <<-END
	[unix_http_server]
	file=$dir/supervisor.sock
	[supervisord]
	logfile=$dir/supervisord.log
	pidfile=$dir/supervisord.pid
	childlogdir=$dir
	nodaemon=true
	[rpcinterface:supervisor]
	supervisor.rpcinterface_factory =
	    supervisor.rpcinterface:make_main_rpcinterface
	[program:web]
	command=$dir/supervisord/run
	autorestart=true
	startsecs=0
	[program:other]
	command=sleep 600
	END
	manage supervisord -c "$dir/supervisord.conf"
	managed "supervisord " \
	    "supervisorctl -s unix://$dir/supervisor.sock stop web:web"
	like "supervisord: its other programs run on" \
	    "$(supervisorctl -s "unix://$dir/supervisor.sock" status)" \
	    "other  *RUNNING"
	kill "$manager"
	wait "$manager" 2>/dev/null
fi

# systemd itself, as a user's manager: in a group where one would be, and where
# /run says that systemd runs the machine.
cat >"$dir/systemd.sh" <<'END'
for tree in $3; do
	mkdir -p "$tree/$1/init.scope" &&
	    echo $$ >"$tree/$1/init.scope/cgroup.procs"
done
mkdir -p /run/systemd && mount -t tmpfs none /run/systemd &&
    mkdir /run/systemd/system || exit
dbus-daemon --session --address="unix:path=$XDG_RUNTIME_DIR/bus" --nofork \
    --nopidfile >/dev/null 2>&1 &
echo $! >"$2"
exec /lib/systemd/systemd --user --log-target=null
END
no_groups() {
	for tree in $(group_trees); do
		[ ! -d "$tree/${slice%%/*}" ] || (cd "$tree" && wait_for sh -c \
		    'find "$0" -depth -type d -exec rmdir {} +' "${slice%%/*}")
	done 2>/dev/null
}

# What systemctl(1) and who runs it see is that machine.
inside() {
	nsenter -m -t "$manager" "$@"
}
is_running() {
	[ "$(inside systemctl --user is-system-running 2>/dev/null)" = running ]
}

user_manager() {
	[ "$(id -u)" -eq 0 ] && [ -x /lib/systemd/systemd ] &&
	    command -v dbus-daemon >/dev/null && command -v unshare \
	    >/dev/null && [ ! -e /run/systemd/system ] || return 1
	export XDG_RUNTIME_DIR="$dir/xdg"
	slice=$mine.slice/user@0.service
	mkdir -p "$XDG_RUNTIME_DIR/systemd/user"
	chmod 700 "$XDG_RUNTIME_DIR"
	at_exit no_groups
	unshare -m sh "$dir/systemd.sh" "$slice" "$dir/dbus.pid" \
	    "$(group_trees)" </dev/null >/dev/null 2>&1 &
	manager=$!
	remember "$manager"
	wait_for test -S "$XDG_RUNTIME_DIR/bus" || return 1
	remember "$(cat "$dir/dbus.pid")"
	wait_for is_running
}

# unit NAME LINES: a service of that manager, which runs; $p is a port.
unit() {
	printf '[Service]\n%s\n' "$2" \
	    >"$XDG_RUNTIME_DIR/systemd/user/tun$$-$1.service"
	inside systemctl --user daemon-reload
	inside systemctl --user start "tun$$-$1.service"
}

# origin: of what listens on $p.
origin() {
	wait_for listens "$p"
	tunps -rn -o origin,supervisor ":$p" 2>&1
}

if can "systemd" "no place for a systemd --user" user_manager; then
	tunkill() {
		inside "$top/tools/tunkill" "$@"
	}
	service systemd
	cat >"$XDG_RUNTIME_DIR/systemd/user/tun$$.service" <<-END
	[Service]
	ExecStart=$dir/systemd.run
	Restart=always
	RestartSec=100ms
	END
	mv "$dir/systemd/run" "$dir/systemd.run"
	inside systemctl --user daemon-reload
	inside systemctl --user start "tun$$.service"
	managed "systemd --user tun" "systemctl --user stop -- tun$$.service"
	is "systemd: and knows that it was told" \
	    "$(inside systemctl --user is-active "tun$$.service")" inactive

	ssh="$(command -v ssh) -F $dir/config"
	# Which tunnels are the service's: its daemon, its main process
	# beside another one, and not what a session in it has started.
	p=$(free_port)
	unit fork "Type=forking
ExecStart=$ssh -fN -L $p:$target tun$$-fork"
	is "systemd: a service that forks" "$(origin)" \
	    "supervised systemd\040--user\040tun$$-fork.service"
	p=$(free_port)
	unit crowd "ExecStart=$ssh -N -L $p:$target tun$$-crowd
ExecStartPost=/bin/sh -c 'sleep 600 &'"
	is "systemd: a main process in company" "$(origin)" \
	    "supervised systemd\040--user\040tun$$-crowd.service"
	p=$(free_port)
	unit agent "ExecStart=sleep 600"
	group=$(inside systemctl --user show -p ControlGroup --value \
	    "tun$$-agent.service")
	for tree in $(group_trees); do
		[ ! -w "$tree$group/cgroup.procs" ] || break
	done
	group=$tree$group
	joined ssh -F "$dir/config" -fN -L "$p:$target" "tun$$-agent" \
	    </dev/null >/dev/null 2>&1
	is "systemd: a session in a service" "$(origin)" "background -"
	inside systemctl --user stop "tun$$-fork" "tun$$-crowd" "tun$$-agent"
	inside systemctl --user exit 2>/dev/null
	wait "$manager" 2>/dev/null
	kill "$(cat "$dir/dbus.pid")" 2>/dev/null
fi

done_testing
