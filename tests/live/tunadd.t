#!/bin/sh
# shellcheck disable=SC2016,SC2154
# SPDX-License-Identifier: ISC
#
# tunadd against real masters, each claim checked by ss(8), and against one
# that does as those of 10.x do.

. "$(dirname "$0")/sshd.sh"

require ss
sshd_start || skip_all "$sshd_why"

# says NAME STATUS OUT ERR ARG...: exactly that.
says() {
	name=$1 want="$2, $3, $4"
	shift 4
	run tunadd "$@"
	is "$name" "$status, $out, $err" "$want"
}

# --- what a master can be given

own=$(free_port)
master m -M -L "$own:$target"
m=$path m_pid=$pid
port=$(free_port)
says "a local forward" 0 "L$port" "" -S "$m" -L "$port:$target"
ok "listens" listens "$port" "$m_pid"
like "and carries" "$(banner 127.0.0.1 "$port")" "^SSH-2.0-"
says "once more is no error" 0 "L$port" "" -S "$m" -L "$port:$target"
says "another target is" 3 "" \
    "tunadd: -L $port:h:1: the master itself listens there, for another target" \
    "$own" -L "$port:h:1"
run tunps -J "L$port"
like "tunps knows the ID" "$out" "\"id\": \"L$port\""

# An ID is there to be given to tunkill: one of the same port is another's.
run tunadd -S "$m" -L "127.0.0.9:$port:h:1"
like "at another address, another ID" "$out" "^L127\.0\.0\.9:$port(@|\$)"
run tunkill "$out"
is "which goes again" "$status, $err" "0, "
port=$(free_port)
run tunadd -n -S "$m" -R "$(printf '%s:a\033b:1' "$port")"
is "what was typed is shown escaped" "$status, $out" \
    "0, would add -R $port:a\033b:1 to $m (pid $m_pid)"

ln -s "$m" "$dir/link"
port=$(free_port)
says "by a link to the control socket" 0 \
    "would add -L $port:h:1 to $m (pid $m_pid)" "" -n "$dir/link" -L "$port:h:1"
