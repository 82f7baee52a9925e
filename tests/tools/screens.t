#!/bin/sh
# SPDX-License-Identifier: ISC
# What the tools show on terminals of five sizes: rows fit, IDs are whole, what
# was left out is marked, and nothing that others chose reaches the terminal.

. "$(dirname "$0")/lib.sh"
. "$top/tests/tools/sessions.sh"

require tmux
[ "$(LC_ALL=C.UTF-8 locale charmap 2>/dev/null)" = UTF-8 ] ||
	skip_all "no locale C.UTF-8"
# Cases have regular expressions, and none has names of files.
set -f

path=/run/user/1000/a-directory/and/another/one/socket
# A terminal does not show this, and rings at its end.
evil='\033]red\007'
{
	table_head 1000
	ssh_process 501 1000 60 'ssh -fN -L 8001:db.example.com:5432 fred@bastion.example.com'
	ssh_process 50200 1000 90000 "ssh -fN -L $path:/var/run/postgresql/.s.PGSQL.5432 -R 9000:localhost:22 db1"
	ssh_process 503 1000 90 'ssh -fN -D 1080 \346\227\245\346\234\254\350\252\236\346\227\245\346\234\254\350\252\236\346\227\245\346\234\254\350\252\236'
	ssh_process 504 1000 90 "ssh -fN -L 8004:e\314\201t\303\251\314\201:80 $evil"
	echo socks
} >"$dir/table"
# tunkill ends only one's own.
sed "s/uid=1000/uid=$(id -u)/g" "$dir/table" >"$dir/own"

# Labels, and the processes that are connected.
{
	table_head 1000
	ssh_process 501 1000 60 "ssh -fN -P $evil -L 8001:db.example.com:5432 fred@bastion.example.com"
	for key in 10 11 12 14; do
		echo "fd fd=$key kind=socket key=$key"
	done
	ssh_process 502 1000 60 'ssh -fN -P \346\227\245\346\234\254\350\252\236\346\227\245\346\234\254 -L 8002:db:80 db1'
	key=13
	for comm in "$evil" a-program-of-16; do
		printf '%s\n' "proc pid=$key via=comm name=psql ppid=1 pgid=$key sid=$key uid=1000 ruid=1000 ident=$key start=1699990000000000 state=S comm=$comm"
		echo 'fds limit=1024'
		echo "fd fd=3 kind=socket key=$key"
		key=$((key + 2))
	done
	cat <<-END
	socks
	sock family=inet state=listen local=127.0.0.1:8001 key=11 uid=1000 known=0x83
	sock family=inet6 state=estab local=[2001:db8:85a3::8a2e]:40000 peer=[2001:db8:85a3:8d3:1319:8a2e:370:7348]:22 key=10 uid=1000 known=0x83
	sock family=inet state=estab local=127.0.0.1:8001 peer=127.0.0.1:50001 key=12 uid=1000 known=0x83
	sock family=inet state=estab local=127.0.0.1:50001 peer=127.0.0.1:8001 key=13 uid=1000 known=0x83
	sock family=inet state=estab local=127.0.0.1:8001 peer=127.0.0.1:50002 key=14 uid=1000 known=0x83
	sock family=inet state=estab local=127.0.0.1:50002 peer=127.0.0.1:8001 key=15 uid=1000 known=0x83
	END
} >"$dir/clients"

two_sessions >"$dir/sessions"

terminal() {
	tmux -u -f /dev/null -S "$dir/tmux" "$@"
}
at_exit 'terminal kill-server 2>/dev/null'
# The server ends with its last session.
env -i HOME="$dir" PATH="$PATH" TERM=screen LC_ALL=C.UTF-8 \
    XDG_STATE_HOME="$XDG_STATE_HOME" \
    tmux -u -f /dev/null -S "$dir/tmux" new-session -d -s keep cat

# screen WIDTHxHEIGHT COMMAND [STEP...]: what that leaves on such a terminal,
# lines that the terminal has wrapped in two in $dir/screen, and joined in
# $dir/joined.  A step is KEY:REGEX, what is typed and the line that it brings,
# or !FUNCTION:REGEX; without any, the command ends.  $missed has those whose
# line did not come.
screen() {
	width=${1%x*}
	height=${1#*x}
	printf '%s\necho "[$?]"\nread -r _\n' "$2" >"$dir/command"
	shift 2
	missed=
	terminal new-session -d -s look -x "$width" -y "$height" \
	    "sh '$dir/command'" \; pipe-pane "cat >>'$dir/raw'"
	[ $# -gt 0 ] || set -- ':^\[[0-9]*\]$'
	for step; do
		case $step in
		:*) ;;
		!*) step=${step#!} && "${step%%:*}" ;;
		*) terminal send-keys -t look "${step%%:*}" ;;
		esac
		wait_for shows "${step#*:}" || missed="$missed $step"
	done
	terminal capture-pane -t look -p -S - | grep -v '^\[[0-9]*\]$' \
	    >"$dir/screen"
	terminal capture-pane -t look -p -J -S - | sed 's/ *$//' |
	    grep -v '^\[[0-9]*\]$' >"$dir/joined"
	terminal kill-session -t look
}

