#!/bin/sh
# SPDX-License-Identifier: ISC
# tunps: options, what is printed, exit codes.  Recorded tables stand in for
# the system, so nothing depends on what else runs here.

. "$(dirname "$0")/lib.sh"

export TZ=UTC

# A user of number 1000 with three tunnels, 70 in the foreground; one of 1001.
{
	table_head 1000
	cat <<-'END'
	proc pid=60 via=comm name=sh ppid=1 pgid=60 sid=60 uid=1000 ruid=1000 ident=60 start=1699990000000000 state=S comm=sh tty=34817
	args sh
	exe /bin/sh
	END
	origin='' ssh_process 70 1000 45 'ssh -N -L 7000:localhost:70 front' \
	    ppid=60 sid=60 tty=34817
	in_directory /home/u
	ssh_process 500 1000 273600 \
	    'ssh -fN -L 8008:localhost:80 -D 1080 fred@server'
	echo 'env HOME=/home/u'
	ssh_process 600 1000 720 'ssh -f -N -R 2022:localhost:22 -p 2222 bastion'
	ssh_process 700 1001 720 'ssh -f -N -L 600:localhost:22 other'
	echo socks
} >"$dir/table"

usage_of tunps
# t ARG...: tunps with that table.
t() {
	run tunps --table "$dir/table" "$@"
}

# want NAME TEXT ARG...: prints exactly that, and matches.
want() {
	name=$1 text=$2
	shift 2
	prints "$name" "$text" tunps --table "$dir/table" "$@"
}

# --- by either end -------------------------------------------------------

want "by a target" 500 -t localhost:80
want "by the host of a target, both" "$(printf '500\n600')" -t localhost
want "by the destination with its port" 600 -t bastion:2222
want "by what LISTEN shows" L8008 -rn -o id localhost:8008
want "by what LISTEN shows of a remote one" R2022 -rn -o id bastion:2022
want "a forward in full" R2022 -rn -o id 2022:localhost:22
want "with its letter" L8008 -rn -o id L8008:localhost:80
t -t 22
is "a target port" "$out, $status, $err" \
    "600, 0, tunps: 22: no tunnel listens there; it is the target port of R2022"
t -c 22
is "none of which counts" "$out, $status, $err" \
    "0, 1, tunps: 22: no tunnel listens there; it is the target port of R2022"
t -q 22
is "nor answers" "$out, $status, $err" ", 1, "
t --check 22
is "nor is checked" "$out, $status" ", 1"
t -t :22
is "a listening port only" "$out, $status, $err" ", 1, "
t -rn -o id 8008 22
is "each number for itself" "$out, $status" "$(printf 'L8008\nR2022'), 0"

# A variable of an environment that cannot be read says nothing.
sed -e "/ fred@server\$/s/8008:localhost:80/\${NOWHERE}/" -e '/^env /d' \
    "$dir/table" >"$dir/variable"
run tunps --table "$dir/variable" -rn -o listen,target fred@server
is "an end that cannot be read" "$out" "$(printf '%s\n' '? ?' \
    'localhost:1080 socks')"
rm "$dir/variable"

for host in LocalHost 127.0.0.5 db; do
	sed "s/-R 2022:/-R $host:2022:/" "$dir/table" >"$dir/remote"
	tunps --table "$dir/remote" -rn -o exposed 600
done >"$dir/asked"
is "a server is asked for more than its loopback" \
    "$(tr '\n' ' ' <"$dir/asked")" "? ? asked "

# --- what is not understood ---------------------------------------------

