#!/bin/sh
# SPDX-License-Identifier: ISC
# tunps --server: what sshd listens on here, from tables as root and another
# user see the same machine.

. "$(dirname "$0")/lib.sh"

# Two sessions, with their sockets; 61001 and 61002 are nobody's names.
sockets() {
	cat <<-'END'
	socks
	sock family=inet state=listen local=0.0.0.0:22 key=1 uid=0 known=0x83
	sock family=inet state=listen local=127.0.0.1:2022 key=11 uid=61001 known=0x83
	sock family=inet6 state=listen local=[::1]:2022 key=12 uid=61001 known=0x83
	sock family=inet state=listen local=0.0.0.0:3000 key=21 uid=61002 known=0x83
	sock family=inet6 state=listen local=[::]:3000 key=22 uid=61002 known=0x83
	sock family=inet state=listen local=127.0.0.1:3001 key=23 uid=61002 known=0x83
	sock family=inet state=listen local=127.0.0.5:3001 key=26 uid=61002 known=0x83
	sock family=inet6 state=listen local=[::]:3001 key=24 uid=61002 known=0x83
	sock family=inet state=listen local=127.0.0.1:6010 key=25 uid=61002 known=0x83
	sock family=inet state=estab local=10.0.0.1:22 peer=10.0.0.9:51000 key=10 uid=0 known=0x83
	sock family=inet state=estab local=127.0.0.1:2022 peer=127.0.0.1:40000 key=13 uid=61001 known=0x83
	sock family=inet6 state=estab local=[::1]:2022 peer=[::1]:40001 key=14 uid=61001 known=0x83
	sock family=unix state=listen path=/run/\033[31mdb key=15 uid=61001 known=0x3
	sock family=inet6 state=estab local=[2001:db8::1]:22 peer=[2001:db8::9]:52000 key=20 uid=0 known=0x83
	END
}

# session PID UID AGE KEY...: one of sshd's, with these sockets; without any
# its descriptors may not be read.
session() {
	echo "proc pid=$1 name=sshd ppid=1 pgid=$1 sid=$1 uid=$2 ruid=$2" \
	    "ident=$1 start=$((1700000100 - $3))000000 state=S comm=sshd"
	shift 3
	if [ $# -eq 0 ]; then
		echo 'fds !EACCES'
		return
	fi
	echo 'fds limit=1024'
	for key; do
		echo "fd fd=$((key + 3)) kind=socket key=$key"
	done
}

{
	echo 'libfind-table 1'
	echo 'system caps=0x79ff now=1700000100000000 uid=0'
	session 70 0 9000 1
	session 100 61001 3600 10 11 12 13 14 15
	session 40 61002 45 20 21 22 23 24 25 26
	sockets
} >"$dir/root"
{
	echo 'libfind-table 1'
	echo 'system caps=0x79ff now=1700000100000000 uid=61001'
	session 70 0 9000
	session 100 61001 3600
	session 40 61002 45
	sockets
} >"$dir/user"


# want NAME TEXT ARG...: as root, prints exactly that, and matches.
want() {
	name=$1 text=$2
	shift 2
	prints "$name" "$text" tunps --table "$dir/root" --server "$@"
}

# --- root ------------------------------------------------------------------

want "a table: one line for both families" "\
LISTEN           USER   PID  CLIENT               CONNS  AGE
/run/\033[31mdb  61001  100  10.0.0.9:51000           0  1h
localhost:2022   61001  100  10.0.0.9:51000           2  1h
*:3000           61002   40  [2001:db8::9]:52000      0  45s
127.0.0.1:3001   61002   40  [2001:db8::9]:52000      0  45s
127.0.0.5:3001   61002   40  [2001:db8::9]:52000      0  45s
[::]:3001        61002   40  [2001:db8::9]:52000      0  45s
127.0.0.1:6010   61002   40  [2001:db8::9]:52000      0  45s"
want "-r: raw" 'LISTEN USER PID CLIENT CONNS AGE
localhost:2022 61001 100 10.0.0.9:51000 2 3600' -r 2022
want "-r: escaped" '/run/\033[31mdb 61001 100 10.0.0.9:51000 0 3600' -rn \
    "$(printf '/run/\033[31mdb')"
want "-n: no headings" '*:3000  61002  40  [2001:db8::9]:52000  0  45s' \
    -n :3000
want "-c: lines, not sockets" 7 -c
want "-u" 2 -c -u 61001
want "-u, several" 7 -c -u 61001,61002
want "operands widen" 5 -c 2022 3001 3000
want "options narrow" 1 -c -u 61001 2022 3000
want "-e is all there is" 7 -ec
want "-q" '' -q
run tunps --table "$dir/root" --server -v 6010
is "-v: the evidence" "$(sed 1,2d "$dir/out")" \
    "    open in process 40, a session of sshd
    may be X11 forwarding, by its port"
is "-v: where it looked" "$err" \
    "tunps: --server: only this network namespace is seen"

# --- nothing, and what is not understood -------------------------------------

run tunps --table "$dir/root" --server 22
is "the daemon's own is none" "$out, $status, $err" ', 1, '
run tunps --table "$dir/root" --server -c -u 0
is "-c of none" "$out, $status, $err" '0, 1, '
exits "-q of none" 1 tunps --table "$dir/root" --server -q 4000
exits "no such table" 3 tunps --table "$dir/none" --server
grep -v '^sock' "$dir/root" >"$dir/blind"
exits "no sockets" 3 tunps --table "$dir/blind" --server
like "no sockets: said" "$err" '^tunps: cannot look: .'

usage_of tunps --table "$dir/root" --server

bad '--server: host is neither a port nor a path$' host
bad '--server: 65536 is neither' 65536
bad '--server: \\033 is neither' "$(printf '\033')"
bad '-J and -c exclude each other' -Jc
for option in -a -D -L -M -O -R -T -j -l -t -opid -p1 -S/x --check \
    --clients --config --expect=x --export=sh --exposed --heard=1 --idle=1 \
    --metrics --newest --older=1 --sort=pid --ssh-name=x --stale --state=up \
    --suspect --wait=1 --watch; do
	bad '--server: lists no tunnels: only with -c, -e, -J, ' "$option"
done

# --- another user ------------------------------------------------------------

run tunps --table "$dir/user" --server -r
is "others: port and user" "$out" 'LISTEN USER PID CLIENT CONNS AGE
localhost:2022 61001 ? ? ? ?
*:3000 61002 ? ? ? ?
127.0.0.1:3001 61002 ? ? ? ?
127.0.0.5:3001 61002 ? ? ? ?
[::]:3001 61002 ? ? ? ?
127.0.0.1:6010 61002 ? ? ? ?'
is "others: which is said once" "$err" "tunps: view incomplete: \
sessions of sshd are not readable: what they listen on is inferred from \
their users"
is "others: it matches" "$status" 0
run tunps --table "$dir/user" --server -v 2022
is "others: -v" "$(sed 1,2d "$dir/out")" \
    "    inferred: its user is logged in, and no process that may be looked at has it
    not known: pid, client, conns, age"
run tunps --table "$dir/user" --server -q
is "others: -q says nothing" "$out$err $status" " 0"

# --- JSON --------------------------------------------------------------------

works "JSON: matches" tunps --table "$dir/root" --server -J
key "JSON: version" .version 1
key "JSON: when" .when 1700000100
key "JSON: complete" .complete true
key "JSON: notes" .notes '[]'
key "JSON: listeners" '.listeners[#]' 7
is "JSON: a listener" "$(json '.listeners[1]' <"$dir/out")" \
    '{"listen":"localhost:2022","listen_port":2022,"listen_path":null,'\
'"bound":["127.0.0.1:2022","[::1]:2022"],"user":"61001","uid":61001,'\
'"pid":100,"client":"10.0.0.9:51000","client_host":"10.0.0.9",'\
'"client_port":51000,"conns":2,"age":3600,"start":1699996500,'\
'"start_iso":"2023-11-14T21:15:00Z","inferred":false}'
key "JSON: a path" '.listeners[0].listen_path' "$(printf '/run/\033[31mdb')"
key "JSON: of a path" '.listeners[0].listen_port' null
key "JSON: nothing bound" '.listeners[0].bound' '[]'
unlike "JSON: no control characters" "$out" "$(printf '\033')"
tr '\n' ' ' <"$dir/out" | grep -o '"[a-z_]*":' | tr -d '":' | sort -u |
    while read -r name; do
	sed -n '/^\.Ss SERVER/,/^\.S[sh] /p' "$top/tools/tunps.1" |
	    grep -q "\\b$name\\b" || echo "$name"
done >"$dir/missing"
is "JSON: every key is in the page" "$(cat "$dir/missing")" ""

run tunps --table "$dir/user" --server -J 2022
is "JSON, others: unknown is null" "$(json '.listeners[0]' <"$dir/out")" \
    '{"listen":"localhost:2022","listen_port":2022,"listen_path":null,'\
'"bound":["127.0.0.1:2022","[::1]:2022"],"user":"61001","uid":61001,'\
'"pid":null,"client":null,"client_host":null,"client_port":null,'\
'"conns":null,"age":null,"start":null,"start_iso":null,"inferred":true}'
key "JSON, others: incomplete" .complete false
like "JSON, others: note" "$(json '.notes[0]' <"$dir/out")" 'not readable'
run tunps --table "$dir/root" --server -J 4000
is "JSON of none" "$(json .listeners <"$dir/out") $status" '[] 1'

done_testing