shows() {
	terminal capture-pane -t look -p | grep -Eq -e "$1"
}

# fits NAME: no line was wrapped, but for an ID that is wider.
fits() {
	grep -v "L$path" "$dir/joined" | grep . >"$dir/want"
	sed 's/ *$//' "$dir/screen" | grep -Fxf "$dir/want" >"$dir/got"
	is "$1: nothing is wrapped" "$(cat "$dir/got")" "$(cat "$dir/want")"
}

# same_words NAME FILE REGEX: the lines that match are as in that file, but for
# blanks, at which they are broken; or their beginning is, and a line says that
# there are more.  The first terminal, which is the widest, makes the file.
same_words() {
	grep -E -e "$3" "$dir/joined" | tr -d ' \n' >"$dir/words"
	[ -f "$2" ] || cp "$dir/words" "$2"
	got=$(cat "$dir/words") want=$(cat "$2")
	grep -Eq '[(][0-9]+ more lines?[)]$' "$dir/joined" &&
	    want=$(printf %s "$want" | cut -c "1-$(printf %s "$got" | wc -m)")
	is "$1: no word is missing" "$got" "$want"
}

# fits_all SIZE: the cases in $dir/cases.
fits_all() {
	while IFS=';' read -r name ids first text command steps; do
		# shellcheck disable=SC2086
		screen "$1" "$command" $steps
		fits "$1, $name"
		missing=$missed all=$(cat "$dir/joined")
		for id in $ids; do
			case $all in
			*"$id"*) ;;
			*) missing="$missing $id" ;;
			esac
		done
		is "$1, $name: all IDs" "$missing" ""
		like "$1, $name: begins" "$(sed 1q "$dir/screen")" "$first"
		[ -z "$text" ] ||
			same_words "$1, $name" "$dir/words: $name" "$text"
	done <"$dir/cases"
}

# cases: those on standard input, NAME;IDS;FIRST LINE;TEXT;COMMAND;STEP...
# TEXT matches the lines that are broken between words.
cases() {
	cat >"$dir/cases"
	for size in 200x50 132x43 80x24 60x12 40x10; do
		fits_all "$size"
	done
}

# The plan for a process that runs, and what the journal has.
live() {
	has_live && command -v mktun >/dev/null && command -v prlimit \
	    >/dev/null || return
	mkdir -p "$XDG_STATE_HOME/libfind"
	chmod 700 "$XDG_STATE_HOME" "$XDG_STATE_HOME/libfind"
	cat >"$XDG_STATE_HOME/libfind/journal" <<-END
	libfind-journal 1
	start 501 7 0 1699990000 old/1 $(uname -n) arg=ssh arg=-fNL arg=8005:db.example.com:5432 arg=$evil
	start 502 8 0 1699980000 old/1 $(uname -n) label=web arg=ssh arg=-fNL arg=$path:/var/run/postgresql/.s.PGSQL.5432 arg=db1
	END
	chmod 600 "$XDG_STATE_HOME/libfind/journal"
	# shellcheck disable=SC2059
	leash mktun -ds -x "$dir/ssh" ssh -fN -L 8008:db.example.com:5432 \
	    "$(printf "$evil")"
	wait_for test -s "$dir/leashed" || return
	pid=$(cat "$dir/leashed")
	# Where there is a doubt about a tunnel, a look takes a second.
	kill -STOP "$pid"
	at_exit "kill -CONT $pid 2>/dev/null"
}

# limit: the next look of the tunps that wrote its PID will fail.
limit() {
	prlimit --nofile=4 --pid "$(cat "$dir/watcher")"
}

# permits: what tunpermit lists, of an sshd that does not run.
permits() {
	[ "$(id -u)" -eq 0 ] && has_live && command -v sshd >/dev/null || return
	mkdir -p /run/sshd
	for name in host one two; do
		ssh-keygen -q -t ed25519 -N '' -C "$name, on a notebook" \
		    -f "$dir/$name"
	done
	{
		printf 'permitopen="db.example.com:5432",permitlisten="9000" '
		cat "$dir/one.pub"
		# shellcheck disable=SC2059
		printf "restrict $(cut -d ' ' -f 1,2 "$dir/two.pub") $evil\n"
	} >"$dir/keys"
	cat >"$dir/sshd_config" <<-END
	HostKey $dir/host
	AuthorizedKeysFile $dir/keys
	StrictModes no
	GatewayPorts yes
	END
}