says "a dynamic forward, by a selector" 0 "D$port" "" "$own" -D "$port"
ok "listens" listens "$port" "$m_pid"
port=$(free_port)
says "on all addresses" 0 "L$port" "" "$own" -L "*:$port:$target"
like "ss agrees" "$(ss -Hltn "sport = :$port")" "0\.0\.0\.0:$port"
says "on a path" 0 "L$dir/u" "" "$own" -L "$dir/u:$target"
ok "listens" listens_path "$dir/u" "$m_pid"
port=$(free_port)
says "a remote forward" 0 "R$port" "" "$own" -R "$port:$target"
like "the server listens" "$(ss -Hltn "sport = :$port")" ":$port"
run tunadd "$own" -R "0:$target"
first=${out#* }
is "of the server's choice" "$out" "R$first $first"
like "which carries" "$(banner 127.0.0.1 "$first")" "^SSH-2.0-"
run tunadd "$own" -R "0:h:1"
second=${out#* }
is "and another one of its choice" "$out" "R$second $second"
is "  each has its row" "$(tunps -ano id,listen,target "R$first" "R$second" |
    tr -s ' ' | sort)" "$(printf '%s\n' "R$first tun:$first $target" \
    "R$second tun:$second h:1" | sort)"
like "  it is asked for once more so" "$(tunps -a --export=sh "$own")" \
    "-R 0:$target "
run tunkill -v "R$first"
like "  the first one can be closed" "$out" "^R$first: closed in ssh $m_pid\$"
ok "  and is" silent "$first"
ok "  and nothing else" listens "$second" "$(tunps --server -nt "$second")"
mkdir -p "$dir/sub/rel"
(cd "$dir/sub" && exec ssh -F "$dir/config" -S "$dir/sub/m" -fNM tun </dev/null)
says "a path is from where the master was started" 0 "Lrel/sock" "" \
    -S "$dir/sub/m" -L "rel/sock:$target"
ok "it is there" test -S "$dir/sub/rel/sock"
a=$(free_port) b=$(free_port)
says "several" 0 "L$a
L$b" "" "$own" -L "$a:$target" -L "$b:$target"
c=$(free_port)
run tunadd "$own" -L "$c:$target" -L "$a:h:1"
is "some" "$status, $out" "64, L$c"

# --- what it cannot

says "a taken port has a name" 3 "" \
    "tunadd: -L $sshd_port:h:1: 127.0.0.1:$sshd_port is sshd (pid $sshd_pid)'s
tunadd: -L $sshd_port:h:1: [::1]:$sshd_port is sshd (pid $sshd_pid)'s" \
    "$own" -L "$sshd_port:h:1"
run tunadd "$own" -R "192.0.2.1:$(free_port):$target"
is "a server that refuses" "$status, $out" "3, "
like "says so" "$err" "remote port forwarding failed"
run tunadd "$own" -D "$dir/socks"
is "dynamic on a path" "$status, $out" "3, "
port=$(free_port)
says "-n adds nothing" 0 "would add -L $port:h:1 to $m (pid $m_pid)" "" \
    -n "$own" -L "$port:h:1"
ok "nothing listens" not listens "$port" "$m_pid"
run tunadd -n "$own" -L "$sshd_port:h:1"
is "-n sees who is there" "$status, $out" "3, "

plain=$(free_port)
ssh -F "$dir/config" -fN -L "$plain:$target" tun </dev/null
run tunadd "$plain" -L "$port:h:1"
is "no master" "$status, $out" "3, "
like "says so" "$err" "is no master, or not yet"

both=tun${$}both
for options in "-L $(free_port):h:1" "-L $(free_port):h:1"; do
	# shellcheck disable=SC2086
	ssh -F "$dir/config" -fN $options "$both" </dev/null
done
run tunadd -n "$both" -L "$port:h:1"
is "two tunnels, no master" "$status, $out, $err" "2, , tunadd: $both: names \
2 tunnels: pids $(tunps -t -d, "$both" | sed 's/,/, /g')"
ssh -F "$dir/config" -fNM -S "$dir/both" "$both" </dev/null
both_pid=$(tunps -t -S "$dir/both")
says "two and a master: that" 0 \
    "would add -L $port:h:1 to $dir/both (pid $both_pid)" "" \
    -n "$both" -L "$port:h:1"
ssh -F "$dir/config" -fNM -S "$dir/both2" "$both" </dev/null
run tunadd -n "$both" -L "$port:h:1"
is "two masters" "$status, $out" "2, "
like "are named" "$err" "^tunadd: $both: names 2 masters: pids $both_pid, "

# --- one family

port=$(free_port)
perl -MSocket -e '
	socket(S, PF_INET, SOCK_STREAM, 0);
	bind(S, sockaddr_in($ARGV[0], INADDR_LOOPBACK)) && listen(S, 5)
	    or die "$!";
	alarm(60);
	sleep(60);
' "$port" &
perl_pid=$!
remember "$perl_pid"
ok "a stranger" wait_for port_taken "$port"
says "one of two families" 0 "L$port" \
    "tunadd: -L $port:$target: not everywhere: 127.0.0.1:$port is perl (pid $perl_pid)'s" \
    "$own" -L "$port:$target"
kill "$perl_pid"
wait "$perl_pid" 2>/dev/null

# One socket for both families, as most servers have it.
port=$(free_port)
"$top/tests/peer" deaf :: "$port" >/dev/null 2>&1 &
peer_pid=$!
remember "$peer_pid"
ok "a stranger" wait_for port_taken "$port"
says "-n: it has the port of an IPv4 address" 3 "" \
    "tunadd: -L 127.0.0.1:$port:$target: [::]:$port is peer (pid $peer_pid)'s" \
    -n "$own" -L "127.0.0.1:$port:$target"
kill "$peer_pid"
wait "$peer_pid" 2>/dev/null

# --- a forward that failed before

port=$(free_port)
ssh -F "$dir/config" -fN -S "$dir/first" -M -L "$port:$target" tun </dev/null
first=$(tunps -t "$port")
remember "$first"
master second -M -L "$port:h:1"
run tunadd -S "$path" -L "$port:h:1"
is "while it is taken" "$status, $out" "3, "
like "it has a name" "$err" "127\.0\.0\.1:$port is ssh \(pid $first\)'s"
kill "$first"
ok "the first one ends" wait_for ended "$first"
is "ssh's own way fails in silence" \
    "$(ssh -F none -S "$path" -O forward -L "$port:h:1" x 2>&1)$?" 0
ok "nothing listens" not listens "$port" "$pid"
says "ours does not" 0 "L$port" "" -S "$path" -L "$port:h:1"
ok "it listens" listens "$port" "$pid"

# --- what -n promises is what comes of it

# both NAME STATUS REGEX ARG...: the dry run exits so and says why; the real
# one exits alike.
both() {
	name=$1 want=$2 regex=$3
	shift 3
	before=$(ss -Hltn | sort; ss -Hlx | wc -l)
	run tunadd -n "$@"
	dry=$status
	like "$name: says why" "$err" "$regex"
	is "  and changes nothing" "$(ss -Hltn | sort; ss -Hlx | wc -l)" \
	    "$before"
	run tunadd "$@"
	is "  and the real one does the same" "$dry, $status" "$want, $want" ||
		note "$err"
}

a=$(free_port) b=$(free_port)
master forward -M -L "$a:$target" -R "$b:$target" \
    -o StreamLocalBindUnlink=no
f=$path
both "its own, once more" 0 '' -S "$f" -L "$a:$target"
both "its own, for another target" 3 'itself listens there' -S "$f" -L "$a:h:1"
both "  also as a dynamic one" 3 'itself listens there' -S "$f" -D "$a"
c=$(free_port)
tunadd -S "$f" -L "$c:$target" >/dev/null
is "one more" $? 0
both "one that was added, for another target" 3 'itself listens there' \
    -S "$f" -L "$c:h:1"
both "what sshd has" 3 "is sshd \(pid $sshd_pid\)'s" -S "$f" -D "$sshd_port"
both "  at one of its addresses" 3 "is sshd" -S "$f" -L "127.0.0.1:$sshd_port:h:1"
both "  at all of them" 3 "is sshd" -S "$f" -L "*:$sshd_port:h:1"
both "what is free" 0 '' -S "$f" -L "$(free_port):h:1"
both "  at another loopback address, too" 0 '' -S "$f" \
    -L "127.0.0.9:$sshd_port:h:1"
both "an address that nobody has" 3 'no interface' -S "$f" \
    -L "192.0.2.1:$(free_port):h:1"
both "a dynamic one on a path" 3 'dynamic forward on a path' -S "$f" \
    -D "$dir/dynamic"
: >"$dir/file"
both "a path that exists" 3 'the path exists' -S "$f" -L "$dir/file:$target"
both "  where there is no directory" 3 'no such directory' -S "$f" \
    -L "$dir/none/sock:$target"
both "a remote one of its own, for another target" 3 'another target' \
    -S "$f" -R "$b:h:1"
both "  once more" 0 '' -S "$f" -R "$b:$target"
both "  of another tunnel" 3 "$b is sshd" -S "$m" \
    -R "$b:h:1"
both "  that sshd itself has" 3 "is sshd \(pid $sshd_pid\)'s" -S "$f" \
    -R "$sshd_port:h:1"
both "  that is free" 0 '' -S "$f" -R "$(free_port):h:1"
# twice NAME OPTION-AND-SPEC OPTION-AND-SPEC: both at once, in one place.
twice() {
	both "two at once: $1" 64 'listens? there' -S "$f" "$2" "$3"
}
c=$(free_port)
twice "for two targets" "-L$c:h:1" "-L$c:h:2"
c=$(free_port)
twice "of two kinds" "-D$c" "-L$c:h:1"
c=$(free_port)
twice "at all addresses and one of them" "-L*:$c:h:1" "-L127.0.0.5:$c:h:1"
twice "on a path" "-L$dir/twice:h:1" "-L$dir/twice:h:2"
c=$(free_port)
both "two at once: elsewhere" 0 '' -S "$f" -L "127.0.0.5:$c:h:1" \
    -L "$c:h:2"
c=$(free_port)
both "  also elsewhere" 0 '' -S "$f" -L "127.0.0.1:$c:h:1" -L "$c:h:2"
c=$(free_port)
both "  the same" 0 '' -S "$f" -L "$c:h:1" -L "$c:h:1"
c=$(free_port)
both "  here and on the server" 0 '' -S "$f" -L "127.0.0.5:$c:h:1" -R "$c:h:2"
: >"$dir/old"
master unlink -M -o StreamLocalBindUnlink=yes
both "a path that exists, and may go" 0 '' -S "$path" -L "$dir/old:$target"

if can_be_nobody "a port that only root may have"; then
	config_for nobody
	as nobody ssh -F "$dir/nobody/config" -fNM -S "$dir/nobody/m" tun \
	    </dev/null
	remember "$(tunps -aet -S "$dir/nobody/m")"
	tunadd=$(command -v tunadd)
	port=1023
	while port_taken $port; do
		port=$((port - 1))
	done
	run as nobody "$tunadd" -n -S "$dir/nobody/m" -L "$port:h:1"
	dry=$status
	like "a port that only root may have: says so" "$err" \
	    'only a master of root'
	run as nobody "$tunadd" -S "$dir/nobody/m" -L "$port:h:1"
	is "  and the real one does the same" "$dry, $status" "3, 3"
fi

# --- masters that are not well

master ask -MM
port=$(free_port)
says "an asking master" 3 "" \
    "tunadd: -L $port:h:1: the master was told to ask, and the answer was no" \
    -S "$path" -L "$port:h:1"
both "an asking master, and -n" 3 "not known: the master was told to ask" \
    -S "$path" -L "$port:h:1"
kill -STOP "$m_pid"
run tunadd -S "$m" -L "$(free_port):h:1"
is "a stopped one" "$status, $out, $err" \
    "3, , tunadd: $m: hung: does not say hello in time"
kill -CONT "$m_pid"
rm "$m"
run tunadd "$own" -L "$(free_port):h:1"
is "a headless one" "$status, $out, $err" \
    "3, , tunadd: $m: its path does not lead to pid $m_pid any more"

# --- as 10.x does it

if [ -x "$top/tests/fakessh" ]; then
	cp "$top/tests/fakessh" "$dir/ssh"
	port=$(free_port)
	"$dir/ssh" -M -S "$dir/ten" host "$port" </dev/null &
	ten=$!
	remember "$ten"
	ok "a master of 10.3" wait_for test -S "$dir/ten"
	run tuncheck -v -S "$dir/ten"
	is "tells of its connection" "$(printf '%s\n' "$out" | head -n 4)" \
	    "$dir/ten: master running (pid $ten)
    master for host
      tcp 192.0.2.1:1 -> 192.0.2.2:22
      1: direct-tcpip 127.0.0.1"
	is "and of all its channels" "$(printf '%s\n' "$out" |
	    tail -n +4)" "$(
	    seq 80 | sed 's/.*/      &: direct-tcpip 127.0.0.1/'
	    printf '%s\n' '    80 channels\033[2J')"
	says "the other spelling is the way out" 0 "L$port" "" \
	    -S "$dir/ten" -L "$port:h:1"
	ok "it listens" listens "$port" "$ten"
	kill "$ten"
	wait "$ten" 2>/dev/null
else
	skip "10.x" "no fakessh"
fi

done_testing
