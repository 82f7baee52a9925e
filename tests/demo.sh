#!/bin/sh
# SPDX-License-Identifier: ISC
#
# demo.sh: the tools at work on real tunnels, as a session to read.  Starts a
# private sshd, opens one tunnel of each kind, looks at them with tunps, and
# ends all that it started, also on ^C.  Nothing outside loopback is touched.

. "$(dirname "$0")/tools/lib.sh"
. "$(dirname "$0")/live/sshd.sh"

if ! sshd_start; then
	echo "demo: $sshd_why (make deps installs it)" >&2
	exit 1
fi

# say TEXT: what comes next, and why.
say() {
	printf '\n# %s\n' "$*"
}

# show COMMAND...: a command as one would type it; do_ runs it, too.
show() {
	printf '$ %s\n' "$*"
}

do_() {
	show "$@"
	"$@"
}

# opened PORT: is anybody listening?
opened() {
	port_taken "$1"
}

config=$dir/config
web=$(free_port) socks=$(free_port) back=$(free_port) db=$(free_port)
adopted=$(free_port)

say "Five tunnels, gone to the background: \$! knows none of them."
do_ ssh -F "$config" -fN -L "$web:127.0.0.1:$sshd_port" tunweb
do_ ssh -F "$config" -fN -D "$socks" tunproxy
do_ ssh -F "$config" -fN -R "$back:127.0.0.1:$sshd_port" tunback

say "A master that lives on after its command; its arguments are lost."
do_ ssh -F "$config" -o ControlMaster=yes -o ControlPath="$dir/master" \
    -o ControlPersist=yes -L "$db:127.0.0.1:$sshd_port" tundb true

say "One whose parent is a subreaper, as under a desktop session: not PID 1."
mkfifo "$dir/leash"
# The subreaper stays until its standard input ends, with descriptor 9.
set -- subreaper ssh -F "$config" -fN -L "$adopted:127.0.0.1:$sshd_port" \
    tunadopted
show "$@" \&
"$@" <"$dir/leash" >"$dir/subreaper.out" &
remember $!
exec 9>"$dir/leash"

# A client of the first, so that there is a connection to count.
ssh -F "$config" -o HostName=127.0.0.1 -p "$web" -N tunclient </dev/null \
    >"$dir/client.log" 2>&1 &
remember $!

for port in "$web" "$socks" "$back" "$db" "$adopted"; do
	wait_for opened "$port" || note "port $port did not open"
done

say "Where did they go?"
do_ tunps

say "What is behind port $web?"
do_ tunps ":$web"

say "And behind $db?  The master has overwritten its arguments: that is a ?."
do_ tunps -v ":$db"

say "Who started whom, and who uses what."
do_ tunps -T

say "Do they work?  This asks master and servers."
do_ tuncheck "L$web" "D$socks" "$dir/master"

say "One more forward, through the master."
do_ tunadd -S "$dir/master" -L "$(free_port):127.0.0.1:$sshd_port"

say "What would go with the first of them?"
do_ tunkill -n "L$web"

say "End it; it is gone, and its port is free, when this returns."
do_ tunkill "L$web"
do_ tunps "L$web" || echo "(nothing: exit status $?)"

say "The rest ends with this script."
exec 9>&-