bad '-z: no such option' -z
bad '--stael: no such option; did you mean --stale\?' --stael
bad '--stael: no such option; did you mean --stale\?' --stael=3
bad '--qqqqqqqq: no such option$' --qqqqqqqq
bad '--st: ambiguous: --stale, --state$' --st
bad '--st: ambiguous: --stale, --state$' --st=up
bad '--stale=3: takes no value' --stale=3
bad '-o: needs a value' -o
bad '--sort: needs a value' --sort
bad '-o: no column pdi; did you mean pid\?' -o pdi
bad '-o: no column qqqqqq; see --list-columns' -o qqqqqq
bad '-o: empty word in "pid,"' -o pid,
bad '-o: empty word in ""' -o ''
bad '-o: no column ppdi; did you mean ppid\?' -o +ppdi
bad '--sort: no column agee; did you mean age\?' --sort -agee
bad '-p: 0 is no process ID' -p 0
bad '-p: 12x is no process ID' -p 12x
bad '-p: -1 is no process ID' -p -1
bad '-p: empty word' -p 1,,2
bad '-u: no user no-such-user' -u root,no-such-user
bad '-d: only with -t' -d,
bad '--color: blue: auto, always or never' --color=blue
bad '-J and -t exclude each other' -Jt
bad '-c and -q exclude each other' -cq
bad '--newest and --oldest exclude' --newest --oldest
bad '--state: no state upp; did you mean up\?' --state upp
bad '--state: empty word' --state ''
bad '--ssh-name: not the name' --ssh-name /bin/ssh
bad '--older: 5x is not a time' --older 5x
bad '--older: 1h2d is not a time' --older 1h2d
bad '--idle:  is not a time' --idle ''
bad '--heard: 1-2 is not a time' --heard 1-2
bad '--heard: 9999999999 is not a time' --heard 9999999999
bad '--check=trip: use tuncheck -P' --check=trip
bad '--check=connect: use tuncheck -P' --check=connect
bad '--check=nudge: no such check' --check=nudge
bad '--expect: empty host' --expect '' 8008
bad '--expect: of which tunnel' --expect server
bad '--wait: for which tunnel' --wait 1
bad '--wait: 5x is not a time' --wait 5x 8008
bad '--wait: 1\.x is not a time' --wait 1.x 8008
bad '--wait: \. is not a time' --wait . 8008
bad '--watch: standard output is no terminal' --watch
bad '--on-change: only with --watch' --on-change true
bad '--on-change: only for one.s own' --watch -j -e --on-change true
bad '--on-change: only for one.s own' --watch -j -u 4242 --on-change true
bad '--watch: never asks' --watch --check
bad '--watch: never asks' --watch -j --expect x 8008
bad '--watch: never asks' --watch -j --wait 1 8008
bad '--watch: never asks' --watch -j --config
bad '--watch: only as a table or with -j' --watch -T
bad '--watch: 0 is too short' --watch=0 -j
bad '--watch: 0.05 is too short' --watch=0.05 -j
bad '--watch: x is not a time' --watch=x
bad '"": empty selector' ''
bad '@: empty label' @
bad ':0: port out of range' :0
bad ':65536: port out of range' :65536
bad '99999999999: number out of range' 99999999999
bad 'fred@: empty host' fred@
bad '--\\033\[31m: no such option' "$(printf '\055\055\033[31m')"

# --- exit status ---------------------------------------------------------

exits "something matched" 0 tunps --table "$dir/table"
exits "nothing matched" 1 tunps --table "$dir/table" nowhere
is "nothing matched: nothing printed" "$out$err" ""
exits "no such table" 3 tunps --table "$dir/none"
like "no such table: says so" "$err" '^tunps: .*/none: No such file'
exits "not a table" 3 tunps --table "$0"
like "not a table: says so" "$err" '^tunps: .*: not a recorded table$'
exits "quiet" 0 tunps --table "$dir/table" -q
is "quiet: prints nothing" "$out$err" ""
exits "quiet, nothing" 1 tunps --table "$dir/table" -q -p 60
exits "help" 0 tunps --help
like "help: on standard output" "$out" '^usage: tunps'
bad '--help: no topic column: columns or states$' --help column
exits "version" 0 tunps -V
like "version: on standard output" "$out" '^tunps [0-9]'

# --- tables --------------------------------------------------------------

want "columns and their alignment" "\
ID     PID  LISTEN          TARGET        VIA           AGE
L8008  500  localhost:8008  localhost:80  fred@server   3d04h
D1080  500  localhost:1080  socks         fred@server   3d04h
R2022  600  bastion:2022    localhost:22  bastion:2222  12m" \
    -o id,pid,listen,target,via,age
want "-n: no headings; -o adds up" "500  /usr/bin/ssh  fred@server" \
    -n -o pid,exe -o via -p 500
want "no column twice" "500  fred@server" \
    -n -o pid,via,pid -o via -o +pid -p 500
t -n -p 500 -o pid,via
is "no column about forwards: one line a tunnel" "$out" "500  fred@server"
t -o user,pid,ppid,cmd -n -p 600
like "the cookbook's columns" "$out" \
    '^[^ ]+  600  1  ssh -f -N -R 2022:localhost:22 -p 2222 bastion$'
t
like "default columns" "$out" \
    '^ID +PID +STATE +LISTEN +TARGET +VIA +CONNS +AGE$'
