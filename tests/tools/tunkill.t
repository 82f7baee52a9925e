#!/bin/sh
# SPDX-License-Identifier: ISC
# tunkill: options, plans, exit codes.  Recorded tables stand in for the
# system: nothing is signalled here, and nothing depends on what else runs.

. "$(dirname "$0")/lib.sh"

# Our own: 500 with two forwards, 600 with one, 601 the same to another
# server, 620 whose PID is the port of 630, 640 with a command, 650 and 660 of
# units, 670 of an autossh, 680 one on a hostile host, 690 and 691 of one unit;
# 700 and 701 another user's; 730 to 732 of a service.
uid=$(id -u)
usage_of tunkill
table_head "$uid" >"$dir/table"

# proc PID PARENT UID ARGV [ORIGIN]: one more ssh, in the background unless
# its parent is another than init.
proc() {
	origin=${5-reparented=1 reaper=1} \
	    ssh_process "$1" "$3" 720 "$4" "ppid=$2" >>"$dir/table"
}

cat >>"$dir/table" <<END
proc pid=60 via=comm name=autossh ppid=1 pgid=60 sid=60 uid=$uid ruid=$uid ident=60 start=1699990000000000 state=S comm=autossh
args autossh -M 0 -N auto
exe /usr/bin/autossh
cwd /
END
# A script of runsv with two tunnels, one that was started by another script.
while read -r pid ppid name words; do
	cat <<-END
	proc pid=$pid via=comm name=$name ppid=$ppid pgid=$pid sid=70 uid=$uid ruid=$uid ident=$pid start=1699990000000000 state=S comm=$name
	args $words
	cwd /etc/sv/web
	END
done >>"$dir/table" <<END
70 1 runsv runsv web
71 70 run /bin/sh ./run
72 71 sh /bin/sh other
END
proc 730 71 "$uid" "ssh -N -L 7300:localhost:22 web" ""
proc 731 71 "$uid" "ssh -N -L 7310:localhost:22 web2" ""
proc 732 72 "$uid" "ssh -N -L 7320:localhost:22 web3" ""
proc 500 1 "$uid" "ssh -fN -L 8008:localhost:80 -D 1080 fred@server"
proc 600 1 "$uid" "ssh -f -N -R 2022:localhost:22 bastion"
proc 601 1 "$uid" "ssh -f -N -R 2022:localhost:22 castle"
proc 620 1 "$uid" "ssh -f -N -L 6200:localhost:22 pid"
proc 630 1 "$uid" "ssh -f -N -L 620:localhost:22 port"
proc 640 1 "$uid" "ssh -f -L 6400:localhost:22 cmd sleep 600"
proc 650 1 "$uid" "ssh -N -L 6500:localhost:22 unit" \
    "unit=db.service unit_user=0"
proc 660 1 "$uid" "ssh -N -L 6600:localhost:22 mine" \
    "unit=my\\033.service unit_user=1"
proc 670 60 "$uid" "ssh -N -L 6700:localhost:22 auto" ""
proc 680 1 "$uid" "ssh -f -N -L 6800:localhost:22 fr\\033ed"
proc 690 1 "$uid" "ssh -N -L 6900:localhost:22 pair" \
    "unit=pair.service unit_user=0"
proc 691 1 "$uid" "ssh -N -L 6910:localhost:22 twin" \
    "unit=pair.service unit_user=0"
proc 700 1 $((uid + 1)) "ssh -f -N -L 7000:localhost:22 other"
proc 701 1 $((uid + 1)) "ssh -N -L 7010:localhost:22 theirs" \
    "unit=theirs.service unit_user=0"
proc 710 1 "$uid" "ssh -fN -L 7100:db.prod:5432 -J edge1,al@edge2:2222 inner"
proc 711 1 "$uid" "ssh -fN -L 7110:localhost:7100 edge1"
echo socks >>"$dir/table"

# t ARG...: the plan with that table.
t() {
	run tunkill -n --table "$dir/table" "$@"
}

# want NAME TEXT ARG...: the plan is exactly that but for its reasons, and
# would be done.
want() {
	name=$1 text=$2
	shift 2
	t "$@"
	is "$name" "$(printf '%s\n' "$out" | sed '/^    why: /d'), $status, $err" \
	    "$text, 0, "
}

# why REASON ARG...: that is why the first one is meant.
why() {
	reason=$1
	shift
	t "$@"
	is "why: $*" "$(printf '%s\n' "$out" | sed -n 's/^    why: //p' | head -n 1)" \
	    "$reason"
}