tuns="L8001 L$path R9000 D1080 L8004"
# An ID that is wider than the screen of --watch is cut, and broken in a plan.
shown="L8001 L$(printf %.20s "$path") R9000 D1080 L8004"
t="tunps --table '$dir/table'"
c="tunps --table '$dir/clients'"
s="tunps --server --table '$dir/sessions'"
rids='R3000 R:::3001 R127.0.0.5:3001 R6010 R2022 R/run/%1B%5B31mdb'
cases <<-END
plain;$tuns;^ID +.*STATE .*(AGE|[+][0-9]+)$;;$t
long;$tuns;^ID +.*STATE .*(SOURCE|[+][0-9]+)$;;$t -l
all;$tuns;^ID .*[+][0-9]+$;;$t -O
evidence;$tuns;^ID +.*STATE;^(    |tunps: );$t -v
no headings;$tuns;^L8001 ;;$t -n
tree;$tuns;^501 fred@;;$t -T
columns;$tuns;^(CMD +)?ID;;$t -o cmd,id,via
labels;L8001 L8002;^ID .*(LABEL|[+][0-9]+)$;;$c
wide columns;L8001 L8002;^ID +STATE .*(SERVER|[+][0-9]+)$;;$c -o id,state,why,server
clients;L8001 a-program-of-16 red\\007;^501 fred@;;$c -T --clients
clients below;L8001 a-program-of-16 red\\007;^ID +.*STATE;^(    |tunps: );$c -v --clients
sessions;$rids;^ID .*(AGE|[+][0-9]+)$;;$s
sessions, long;$rids;^ID .*(EXPOSED|[+][0-9]+)$;;$s -l
sessions, evidence;$rids;^ID .*(AGE|[+][0-9]+)$;^    ;$s -v
sessions, tree;$rids;^40 61002@;;$s -T --clients
a plan;$shown;^L8001: end ssh 501;.;tunkill --table '$dir/own' -n 8001 1080 8004 R9000
END
if has_curses; then
	cases <<-END
	--watch;$shown;^[0-9:]{8}  4 tunnels;;$t --watch=30 --sort=id;:R9000
	--watch, a filter;L8001 L8004;^[0-9:]{8}  4 tunnels;;$t --watch=30;:R9000 /80:^/80$
	--watch, no match;;^[0-9:]{8}  4 tunnels;^no.line;$t --watch=30;:R9000 /zonk:^/zonk$
	--watch, evidence;L8001;^[0-9:]{8}  4 tunnels;^    ;$t --watch=30;:R9000 v:more.line|may.not.be.read
	--watch, help;;^[0-9:]{8}  4 tunnels;^([^0-9(q]|q );$t --watch=30;:R9000 ?:more.line|gone[.]$
	--watch, sessions;R3000 R2022 R/run/%1B%5B31mdb;^[0-9:]{8}  2 sessions;;$s --watch=30;:R/run
	END
else
	skip "--watch" "built without curses"
fi
if live; then
	w="tunps --watch=30 -p $pid"
	cases <<-END
	lost;L8005 L$path;^ID .*(CMD|[+][0-9]+)$;;tunps --lost
	lost, tree;L8005 L$path;^501 ;;tunps --lost -T
	no control socket;red\\007;^/n/;;tuncheck -S "\$(printf '/n/$evil')"
	END
	! has_curses || cases <<-END
	--watch, a plan;L8008;^[0-9:]{8}  1 tunnel;^[^(0-9e];$w;:L8008 K:^end.L8008
	--watch, a look that fails;L8008;^[0-9:]{8}  1 tunnel;^cannot;echo \$\$ >'$dir/watcher' && exec $w;:L8008 !limit:L8008 r:^cannot.look
	END
	unleash
else
	skip "what runs" "no live system in this build, or no mktun"
fi
if permits; then
	p="tunpermit --sshd '$(command -v sshd)' -f '$dir/sshd_config'"
	cases <<-END
	who may;root;^USER .*(NOTES|[+][0-9]+)$;;$p root
	who may, and why;root;^USER .*(NOTES|[+][0-9]+)$;^    ;$p -v root
	END
else
	skip "who may" "not root, or no sshd"
fi

# Marks take two columns.  No curses knows a terminal of the type plain.
o="-o id,target,via,age,listen --table '$dir/table'"
for size in 40x10 60x12 80x24 132x43; do
	for type in screen plain; do
		screen "$size" "TERM=$type tunps --watch=30 $o" :R9000
		sed -n 's/^  //p' "$dir/screen" | sed 's/ *$//' >"$dir/watched"
		screen "$((width - 2))x24" "tunps $o"
		is "$size, --watch on $type: the same, less two columns" \
		    "$(cat "$dir/watched")" "$(grep . "$dir/joined" |
		    LC_ALL=C.UTF-8 sed "s/^\(.\{$((width - 1))\}\)...*/\1+/")"
	done
done

# --- nothing is silent ------------------------------------------------------

for name in none front others; do
	table_head 1000 >"$dir/$name"
done
origin='reparented=0' ssh_process 601 1000 60 'ssh -N -L 7000:localhost:70 front' |
    sed 's/ppid=1 /ppid=60 /; s/sid=601/sid=60 tty=34817/' >"$dir/row"
{
	echo 'proc pid=60 via=comm name=sh ppid=1 pgid=60 sid=60 uid=1000 ruid=1000 ident=60 start=1699990000000000 state=S comm=sh tty=34817'
	echo 'args sh'
	cat "$dir/row"
} >>"$dir/front"
ssh_process 701 61001 60 'ssh -fN -L 7001:localhost:5432 theirs' >>"$dir/others"
ssh_process 702 61001 60 'ssh -fN -L 7002:localhost:70 theirs' >>"$dir/others"
for name in none front others; do
	echo socks >>"$dir/$name"
done

# Of what it prints, the first line without its end if it is broken.
while IFS='|' read -r name table command want; do
	screen 80x24 "$(printf %s "$command" | sed "s|--|--table '$dir/$table' --|")"
	out=$(sed 's/ *$//' "$dir/screen" | grep .)
	like "on a terminal, $name" "$(printf %s "$out" | paste -sd ' ' - |
	    tr -s ' ')" "^$want\$"
	fits "  $name"