t -l
like "long" "$out" 'CONNS +AGE +USER +ORIGIN +SUPERVISOR +SOURCE$'
t -o +exe
like "-o +column" "$out" 'AGE +EXE$'
t -O
is "-O: all columns" "$(sed -n 1p "$dir/out" | wc -w | tr -d ' ')" \
    "$(tunps --list-columns | wc -l | tr -d ' ')"
t -o start -n -p 600
is "start" "$out" "2023-11-14T22:01:20"
t -v -p 600
like "-v: origin" "$out" '^    origin background because .'
like "-v: state" "$out" '^    tunnel [a-z]'
is "-v: what this system shows nobody" "$err" "tunps: cannot be seen here: \
labels in environments, who is at the other end of a pipe"
sed 's/caps=0x7ff/caps=0x37ff/' "$dir/table" >"$dir/all"
run tunps --table "$dir/all" -v -p 600
is "-v: where all is shown" "$err" ""
sed 's/caps=0x7ff/caps=0/' "$dir/table" >"$dir/all"
run tunps --table "$dir/all" -v -p 600
like "-v: where nothing is" "$err" \
    "command lines of other users, .*silent, bytes sent and received, "
t -p 600
is "no -v, nothing of it" "$err" ""
tunps --list-columns | while read -r column _; do
	grep -q "^\\.It Cm .*\\b$column\\b" "$top/tools/tunps.1" ||
	    echo "$column"
done >"$dir/missing"
is "every column is in the page" "$(cat "$dir/missing")" ""

# --- raw -----------------------------------------------------------------

want "raw: numbers" "\
ID PID AGE START LABEL CMD
L8008 500 273600 1699726400 - \
ssh\\040-fN\\040-L\\0408008:localhost:80\\040-D\\0401080\\040fred@server" \
    -r -o id,pid,age,start,label,cmd 8008
want "raw: no headings" "500 fred@server" -rn -o pid,via -p 500

# --- which ---------------------------------------------------------------

# ids NAME IDS ARG...: the IDs that are printed.
ids() {
	name=$1 text=$2
	shift 2
	t -n -o id "$@"
	is "$name" "$(echo "$out" | paste -sd ' ' -)" "$text"
}

ids "own, in the background" "L8008 D1080 R2022"
ids "-a" "L7000 L8008 D1080 R2022" -a
ids "-e" "L8008 D1080 R2022 L600" -e
ids "-ae" "L7000 L8008 D1080 R2022 L600" -ae
ids "-u" "L600" -u 1001
ids "-u, several" "L8008 D1080 R2022 L600" -u 1000,1001
ids "-p" "R2022" -p 600
ids "-p, another user's" "L600" -p 700
ids "-p, in the foreground" "" -p 70
is "in the foreground: nothing matched, but why" "$status $err" \
    "1 tunps: 1 tunnel runs in the foreground (-a shows it)"
ids "-ap, in the foreground" "L7000" -ap 70
ids "-L" "L8008" -L
ids "-D" "D1080" -D
ids "-R" "R2022" -R
ids "-L -D" "L8008 D1080" -LD
ids "-L of one" "L8008" -L -p 500,600
ids "port" "L8008" 8008
ids ":port" "D1080" :1080
ids "a selector in the foreground" "" 7000
is "a selector in the foreground: says which" "$status $err" \
    "1 tunps: 7000: runs in the foreground (-a shows it)"
ids "one of two selectors in the foreground" "L8008" 7000 8008
is "one of two selectors in the foreground: says which" "$status $err" \
    "0 tunps: 7000: runs in the foreground (-a shows it)"
for mode in -q --metrics --complete=7; do
	run tunps --table "$dir/table" "$mode" 7000
	is "the foreground is not spoken of: $mode" "$err" ""