# refused NAME REGEX ARG...: the plan says no, and why.
refused() {
	name=$1 regex=$2
	shift 2
	t "$@"
	is "$name: status" "$status" 3
	like "$name" "$out" "^[^ ]*: refused: $regex"
}

bad_t() {
	regex=$1
	shift
	bad "$regex" -n --table "$dir/table" "$@"
}

# --- what is not understood ---------------------------------------------

bad 'which tunnel\?'
bad 'which tunnel\?' -n
bad 'which tunnel\?' -a
bad 'which tunnel\?' -u "$uid"
bad 'which tunnel\?' -L
bad 'which tunnel\?' --whole --sessions --supervisor
bad '-f: tunkill matches tunnels, not command lines' -f ssh
bad '-f: tunkill matches tunnels, not command lines' -ef 8008
bad '-x: no such option' -x 8008
bad '--stael: no such option; did you mean --stale\?' --stael
bad '-s STOP: no signal that ends' -s STOP 8008
bad '-s CONT: no signal that ends' -s CONT 8008
bad '-s 0: no signal that ends' -s 0 8008
bad '-s WHAT: no signal that ends' -s WHAT 8008
bad 'signal 0: no signal that ends' -0 8008
bad 'signal 19: no signal that ends' -19 8008
for sig in STOP TSTP TTIN TTOU; do
	for word in "-$sig" "-SIG$sig" "-s $sig" "-s$sig" "--signal=$sig" \
	    "--signal SIG$sig" "-e -$sig" "-S x -$sig"; do
		# shellcheck disable=SC2086
		bad "[^ ]* (SIG)?$sig: no signal that ends .*only stops" $word \
		    8008
	done
	bad "signal $sig: no signal that ends" 8008 "-$sig"
done
bad 'signal CONT: no signal that ends .*only continues' -CONT 8008
bad 'signal Stop: no signal that ends' -Stop 8008
bad 'signal SIGCONT: no signal that ends' -SIGCONT 8008
for word in -SIGCHLD -URG -WINCH -PIPE -EXIT; do
	bad 'signal [A-Z]*: no signal that ends .*no effect' $word 8008
done
for word in -SEGV -SIGSEGV -ILL -SYS -STKFLT -RTMIN+1 -SIGRTMAX -11 -77; do
	bad 'signal [^ ]*: no signal' $word 8008
done
bad '-k: x is not a time' -k x 8008
bad '-k: 2d is too long a time' -k 2d 8008
bad '-w: x is not a time' -wx 8008
bad '-k: needs a value' -k
bad '-p: 0 is no process ID' -p 0
bad '-u: no user no-such-user' -u no-such-user 8008
bad '--state: no state upp; did you mean up\?' --state upp
bad '--idle: 5x is not a time' --idle 5x
bad '--ssh-name: not the name' --ssh-name a/b 8008
bad '"": empty selector' ''
bad '--table: only with -n' --table "$dir/table" 8008
bad '--sockets: takes paths' --sockets --stale
bad '--sockets: takes paths' --sockets -p 1
bad '--sockets: takes paths' --sockets -L
bad '--sockets: takes paths' --sockets --whole
bad '--sockets: of one user' --sockets -u "$uid,$((uid + 1))"

bad_t '2022 is 2 tunnels: R2022@bastion, R2022@castle; say which, or -a' 2022
bad_t 'r2022 is 2 tunnels' r2022
bad_t '620 is the port of ssh 630 and the PID of another: :620 is the port, -p 620 the PID' 620
bad_t '620 is the port' -a 620
bad_t 'edge1 is the destination of L7110, and a jump host of L7100: say which by its ID$' edge1
bad_t 'localhost:7100 is the listening end of L7100, and the target of L7110: say which by its ID$' localhost:7100

# --- plans ---------------------------------------------------------------

want "one forward" "R2022@bastion: end ssh 600 (bastion) by TERM" \
    R2022@bastion
want "a forward by its target" "L7100: end ssh 710 (inner) by TERM" \
    db.prod:5432
want "by the host of its target" "L7100: end ssh 710 (inner) by TERM" db.prod
want "a tunnel by its jump host" "L7100: end ssh 710 (inner) by TERM" edge2
want "by what LISTEN shows" "L6200: end ssh 620 (pid) by TERM" localhost:6200
want "a forward in full" "L6200: end ssh 620 (pid) by TERM" \
    6200:localhost:22
