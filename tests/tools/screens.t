#!/bin/sh
# SPDX-License-Identifier: ISC
# What tunps shows on terminals of five sizes: rows fit, IDs are whole, and what
# was left out is marked.

. "$(dirname "$0")/lib.sh"

require tmux
[ "$(LC_ALL=C.UTF-8 locale charmap 2>/dev/null)" = UTF-8 ] ||
	skip_all "no locale C.UTF-8"

path=/run/user/1000/a-directory/and/another/one/socket
{
	table_head 1000
	ssh_process 501 1000 60 'ssh -fN -L 8001:db.example.com:5432 fred@bastion.example.com'
	ssh_process 50200 1000 90000 "ssh -fN -L $path:/var/run/postgresql/.s.PGSQL.5432 -R 9000:localhost:22 db1"
	ssh_process 503 1000 90 'ssh -fN -D 1080 \346\227\245\346\234\254\350\252\236\346\227\245\346\234\254\350\252\236\346\227\245\346\234\254\350\252\236'
	ssh_process 504 1000 90 'ssh -fN -L 8004:e\314\201t\303\251\314\201:80 \033[31mred\007'
	echo socks
} >"$dir/table"
ids="L8001 L$path R9000 D1080 L8004"

terminal() {
	tmux -u -f /dev/null -S "$dir/tmux" "$@"
}
at_exit 'terminal kill-server 2>/dev/null'
# The server ends with its last session.
env -i HOME="$dir" PATH="$PATH" TERM=screen LC_ALL=C.UTF-8 \
    XDG_STATE_HOME="$XDG_STATE_HOME" \
    tmux -u -f /dev/null -S "$dir/tmux" new-session -d -s keep cat

# screen WIDTHxHEIGHT COMMAND...: what that leaves on such a terminal, lines
# that the terminal has wrapped in two in $dir/screen, and joined in
# $dir/joined.
screen() {
	width=${1%x*}
	height=${1#*x}
	shift
	printf '%s\necho "[$?]"\nread -r _\n' "$*" >"$dir/command"
	terminal new-session -d -s look -x "$width" -y "$height" \
	    "sh '$dir/command'"
	wait_for shows "${shown_:-^\[[0-9]*\]$}"
	terminal capture-pane -t look -p -S - | grep -v '^\[[0-9]*\]$' >"$dir/screen"
	terminal capture-pane -t look -p -J -S - | sed 's/ *$//' |
	    grep -v '^\[[0-9]*\]$' >"$dir/joined"
	terminal kill-session -t look
}

shows() {
	terminal capture-pane -t look -p | grep -Eq "$1"
}

# fits NAME: no line was wrapped, but for an ID that is wider.
fits() {
	grep -v "L$path" "$dir/joined" | grep . >"$dir/want"
	sed 's/ *$//' "$dir/screen" | grep -Fxf "$dir/want" >"$dir/got"
	is "$1: nothing is wrapped" "$(cat "$dir/got")" "$(cat "$dir/want")"
}

for size in 40x10 60x12 80x24 132x43 200x50; do
	while IFS='|' read -r name options first; do
		screen "$size" "tunps --table '$dir/table' $options"
		fits "$size, $name"
		missing=
		for id in $ids; do
			grep -Fq "$id" "$dir/joined" || missing="$missing $id"
		done
		is "$size, $name: all IDs" "$missing" ""
		like "$size, $name: begins" "$(sed 1q "$dir/screen")" "$first"
	done <<-END
	plain||^ID +.*STATE .*(AGE|[+][0-9]+)$
	long|-l|^ID +.*STATE .*(SOURCE|[+][0-9]+)$
	all|-O|^ID .*[+][0-9]+$
	evidence|-v|^ID +.*STATE
	no headings|-n|^L8001 
	tree|-T|^501 fred@
	columns|-o cmd,id,via|^(CMD +)?ID
	END
done

# Marks take two columns.  An ID that is wider is cut by the screen.
for size in 40x10 60x12 80x24 132x43; do
	width=${size%x*}
	shown_="R9000" screen "$size" \
	    "tunps --watch=30 --table '$dir/table' -o id,target,via,age,listen"
	sed -n 's/^  //p' "$dir/screen" | grep -v "L/" | sed 's/ *$//' \
	    >"$dir/watched"
	screen "$((width - 2))x24" \
	    "tunps --table '$dir/table' -o id,target,via,age,listen"
	is "$size, --watch: the same, less two columns" \
	    "$(cat "$dir/watched")" "$(grep . "$dir/joined" | grep -v "L/")"
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
ssh_process 701 1001 60 'ssh -fN -L 7001:localhost:5432 theirs' >>"$dir/others"
ssh_process 702 1001 60 'ssh -fN -L 7002:localhost:70 theirs' >>"$dir/others"
for name in none front others; do
	echo socks >>"$dir/$name"
done

# Of what it prints, the first line without its end if it is broken.
while IFS='|' read -r name table command want; do
	screen 80x24 "$(echo "$command" | sed "s|--|--table '$dir/$table' --|")"
	out=$(sed 's/ *$//' "$dir/screen" | grep .)
	like "on a terminal, $name" "$(printf %s "$out" | paste -sd ' ' - |
	    tr -s ' ')" "^$want\$"
	fits "  $name"
done <<END
no tunnels|none|tunps --|tunps: no tunnel in the background; start one: tunrun -L 8080:localhost:80 HOST
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
a host of others|others|tunps theirs --|tunps: theirs: it is 1001's \(ssh 701\): -e lists it
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
L8004  504  unbound  localhost:8004  e\314\201té\31+  \033[31mred\0+      0  1m
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

done_testing