done
ids "a selector in the foreground, -a" "L7000" -a 7000
ids "port and PID" "R2022 L600" -e 600
ids "ID" "L8008" L8008
ids "ID in lower case" "D1080" d1080
ids "destination" "L8008 D1080" fred@server
ids "host" "L8008 D1080" server
ids "selectors widen" "D1080 R2022" D1080 bastion
ids "options narrow" "" -L bastion
ids "--older" "L8008 D1080" --older 1h
ids "--older, etime" "L8008 D1080" --older 3-00:00:00
ids "--older, too long" "" --older 1w
ids "--idle of what is not known" "" --idle 0s
ids "--newest" "R2022" --newest
ids "--oldest" "L8008 D1080" --oldest
ids "--newest of some" "L8008 D1080" --newest server
ids "--sort" "D1080 L8008 R2022" --sort id
ids "--sort, backwards" "R2022 L8008 D1080" --sort -id
{
	table_head 1000
	ssh_process 700 1000 60 'ssh -fN -P web -L 18008:b:80 -L 8008:b:443 -L 9:b:8 h'
	ssh_process 701 1000 60 'ssh -fN -L 8009:c:80 h'
	echo socks
} >"$dir/labelled"
labelled() {
	run tunps --table "$dir/labelled" "$@"
}
labelled -rno id --sort id
is "--sort: ports are numbers" "$(echo "$out" | paste -sd " " -)" "L9 L8008 L8009 L18008"
labelled -rno target --sort target
is "  in targets, too" "$(echo "$out" | paste -sd " " -)" "b:8 b:80 b:443 c:80"
labelled
like "a label shows that there are labels" "$out" 'AGE +LABEL$'
like "  beside what has none, or is not known" "$out" '^L8009 .* [?]$'
for option in -r -p701 '-o id,age'; do
	# shellcheck disable=SC2086
	labelled $option
	unlike "  not with $option" "$out" LABEL
done
labelled -o +why
like "  before -o +" "$out" 'AGE +LABEL +WHY$'
labelled -o +label,pid
is "  once" "$(echo "$out" | grep -o -e LABEL -e PID | sort | uniq -c |
    tr -s ' \n' ' ')" " 1 LABEL 1 PID "

ids "--sort, two" "R2022 D1080 L8008" --sort -pid,id
ids "--ssh-name" "L8008 D1080 R2022" --ssh-name myssh
ids "--ssh-name, two" "L8008 D1080 R2022" --ssh-name myssh --ssh-name other
ids "--ssh-name, two" "L8008 D1080 R2022" --ssh-name other --ssh-name myssh

# --- short answers -------------------------------------------------------

want "-t" "500
600" -t
want "-t -d" "500,600" -t -d,
want "-t -d, empty" "500600" -t -d ''
want "-t --newest" "600" -t --newest
want "-t --sort" "600
500" -t --sort age
want "-t of a forward" "500" -t 8008
want "-c counts tunnels" "2" -c
t -c nowhere
is "-c of none" "$out $status" "0 1"

# --- JSON ----------------------------------------------------------------

t -J
key "JSON: version" .version 1
key "JSON: notes" .notes '[]'
key "JSON: tunnels" '.tunnels[#]' 2
key "JSON: pid" '.tunnels[0].pid' 500
key "JSON: via" '.tunnels[1].via' bastion:2222
key "JSON: port" '.tunnels[1].port' 2222
key "JSON: unknown" '.tunnels[0].port' null
key "JSON: start" '.tunnels[0].start' 1699726400
key "JSON: start_iso" '.tunnels[0].start_iso' 2023-11-11T18:13:20Z
key "JSON: age" '.tunnels[0].age' 273600
key "JSON: cmd" '.tunnels[0].cmd[2]' -L
key "JSON: helpers" '.tunnels[0].helpers' '[]'
key "JSON: forwards" '.tunnels[0].forwards[#]' 2
key "JSON: id" '.tunnels[0].forwards[1].id' D1080
key "JSON: listen" '.tunnels[0].forwards[0].listen_port' 8008
key "JSON: target" '.tunnels[0].forwards[0].target' localhost:80
key "JSON: target of socks" '.tunnels[0].forwards[1].target' socks
for name in id pid ppid pgid sid user uid origin supervisor state why via \
    host port label ctlpath master age start start_iso idle heard rx tx rtt \
    retrans unit exe cwd cmd helpers forwards; do
	ok "JSON: tunnels have $name" \
	    sh -c "json .tunnels[0].$name <'$dir/out' >/dev/null"
done
for name in id kind state listen target source conns exposed clients; do
	ok "JSON: forwards have $name" \
	    sh -c "json .tunnels[0].forwards[0].$name <'$dir/out' >/dev/null"
done
t -J nowhere
is "JSON: nothing matched" "$(json .tunnels <"$dir/out") $status" "[] 1"
t -J -o pid,via
is "JSON: only some keys" "$(json '.tunnels[0]' <"$dir/out")" \
    '{"pid":500,"via":"fred@server","host":"server","port":null}'
t -J 8008
key "JSON: only what matched" '.tunnels[0].forwards[#]' 1
t -j --sort -pid
is "JSON lines" "$(wc -l <"$dir/out" | tr -d ' ')" 2
is "JSON lines: sorted" "$(sed 1q "$dir/out" | json .pid)" 600
t -J --sort id
key "JSON: a sort does not part a tunnel" '.tunnels[0].forwards[#]' 2