want "with its letter" "R2022@castle: end ssh 601 (castle) by TERM" \
    R2022@castle
want "several readings, and all are meant" \
    "$(printf '%s\n' 'L7100: end ssh 710 (inner) by TERM' \
    'L7110: end ssh 711 (edge1) by TERM')" -a edge1
bad_t 'R2022:localhost:22 is 2 tunnels: R2022@bastion, R2022@castle' \
    R2022:localhost:22
t 5432
is "a target port is not what a number ends" "$status, $out, $err" \
    "1, , tunkill: 5432: no such tunnel listens or has that PID; it is the target port of L7100: say that"
t -q 5432
is "a target port, -q" "$status, $out, $err" "1, , "
t 6200:localhost:2
is "a part of a forward is none" "$status, $out, $err" \
    "1, , tunkill: 6200:localhost:2: no such tunnel"
run tunkill -n -u 0 --table "$top/tests/fixtures/linux-clients/table" 69
is "a client of a master is none" "$status, $out, $err" "1, , tunkill: 69: no \
tunnel, but a client of the master 63, which has its forwards"
want "a tunnel by its destination" \
    "L8008, D1080: end ssh 500 (fred@server) by TERM" fred@server
want "a tunnel by its PID" "L620: end ssh 630 (port) by TERM" 630
want "a port that is a PID" "L620: end ssh 630 (port) by TERM" :620
want "a PID that is a port" "L6200: end ssh 620 (pid) by TERM" -p 620
want "several with -a" "R2022@bastion: end ssh 600 (bastion) by TERM
R2022@castle: end ssh 601 (castle) by TERM" -a 2022
want "several with -i" "R2022@bastion: end ssh 600 (bastion) by TERM
R2022@castle: end ssh 601 (castle) by TERM" -i 2022
want "several by options" "R2022@bastion: end ssh 600 (bastion) by TERM
R2022@castle: end ssh 601 (castle) by TERM" -a -R
want "--whole" "L8008: end ssh 500 (fred@server) by TERM
    with it: D1080, localhost:1080 to socks" --whole 8008
want "both forwards are the whole" \
    "L8008, D1080: end ssh 500 (fred@server) by TERM" 8008 1080
want "escaped" 'L6800: end ssh 680 (fr\033ed) by TERM' 6800
want "--sessions" "L6400: end ssh 640 (cmd) by TERM
    with it: a shell or command: ssh -f -L 6400:localhost:22 cmd sleep 600" \
    --sessions cmd
# A recorded table need not have what else is in a unit.
others="    not seen: other processes of the same unit cannot be listed and would end too"
want "a unit" \
    "L6500: run systemctl stop -- db.service, which ends ssh 650 (unit)
$others" \
    --supervisor unit
want "a unit of two" \
    "L6900: run systemctl stop -- pair.service, which ends ssh 690 (pair)
    with it: ssh 691 (twin), of the same unit
$others" --supervisor pair
want "a user's unit, escaped" \
    "L6600: run systemctl --user stop -- my\\033.service, which ends ssh 660 (mine)
$others" \
    --supervisor mine

want "a script of a service" "L7300: run sv down /etc/sv/web, then end ssh 730 \
(web) by TERM
    stays: ssh 731 (web2), which runsv 70 does not start again then" \
    --supervisor 7300
want "a script of that script" "L7320: end ssh 732 (web3) by TERM" 7320

refused "one of two" 'ssh 500 also carries D1080, and .*: --whole ends it all' \
    8008
refused "a command" 'a shell or command runs in it: --sessions' cmd
refused "a command, by port" '.*--whole --sessions ends it all' 6400
refused "a unit" \
    'systemd db.service starts it again: systemctl stop -- db.service' unit
refused "a user's unit" \
    'systemd --user my.033.service starts it again: systemctl --user' mine
refused "autossh" 'autossh 60 starts it again: --supervisor ends that' auto
t 600 8008
is "some and some not" "$status" 64
t 600 nowhere
is "one is not there" "$status $err" "64 tunkill: nowhere: no such tunnel"
t nowhere
is "none is there" "$status $out $err" \
    "1  tunkill: nowhere: no such tunnel"
t -q nowhere
is "none, quietly" "$status $out$err" "1 "
{
	table_head "$uid"
	ssh_process 701 4242 60 'ssh -fN -L 7001:db:6432 h'
	echo socks
} >"$dir/theirs.table"
t 7000
is "another user's are not meant" "$status $out" "1 "
if [ "$uid" -eq 0 ]; then
	like "  and whose it is, and how to mean it" "$err" \
	    "7000: it is [^ ]*'s .ssh 700.: -u [^ ]* names it"
