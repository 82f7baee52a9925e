#!/bin/sh
# SPDX-License-Identifier: ISC
#
# What a user without root sees and ends of the own sessions of sshd, whose
# descriptors only root can read.

# shellcheck source=tests/live/apart.sh
. "$(dirname "$0")/apart.sh"
. "$(dirname "$0")/look.sh"

require setpriv ss
users alice bob
sshd_start || skip_all "$sshd_why"
sed -i 's/User root/User alice/' "$dir/config"
chmod 755 "$dir"
mkdir "$dir/bin"
cp "$top/tools/tunps" "$top/tools/tunkill" "$dir/bin"
alice() {
	tool=$1
	shift
	as alice "$dir/bin/$tool" "$@"
}
# hers ARG...: rows of her sessions.
hers() {
	run alice tunps --server -nr -o id,pid,state,listen,user,tty "$@"
}
# find_session REGEX: the PID of the session with such a title.
find_session() {
	ps -axo pid=,uid=,args= | awk -v uid="$(id -u alice)" -v title="$1" '
	    $2 == uid && $3 ~ /^sshd/ && $4 ~ title { print $1 }'
}
has_session() {
	[ -n "$(find_session "$1")" ]
}
# session_of REGEX: the same, once sshd has given it its title.
session_of() {
	wait_for has_session "$1"
	find_session "$1"
}

# --- one session

p=$(free_port)
mkdir "$dir/alice"
chown alice "$dir/alice"
path=$dir/alice/sock
background -R "$p:127.0.0.1:$sshd_port" -R "$path:127.0.0.1:$sshd_port" \
    "$me-first"
first=$(session_of '^alice$')
sshd=$(ps -o comm= -p "$first")	# sshd-session from 9.8 on
hers
is "a single session has the ports of its user" "$out" \
    "R$p $first hidden localhost:$p alice -"
is "  and it is that" "$(tunps --server -t "$p")" "$first"
like "what is not seen is said" "$err" 'sessions of sshd are not readable'
run alice tunps --server "$path"
is "who listens at its path is not seen" "$status $out $err" "3  \
tunps: $path: the process that listens there cannot be seen
tunps: $(alice tunps --server 2>&1 >/dev/null | sed 's/^tunps: //')"
mkdir -m 700 "$dir/closed"
run alice tunps --server "$dir/closed/sock"
like "nor whether anybody listens where she may not look" "$status $err" \
    "^3 tunps: $dir/closed/sock: whether a process listens there is not known\$"
run alice tunkill --server "$p"
like "it may carry more than its port" "$status $err" \
    '^3 .*its descriptors are hidden.*--whole ends it all'

# --- several

leash ssh -F "$dir/config" -tt "$me-shell" 'echo ready; exec cat'
wait_for grep -q ready "$dir/leashed"
shell=$(session_of '^alice@pts/[0-9]+$')
hers
is "several are listed, and a port of one of them" \
    "$(echo "$out" | sed 's|pts/[0-9]*|pts|')" "R$p ? hidden localhost:$p alice ?
M$first $first hidden - alice -
M$shell $shell hidden - alice pts"
hers "$p"
is "which of them has the port is not known" "$status" 3
like "  which they are is said" "$err" \
    "^tunps: R$p: one of these sessions has it: $sshd\($first\), $sshd\($shell\)$"
run alice tunkill --server "$p"
is "  nothing is ended for it" "$status $err" "3 tunkill: R$p: \
one of your sessions has it, give the PID of the one to end: $sshd($first), \
$sshd($shell)"
if has "the keys of --watch" tmux && can "the keys of --watch" \
    "built without curses" has_curses; then
	. "$top/tests/tools/tmux.sh"
	terminal_start 100 14
	enter "clear; setpriv --reuid alice --regid $(id -g alice) \
--clear-groups $dir/bin/tunps --server --watch=30 $p"
	wait_for shows "^  R$p "
	keys c
	said "  c: it cannot be asked" "^R$p: its process is not known\$"
	keys r
	wait_for hides "^R$p: "
	keys K
	said "  K: nothing is started for it" \
	    "^R$p: its process is not known\$"
	keys q
	wait_for has_modes "0 1 1"
	terminal kill-server
fi
run as bob "$dir/bin/tunkill" --server "$shell"
ok "nobody else ends one" alive "$shell"
run alice tunkill --server "$shell"
like "nor is one with a shell ended by its PID" "$status $err" \
    '^3 .*--sessions ends that, too'
# end_shown TTY: the same with --sessions, by a command whose parent has this
# terminal open.
tty=$(alice tunps --server -rn -o tty "$shell")
end_shown() {
	# shellcheck disable=SC2016 # that shell's words
	run as alice sh -c 'exec 9<>"/dev/$0"; "$@" 9<&-; exit $?' "$1" \
	    "$dir/bin/tunkill" --server -n --sessions "$shell"
}
end_shown null
like "  which would end it" "$status $out" "^0 M$shell: end "
end_shown "$tty"
like "nor one that the server of tmux(1) shows something to" "$status $out" \
    "^3 M$shell: refused: it is the login that this command came over\$"

# The shell that runs the command has the session as its parent.
# shellcheck disable=SC2016 # that shell's words
run ssh -F "$dir/config" "$me-self" \
    "$dir/bin/tunkill --server --sessions --whole \$PPID; echo status \$?"
like "a session does not end itself" "$out $err" \
    'status 3.*: it is what runs this command'

run alice tunkill --server --sessions "$shell"
is "with --sessions it is ended" "$status $err" '0 '
wait_for ended "$shell"
unleash
hers "$p"
is "the other has the port again" "$out" \
    "R$p $first hidden localhost:$p alice -"
run alice tunkill --server -v "$first"
like "by its PID it is ended without --whole" "$status $out" \
    "^R$p: ended|^0 R$p"
ok "  its port is free" wait_for silent "$p"
hers
is "nothing is left" "$status $out" '1 '
done_testing
