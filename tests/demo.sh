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
ssh -F "$config" -o HostName=127.0.0.1 -p "$web" -N tunclient </dev/null &
remember $!

for port in "$web" "$socks" "$back" "$db" "$adopted"; do
	wait_for opened "$port" || note "port $port did not open"
done

say "Where did they go?"
do_ tunps

say "What is behind port $db?"
do_ tunps ":$db"

say "All there is to know about one."
do_ tunps -l "L$web"

if tunps --help 2>&1 | grep -q -e '-T'; then
	say "Who started whom, and who uses what."
	do_ tunps -T
fi

if command -v tunkill >/dev/null; then
	say "End one of them; it is gone, and its port is free, when this returns."
	do_ tunkill "L$web"
	do_ tunps "L$web"
fi

say "The rest ends with this script."
exec 9>&-