else
	like "  and whose it is" "$err" "7000: it is [^ ]*'s .ssh 700.: only"
fi
run tunkill -n --table "$dir/theirs.table" 6432
if [ "$uid" -eq 0 ]; then
	is "the target port of another user's, and how to mean it" \
	    "$status $out$err" "1 tunkill: 6432: the target port of L7001, \
which is 4242's: -u 4242 and the ID name it"
else
	is "the target port of another user's" "$status $out$err" \
	    "1 tunkill: 6432: the target port of L7001, which is 4242's"
fi
t -u "$uid" 7000
is "  not where users are given" "$status $err" \
    "1 tunkill: 7000: no such tunnel"
# What another option would do is not the plan if it is refused anyway.
if [ "$uid" -ne 0 ]; then
	refused "another user's" "it is " -p 700
	refused "  with --supervisor" "it is " --supervisor -p 701
elif command -v setpriv >/dev/null && chmod 755 "$dir" &&
    cp "$top/tools/tunkill" "$dir/theirs" &&
    setpriv --reuid 65534 --clear-groups "$dir/theirs" -V >/dev/null 2>&1; then
	run setpriv --reuid 65534 --clear-groups "$dir/theirs" -n \
	    --supervisor --table "$dir/table" -u 1 7010
	like "another user's, with --supervisor" "$status $out" \
	    "^3 L7010: refused: it is [^ ]*'s$"
else
	skip "another user's" "no setpriv"
fi

# --- filters -------------------------------------------------------------

# 800 can be reached from elsewhere, 810 is old and idle, 820 is stopped, 830
# never came through, and 840 has a server that is silent.
table_head "$uid" 0x7fff >"$dir/states"

# state PID AGE MASK STATE ADDRESS IDLE HEARD: one with a listener there.
state() {
	ssh_process "$1" "$uid" "$2" "ssh -fN -L $5:$1:h:80 h$1" \
	    "sigcgt=$3" "state=$4" >>"$dir/states"
	[ "$3" != 0 ] || return 0
	cat >>"$dir/states" <<-END
	fd fd=3 kind=socket key=${1}1
	fd fd=4 kind=socket key=${1}2
	END
	cat >>"$dir/socks" <<-END
	sock family=inet state=listen local=$5:$1 key=${1}1 known=0x87 wq=128
	sock family=inet state=estab local=127.0.0.1:4$1 peer=192.0.2.1:22 key=${1}2 known=0x9f timer=keepalive expires=7199732 lds=${6}000 ldr=${6}000 lar=${7}000 rtt=8768 rx=3333 tx=3505
	END
}

state 800 600 0x8014007 S 0.0.0.0 0 0
state 810 90000 0x8014007 S 127.0.0.1 7300 10
state 820 600 0x8014007 T 127.0.0.1 0 0
state 830 600 0 S 127.0.0.1 0 0
state 840 600 0x8014007 S 127.0.0.1 300 300
{ echo socks; cat "$dir/socks"; } >>"$dir/states"

# filter WANT ARG...: those, by the numbers of their destinations.
filter() {
	text=$1
	shift
	run tunkill -n --table "$dir/states" "$@"
	is "filter: $*" "$(echo "$out" | sed -n 's/.*(h\(.*\)) by TERM/\1/p' |
	    paste -sd ' ' -)" "$text"
}

filter "830" --stale
filter "820" --suspect
filter "820 830" --stale --suspect
filter "820" --state stopped
filter "820 830" --state stuck,stopped
filter "800" --exposed
filter "810" --older 90000
filter "810" --older 25h
filter "810" --older 1-01:00:00
filter "" --older 25h1s
filter "810" --idle 2h
filter "810" --idle 02:00:00
filter "" --idle 3h
filter "810 840" --idle 90s
filter "840" --heard 5m
filter "840" --heard 05:00
filter "" --heard 3d
filter "840" --idle 90s --heard 90s
filter "" --stale --exposed
filter "840" --idle 90s h840
filter "" --stale h840
filter "" --suspect -p 840
filter "830" --stale -u "$uid"
filter "810 840" --idle 90s -L
filter "" --idle 90s -D