done <<END
no tunnels|none|tunps --|tunps: no tunnel in the background; start one: tunrun -fN -L 8080:localhost:80 HOST
no tunnels, as a tree|none|tunps -T --|tunps: no tunnel in the background; start one: .*
no tunnels, PIDs|none|tunps -t --|tunps: no tunnel in the background; start one: .*
quiet|none|tunps -q --|
in the foreground|front|tunps --|tunps: 1 tunnel runs in the foreground \(-a shows it\)
of others|others|tunps --|tunps: no tunnel of yours: 2 of other users run \(-e shows them\)
no such options|table|tunps --older 99d --|tunps: no tunnel matches the options: 4 without them
no such port|table|tunps 8081 --|tunps: 8081: no tunnel has this port or PID; did you mean 8001, .*
no such host|table|tunps bastin --|tunps: bastin: no tunnel has this ID, destination, jump host or target
part of a host|table|tunps bastion --|tunps: bastion: no tunnel .* target; did you mean fred@bastion.example.com or bastion.example.com\?
no such ID|table|tunps L8002 --|tunps: L8002: no tunnel has this ID or forward; did you mean L8001 or L8004\?
no such label|table|tunps @web --|tunps: @web: no tunnel has this label .*
a host of others|others|tunps theirs --|tunps: theirs: it is 61001's \(ssh 701\): -e lists it
a filter|table|tunps 8001 --state choked|tunps: 8001: does not match the options
to be ended|table|tunkill L8002 -n --|tunkill: L8002: no tunnel has this ID or forward; did you mean L8001 or L8004\?
END
# That text is for people.
run tunps --table "$dir/table" L8002
is "no terminal, no words" "$status $out$err" "1 "

# --- to the letter ----------------------------------------------------------

# as_drawn SIZE OPTIONS: the screen is that on standard input.
as_drawn() {
	cat >"$dir/want"
	screen "$1" "tunps --table '$dir/table' $2"
	is "$1, tunps $2: to the letter" "$(sed 's/ *$//' "$dir/screen" |
	    grep .)" "$(cat "$dir/want")"
}

as_drawn 80x24 "501 503 504" <<'END'
ID     PID  STATE    LISTEN          TARGET           VIA             CONNS  AGE
L8001  501  unbound  localhost:8001  db.example.com+  fred@bastion.+      0  1m
D1080  503  unbound  localhost:1080  socks            日本語日本語+       0  1m
L8004  504  unbound  localhost:8004  e\314\201té\31+  \033]red\007        0  1m
END
as_drawn 40x10 "501 503 9000" <<'END'
ID     STATE    TARGET     VIA  +4
L8001  unbound  db.examp+  fred@ba+
D1080  unbound  socks      日本語+
R9000  quiet    localhos+  db1
END
as_drawn 60x12 "-nT 501 503 9000" <<'END'
501 fred@bastion.example.com  useless  background  1m
└─ L8001  localhost:8001 → db.example.com:5432  unbound
503 日本語日本語日本語  useless  background  1m
└─ D1080  localhost:1080 → socks  unbound
50200 db1  partial  background  1d01h
└─ R9000  db1:9000 → localhost:22  quiet
END

# --- what reaches a terminal ------------------------------------------------

terminal kill-server
is "no bytes that others chose" "$(grep -ac "$(printf '\033]\|\007')" \
    "$dir/raw")" 0

done_testing