# --- trees, completion ---------------------------------------------------

t -T -p 500
like "tree: tunnel" "$out" '^500 fred@server  .*background  3d04h$'
like "tree: forward" "$out" '^\|- L8008  localhost:8008 -> localhost:80'
like "tree: last forward" "$out" '^`- D1080  localhost:1080 -> socks'
t --complete L
is "completion: an ID" "$out" \
    "$(printf 'L7000\tlocalhost:70 via front, 45s
L8008\tlocalhost:80 via fred@server, 3d04h')"
t --complete fred
is "completion: a destination" "$out" "$(printf 'fred@server\tdestination')"
t --complete 50
is "completion: a PID" "$out" "$(printf '500\tvia fred@server, 3d04h')"
run tunps --table "$dir/none" --complete ''
is "completion: silent on error" "$out$err" ""

# --- verdicts ------------------------------------------------------------

# Nothing is known of sockets there.
grep -v '^sock' "$dir/table" >"$dir/blind"
# And here 500 has its listeners.
awk '{ print } /^proc/ { is_500 = /pid=500 / } /^fds/ && is_500 {
	print "fd fd=5 kind=socket key=81\nfd fd=6 kind=socket key=82"
} /^socks/ {
	print "sock family=inet state=listen local=127.0.0.1:8008 key=81 known=0x83"
	print "sock family=inet state=listen local=127.0.0.1:1080 key=82 known=0x83"
}' "$dir/table" >"$dir/bound"

# verdict NAME STATUS REGEX ARG...: exit status, and a line of stderr.
verdict() {
	name=$1 want=$2 regex=$3
	shift 3
	run tunps --table "$dir/$seen" "$@"
	is "$name" "$status" "$want"
	like "$name: $regex" "$err" "$regex"
}

seen=bound
verdict "--expect: the target's host" 0 '' -n --expect LOCALHOST 8008
unlike "  needs no word" "$err" 8008
verdict "--expect: host and port of the target" 0 '' --expect localhost:80 8008
sed 's/:localhost:80/:[::1]:5432/' "$dir/bound" >"$dir/six"
for host in '[::1]:5432' '[::1]' ::1; do
	exits "--expect: an IPv6 target: $host" 0 tunps --table "$dir/six" \
	    --expect "$host" 8008
done
for host in '[::1]:543' ::1:5432 '[::1'; do
	exits "  not $host" 4 tunps --table "$dir/six" --expect "$host" 8008
done
verdict "--expect: another port" 4 \
    '^tunps: L8008: leads to localhost:80 via fred@server, not to localhost:8$' \
    --expect localhost:8 8008
verdict "--expect: the server" 0 '' --expect server 8008
unlike "  needs no word, the target is there" "$err" L8008
verdict "--expect: the server as typed" 0 '' --expect fred@server 8008
verdict "--expect: another user there" 4 'L8008: leads' --expect f@server 8008
verdict "--expect: the server, and the target elsewhere" 0 \
    '^tunps: D1080: server is the server; the target is socks$' \
    --expect server 1080
verdict "--expect: one of two" 4 '^tunps: R2022: leads' --expect server -e \
    8008 2022
verdict "--expect: a sister whose clients choose the target" 0 \
    '^tunps: D1080: leads to socks' --expect localhost fred@server
verdict "  is bad where it was named itself" 4 '^tunps: D1080: leads' \
    --expect localhost 8008 1080
seen=blind
verdict "--expect: whether it listens is not known" 3 \
    '^tunps: L8008: whether it listens is not known$' --expect localhost 8008
verdict "  where it would not lead there, it is bad" 4 '^tunps: L8008: leads' \
    --expect other 8008
verdict "--expect: no such tunnel is seen" 3 '' --expect server 9999
t --expect server 9999
is "  there is none" "$status" 4
verdict "--expect and -q" 4 '^$' -q --expect other 8008
awk '{ print } /^fd fd=6/ { print "fd fd=7 kind=socket key=83" } /^socks/ {
	print "sock family=inet state=listen local=127.0.0.1:9000 key=83 known=0x83"
}' "$dir/bound" >"$dir/untold"
for question in '--expect db' '--wait 0'; do
	# shellcheck disable=SC2086
	exits "$question: the target of L9000 may be it" 3 tunps \
	    --table "$dir/untold" $question db:5432
	# shellcheck disable=SC2086
	exits "  no port that nobody has" 4 tunps --table "$dir/untold" \
	    $question 9999