# because REASON ARG...: why() of that table.
because() {
	reason=$1
	shift
	run tunkill -n --table "$dir/states" "$@"
	like "because: $*" "$(echo "$out" | sed -n 's/^    why: //p')" \
	    "^$reason\$"
}

because "stuck: .*it is not past authentication, that takes too long.*" --stale
because "stopped: .*it is stopped.*" --suspect
because "named by h820; stopped: .*" --state stopped h820
because "has run for 1d01h" --older 1d
because "has carried nothing for 2h" --idle 2h
because "has not heard the server for 5m" --heard 5m
because "is exposed" --exposed
run tunkill -nJ --table "$dir/states" --stale
is "JSON: state" "$(json '.targets[0].state' <"$dir/out")" stuck
like "JSON: why" "$(json '.targets[0].why' <"$dir/out")" '^stuck: '
like "JSON: evidence" "$(json '.targets[0].evidence' <"$dir/out")" \
    '"it is not past authentication"'

# --- signals -------------------------------------------------------------

for word in -HUP -SIGHUP -1 '-s HUP' '-s hup' '-s SIGHUP' '-s 1' '-sHUP' \
    --signal=HUP '--signal sighup' -Hup '-TERM -9 -HUP'; do
	# shellcheck disable=SC2086
	want "signal $word" "R2022@bastion: end ssh 600 (bastion) by HUP" \
	    $word 600
done
want "-9 after the operand" "R2022@bastion: end ssh 600 (bastion) by KILL" \
    600 -9
want "bundles are no signals" "R2022@bastion: end ssh 600 (bastion) by TERM" \
    -eIR 600
t -STOPPED -u "$uid"
is "a path that begins like a signal is one" "$status $out$err" "1 "
for word in -TERM -SIGINT -2 -QUIT -ABRT -KILL -USR1 -USR2 -ALRM; do
	t $word 600
	is "signal $word" "$status" 0
done
t -- 600 -9
is "after -- all are operands" "$status" 64

# --- JSON ----------------------------------------------------------------

t -J 8008
is "JSON: status" "$status" 3
is "JSON: means" "$(json '.targets[0].means' <"$dir/out")" refuse
like "JSON: refusal" "$(json '.targets[0].refusal' <"$dir/out")" "D1080"
is "JSON: no result" "$(json '.targets[0].result' <"$dir/out")" null
is "JSON: nothing on the standard error" "$err" ""
t -J --supervisor unit
is "JSON: command" "$(json '.targets[0].command' <"$dir/out")" \
    '["systemctl","stop","--","db.service"]'
is "JSON: who runs it" "$(json '.targets[0].command_uid' <"$dir/out")" "$uid"
t -J --supervisor pair
is "JSON: mates" "$(json '.targets[0].mates' <"$dir/out")" "[691]"
t -J --whole L8008
is "JSON: what was asked for" "$(json '.targets[0].forwards[0].asked' \
    <"$dir/out") $(json '.targets[0].forwards[1].asked' <"$dir/out")" \
    "true false"
t -J nowhere
is "JSON: nothing" "$status $(json '.targets[#]' <"$dir/out")" "1 0"

# --- the page ------------------------------------------------------------

# tunkill accepts the words of each example; here they match nothing.
# shellcheck disable=SC2016
sed -n '/^\.Sh DESCRIPTION/,/^\.Sh SEE/s/^\(\.Dl \)\{0,1\}tunkill //p' \
    "$top/tools/tunkill.1" | sed 's/ |.*//; /--sockets/d
    s/\$(tunps.*)/600/; s/\$pid/600/; s/\$(id -un)/$uid/; s/-u fred/-u $uid/' \
    >"$dir/examples"
ok "the page has examples" test "$(wc -l <"$dir/examples")" -ge 12
while read -r line; do
	eval "t $line"
	unlike "example: $line" "$status" 2
done <"$dir/examples"

exits "help" 0 tunkill --help
like "help: on standard output" "$out" '^usage: tunkill'
exits "version" 0 tunkill -V

# --- sockets -------------------------------------------------------------

rest_needs_live
exits "--sockets: no such path" 1 tunkill --sockets "$dir/none"
exits "--sockets: no socket" 3 tunkill --sockets "$dir/table"
ok "  stays" test -f "$dir/table"
cd "$dir" || exit 1
exits "--sockets: relative" 3 tunkill --sockets table
run tunkill --sockets -J table none
is "--sockets: JSON" "$status $(json '.sockets[0].result' <"$dir/out") \
$(json '.sockets[1].result' <"$dir/out")" "3 failed none"

done_testing
