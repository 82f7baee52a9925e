#!/bin/sh
# shellcheck disable=SC2016,SC2154
# SPDX-License-Identifier: ISC
#
# The mux client against real masters, each claim checked by ss(8) or ps(1).

. "$(dirname "$0")/sshd.sh"

require ss
[ -x "$top/tests/muxcli" ] || skip_all "no muxcli"
sshd_start || skip_all "$sshd_why"

mux() {
	run muxcli "$@"
}

# --- a plain master

master m -M
mux "$path" check
is "check gives the PID" "$out" "ok $pid 0 "

port=$(free_port)
mux "$path" open L - "$port" 127.0.0.1 "$sshd_port"
is "open local" "$out" "ok $pid 0 "
ok "it listens" listens "$port" "$pid"
like "and carries" "$(banner 127.0.0.1 "$port")" "^SSH-2.0-"
mux "$path" open L - "$port" 127.0.0.1 "$sshd_port"
is "opened again it is said to be there" "$out" "ok $pid 0 "
mux "$path" open L - "$port" 127.0.0.1 1
is "a taken port is refused" "$out" "no Port forwarding failed"
mux "$path" cancel L localhost "$port" 127.0.0.1 "$sshd_port"
is "cancel in another spelling" "$out" "no port not forwarded"
ok "it still listens" listens "$port" "$pid"
mux "$path" cancel L - "$port" 127.0.0.1 "$sshd_port"
is "cancel local" "$out" "ok $pid 0 "
ok "it listens no more" not listens "$port" "$pid"
mux "$path" cancel L - "$port" 127.0.0.1 "$sshd_port"
like "cancel it again" "$out" "^no port not f"

mux "$path" open L "" "$port" 127.0.0.1 "$sshd_port"
is "open on every address" "$out" "ok $pid 0 "
like "ss agrees" "$(ss -Hltn "sport = :$port")" "0\.0\.0\.0:$port"
mux "$path" cancel L "" "$port" 127.0.0.1 "$sshd_port"
like "an empty address cannot be cancelled" "$out" \
    "^unsupported cannot be cancelled over the mux"
mux "$path" cancel L "*" "$port" 127.0.0.1 "$sshd_port"
is "a star can" "$out" "ok $pid 0 "
ok "it listens no more" not listens "$port" "$pid"

mux "$path" open D - "$port"
is "open dynamic" "$out" "ok $pid 0 "
ok "it listens" listens "$port" "$pid"
mux "$path" cancel D - "$port"
is "cancel dynamic" "$out" "ok $pid 0 "
ok "it listens no more" not listens "$port" "$pid"

mux "$path" open L "$dir/u" path 127.0.0.1 "$sshd_port"
is "open on a path" "$out" "ok $pid 0 "
ok "it listens" listens_path "$dir/u" "$pid"
mux "$path" cancel L "$dir/u" path 127.0.0.1 "$sshd_port"
is "cancel it" "$out" "ok $pid 0 "
ok "it listens no more" not listens_path "$dir/u" "$pid"
ok "the path stays" test -S "$dir/u"
mux "$path" open L - "$port" "$dir/v" path
is "open to a path" "$out" "ok $pid 0 "
mux "$path" cancel L - "$port" "$dir/v" path
is "cancel it" "$out" "ok $pid 0 "

mux "$path" open R - "$port" 127.0.0.1 "$sshd_port"
is "open remote" "$out" "ok $pid 0 "
like "the server listens" "$(ss -Hltn "sport = :$port")" ":$port"
mux "$path" cancel R - "$port" 127.0.0.1 "$sshd_port"
is "cancel remote" "$out" "ok $pid 0 "
ok "the server does not" wait_for eval \
    '[ -z "$(ss -Hltn "sport = :$port")" ]'
