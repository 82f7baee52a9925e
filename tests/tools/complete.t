#!/bin/sh
# shellcheck disable=SC2016
# SPDX-License-Identifier: ISC
#
# The completion of tunps.

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/shells.sh"

# Two tunnels, and two more that share an ID.
{
	table_head 1000
	ssh_process 500 1000 273600 'ssh -fN -L 8008:localhost:80 -D 1080 -L /run/u/pg.sock:/run/pg fred@server'
	ssh_process 611 1000 720 'ssh -f -N -R 3000:localhost:22 alpha'
	ssh_process 722 1000 720 'ssh -f -N -R 3000:localhost:22 -P blue beta'
	ssh_process 833 1000 720 'ssh -f -N -L /run/v/my\040[db].sock:/run/x -L 8330:$(id):80 gamma'
	ssh_process 944 1000 720 'ssh -f -N -M -S /run/w/cm\040[x]-fred@db:22 delta'
	cat <<-'END'
	proc pid=72 name=sshd ppid=1 pgid=72 sid=72 uid=61001 ruid=61001 ident=72 start=1699999280000000 state=S comm=sshd
	fds limit=1024
	fd fd=4 kind=socket key=10
	fd fd=7 kind=socket key=11
	fd fd=8 kind=socket key=12
	fd fd=9 kind=socket key=13
	fd fd=10 kind=socket key=14
	socks
	sock family=inet state=estab local=10.0.0.1:22 peer=10.0.0.9:51000 key=10 uid=0 known=0x83
	sock family=inet state=listen local=127.0.0.1:7022 key=11 uid=61001 known=0x83
	sock family=inet state=listen local=127.0.0.1:7100 key=12 uid=61001 known=0x83
	sock family=unix state=listen path=/run/served key=13 uid=61001 known=0x3
	sock family=inet state=estab local=10.0.0.1:40500 peer=10.0.0.5:5432 key=14 uid=61001 known=0x93 rx=7 tx=8
	END
} >"$dir/table"

# With a backslash before each that the shell would take for something else.
odd='/run/v/my\\ \\?\[db\\?\]\.sock'

colon='/run/w/cm\\ \\?\[x\\?\]-fred\\?@db\\?:22'

# What all shells do alike.
common() {
	tab "an ID" 'tunps L80' 'tunps L8008'
	tab "an ID in lower case" 'tunps d1' 'tunps D1080'
	tab "an ID with an @ in it" 'tunps R3000@a' 'tunps R3000@alpha'
	tab "a port after a colon" 'tunps :80' 'tunps :8008'
	tab "a destination" 'tunps fred@' 'tunps fred@server'
	tab "a label" 'tunps @b' 'tunps @blue'
	tab "a path" 'tunps /run/u/p' 'tunps /run/u/pg\.sock'
	tab "a path's ID" 'tunps L/run/u/p' 'tunps L/run/u/pg\.sock'
	tab "a path with blanks and brackets" 'tunps /run/v/' "$odd"
	tab "a control path with a colon" 'tunps /run/w/' "$colon"
	tab "what is quoted already" 'tunps /run/v/my\ \[d' "$odd"
	enter_after_tab "as it was meant" 'tunps -t /run/v/' '^833$'
	tab "a PID" 'tunps 61' 'tunps 611'
	tabs "what it means" 'tunps 80' 'tunps 8008'
	tabs "what they mean" 'tunps L' 'localhost:80 via fred@server, 3d04h'
	tab "not twice" 'tunps R3000@alpha R3000@' 'alpha R3000@beta'
	tabs "only what an option allows" 'tunps -D ' D1080 L8008
	tab "a long option" 'tunps --newe' 'tunps --newest'
	tabs "options mean something" 'tunps --olde' 'running for so long'
	tabs "a short option" 'tunps -' 'PIDs only'
	tab "a column" 'tunps -o sup' 'tunps -o supervisor'
	tab "a second column" 'tunps -o pid,sup' 'tunps -o pid,supervisor'
	tabs "columns mean something" 'tunps -o pid,r' 'round trip to the server'
	tab "a column to be added" 'tunps -o +sup' 'tunps -o \+supervisor'
	tab "a column to sort by" 'tunps --sort=-sup' 'tunps --sort=-supervisor'
	tab "a state" 'tunps --state pa' 'tunps --state partial'
	tab "a state after =" 'tunps --state=pa' 'tunps --state=partial'
	tab "a second state" 'tunps --state up,pa' 'tunps --state up,partial'
	tab "a user" 'tunps -u roo' 'tunps -u root'
	tab "a process" 'tunps -p 50' 'tunps -p 500'
	tab "a host" 'tunps --expect alp' 'tunps --expect alpha'
	tab "a file" "tunps --table $dir/tab" "tunps --table $dir/table"
	tab "a second column to sort by" 'tunps --sort=pid,-sup' \
	    'tunps --sort=pid,-supervisor'
	tab "a time after =" 'tunps --idle=12' 'tunps --idle=12h'
	tab "a detail of the numbers" 'tunps --metrics=e' 'tunps --metrics=each'
	tab "a topic of the help" 'tunps --help st' 'tunps --help states'
	tabs "no tunnels there" 'tunps --help ' 'columns.*states' 8008
	tab "a format to export" 'tunps --export sy' 'tunps --export systemd'
	tab "a port that sshd listens on" 'tunps --server 70' 'server 7022'
	tab "a path that it does" 'tunps --server /run/serv' 'server /run/served'
	tabs "for whom" 'tunps --server 7' '7100 .*via 61001@10.0.0.9'
	tabs "that not twice" 'tunps --server 7022 7' 7100
	tabs "no tunnels there" 'tunps --server ' 7022 8008
	tab "a connection for a client" 'tunps --server --direct C4' 'C40500'
	tab "a client" 'tunps --server --expect 10' 'expect 10\.0\.0\.9'
	tab "with its user" 'tunps --server --expect 61001@' \
	    'expect 61001@10\.0\.0\.9'
	tabs "no target there" 'tunps --server --expect ' '61001@' localhost
	tab "what runs and is to be forgotten" 'tunps --forget L80' 'L8008'
	without_table "anything where it cannot look" 'tunps L8'
}

in_quotes() {
	tab "quotes are left alone" "tunps --table '$dir/tab" "table'"
}

in_all_shells common in_quotes

# Not typed: it would wait there for a key.
if command -v fish >/dev/null; then
	run env HOME="$dir/home" XDG_DATA_DIRS="$share:/usr/share" \
	    PATH="$dir/bin:$PATH" fish -c 'complete -C "tunps --watch=12"'
	is "fish: a time that may be left out" "$(cut -f 1 "$dir/out")$err" \
	    --watch=12h
else
	skip "fish: a time that may be left out" "no fish"
fi
done_testing