done
verdict "--wait in vain" 3 '^tunps: waited in vain$' --wait 0 9999
t --wait 0 9999
is "  there is none" "$status" 4
verdict "--check where nothing can be seen" 3 'health is not known: it cannot be seen$' --check
verdict "--check: nothing matched" 1 '' --check nowhere
sed -e 's/ -L 8008:.* / /' "$dir/table" |
    grep -v '^sock' >"$dir/blind"
verdict "--expect: forwards that ssh_config may add" 3 \
    '^tunps: M500: where it leads is not known$' --expect db 500
sed '/^proc pid=600/s/state=S/state=T/' "$dir/table" >"$dir/blind"
verdict "--check: stopped" 4 '' --check 2022
verdict "--check: another's trouble" 4 '' --check 8008
verdict "--check: by state" 4 '' --check --state stopped
verdict "--check: by state, none" 1 '' --check --state broken

# --- where the answer goes -----------------------------------------------

if [ -c /dev/full ]; then
	tunps --table "$dir/table" >/dev/full 2>"$dir/err"
	is "full disk" "$? $(cat "$dir/err")" \
	    "3 tunps: standard output: No space left on device"
	tunps --table "$dir/table" -J >/dev/full 2>"$dir/err"
	is "full disk, JSON" "$? $(cat "$dir/err")" \
	    "3 tunps: standard output: No space left on device"
	tunps --list-columns >/dev/full 2>/dev/null
	is "full disk, list of columns" $? 3
else
	skip "full disk" "no /dev/full"
fi
tunps --table "$dir/table" >&- 2>"$dir/err"
is "closed standard output" "$? $(wc -l <"$dir/err" | tr -d ' ')" "3 1"

# unread COMMAND...: its standard output is a pipe whose only reader has ended.
mkfifo "$dir/pipe"
unread() {
	true <"$dir/pipe" &
	{
		wait $!
		"$@" 2>"$dir/err"
	} >"$dir/pipe"
}
unread tunps --table "$dir/table" -O
is "broken pipe" "$(cat "$dir/err")" ""
(
	trap '' PIPE
	unread tunps --table "$dir/table" -O
)
is "broken pipe, ignored by the caller" "$(cat "$dir/err")" ""

# --- what is not seen ----------------------------------------------------

grep -v '^sock' "$dir/table" >"$dir/blind"
exits "no sockets: still an answer" 0 tunps --table "$dir/blind"
like "no sockets: said once" "$err" '^tunps: view incomplete: .'
is "no sockets: on one line" "$(wc -l <"$dir/err" | tr -d ' ')" 1
run tunps --table "$dir/blind" -J
is "no sockets: in JSON" "$(json .complete <"$dir/out")" false
run tunps --table "$dir/blind" -o pid,ppid,cmd
is "columns of processes need no sockets" "$err" ""
run tunps --table "$dir/blind" -t
is "PIDs need no sockets" "$err" ""

# --- what a dbclient has as well ------------------------------------------

# connecting PIPES: an OpenSSH that connects holds both ends of so many pipes;
# those of proxychains4 are two.
connecting() {
	table_head 1000
	ssh_process 90 1000 3 'ssh -F none -N -D 1080 10.1.1.1' |
	    sed 's/ sigcgt=[^ ]*/ sigcgt=0/'
	for pipe in $1; do
		echo "fd fd=$((2 * pipe + 1)) kind=pipe key=$pipe"
		echo "fd fd=$((2 * pipe + 2)) kind=pipe key=$pipe"
	done
	echo socks
}
connecting '1 2' >"$dir/table"
want "two own pipes: an OpenSSH that connects" "D1080 starting" -arn -o id,state
connecting 1 >"$dir/table"
t -arn -o id,state
is "one own pipe: a dbclient, which has no -D" "$out $status" " 1"

rest_needs_live

# --- a journal that cannot be used, whether a tunnel runs or not ----------

mkdir -p "$dir/state/libfind"
echo 'libfind-journal 1' >"$dir/state/libfind/journal"
chmod 770 "$dir/state/libfind"
for option in -t --metrics; do
	run env XDG_STATE_HOME="$dir/state" tunps "$option"
	like "the journal cannot be used: $option" "$err" "^tunps: \
$dir/state/libfind/journal: the journal cannot be used: others may write to \
its directory$"
done

done_testing