mux "$path" open R - 0 127.0.0.1 "$sshd_port"
like "open remote, server's choice" "$out" "^ok $pid [1-9][0-9]* $"
chosen=${out#ok * }
like "the port is the one" "$(banner 127.0.0.1 "${chosen% }")" "^SSH-2.0-"
mux "$path" open R - 0 127.0.0.1 "$sshd_port"
is "again: the same port" "$out" "ok $pid ${chosen% } "
mux "$path" cancel R - 0 127.0.0.1 "$sshd_port"
is "it is cancelled as 0" "$out" "ok $pid 0 "
mux "$path" open RD - "$port"
is "open remote dynamic" "$out" "ok $pid 0 "
mux "$path" cancel RD - "$port"
is "cancel remote dynamic" "$out" "ok $pid 0 "
mux "$path" open R 192.0.2.1 "$port" 127.0.0.1 "$sshd_port"
like "the server refuses" "$out" "^no remote port forwarding failed"

mux "$path" open L - 0 127.0.0.1 "$sshd_port"
like "no local port 0" "$out" "^invalid "
mux "$path" open L - "$port" "" 80
like "no empty target" "$out" "^unsupported "
mux "$path" trip
is "a round trip" "$out" "ok $pid 0 Session open refused by peer"
mux "$path" info connection
ok "info, if it is new enough" eval 'case $out in
	"ok $pid 0 "*pid*|"unsupported "*) true ;;
	*) false ;;
esac'
mux "$path" check
is "none of this has hurt it" "$out" "ok $pid 0 "

# --- time

kill -STOP "$pid"
mux -t 500 "$path" check
is "a stopped master is hung" "$out" "hung does not say hello in time"
mux -t 100 "$path" exit
like "it is not told anything either" "$out" "^hung"
kill -CONT "$pid"
mux "$path" check
is "it goes on, and so do we" "$out" "ok $pid 0 "

# --- ends

mux "$path" exit
is "exit" "$out" "ok $pid 0 "
ok "the process ends" wait_for ended "$pid"
ok "the socket goes" wait_for test ! -e "$path"
mux "$path" check
like "and is not there" "$out" "^none "

port=$(free_port)
master argv -M -L ":$port:127.0.0.1:$sshd_port"
mux "$path" cancel L "" "$port" 127.0.0.1 "$sshd_port"
like "argv's empty address cannot be cancelled" "$out" "^unsupported "
mux "$path" cancel L "*" "$port" 127.0.0.1 "$sshd_port"
like "nor by a star" "$out" "^no port not forwarded"
mux "$path" stop
is "stop" "$out" "ok $pid 0 "
ok "the socket goes" wait_for test ! -e "$path"
ok "a master without sessions ends" wait_for ended "$pid"

master argv2 -M -D "$dir/socks" -D "$port" -L "localhost:$(free_port):h:1"
mux "$path" cancel D "$dir/socks" path
is "cancel argv's dynamic forward on a path" "$out" "ok $pid 0 "
ok "it listens no more" not listens_path "$dir/socks" "$pid"
mux "$path" cancel D - "$port"
is "cancel argv's dynamic forward" "$out" "ok $pid 0 "
mux "$path" open D "$dir/socks2" path
like "one on a path cannot be opened" "$out" "^unsupported "
kill -KILL "$pid"
ok "killed" wait_for ended "$pid"
mux "$path" check
is "a dead socket" "$out" "dead nobody listens"

# --- no

master ask -MM
mux "$path" check
is "an asking master answers" "$out" "ok $pid 0 "
mux "$path" open L - "$port" 127.0.0.1 "$sshd_port"
is "it does not open" "$out" "no Permission denied"
mux "$path" trip
is "nor make the trip" "$out" "no Permission denied"
mux "$path" exit
is "nor go" "$out" "no Permission denied"
ok "it lives" alive "$pid"

if is_root "another user's socket"; then
	# As a user who is not the owner, seen from both sides.
	chown 65534 "$path"
	mux -u 65534 "$path" check
	is "root is asked for by nobody's name" "$out" "ok $pid 0 "
	mux "$path" check
	is "but not as another's" "$out" "unsafe another user's socket"
	chown 0 "$path"
fi
chmod 777 "$dir"
mux "$path" check
is "a directory for all" "$out" \
    "unsafe in a directory that others can write to"
chmod 700 "$dir"

# --- many at once

set --
for i in 1 2 3 4 5 6 7 8; do
	master "many$i" -M
	set -- "$@" "$path"
done
kill -STOP "$pid"
mux -t 5000 many "$@"
is "seven of eight are alive" "$(printf '%s\n' "$out" | grep -c '^ok')" 7
is "the stopped one is not" "$(printf '%s\n' "$out" | sed -n 8p)" \
    "hung does not say hello in time"
kill -CONT "$pid"

done_testing
