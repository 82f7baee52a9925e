#!/bin/sh
# SPDX-License-Identifier: ISC
# tunps --server and tunkill --server: sessions of sshd, from tables as root and
# another user see the same machine.

. "$(dirname "$0")/lib.sh"
. "$top/tests/tools/sessions.sh"

two_sessions >"$dir/root"
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
ID                 PID  STATE  LISTEN           USER   CLIENT               CONNS  AGE
R3000               40  quiet  *:3000           61002  [2001:db8::9]:52000      0  45s
R127.0.0.1:3001     40  quiet  127.0.0.1:3001   61002  [2001:db8::9]:52000      0  45s
R:::3001            40  quiet  [::]:3001        61002  [2001:db8::9]:52000      0  45s
R6010               40  quiet  127.0.0.1:6010   61002  [2001:db8::9]:52000      0  45s
R127.0.0.5:3001     40  quiet  127.0.0.5:3001   61002  [2001:db8::9]:52000      0  45s
R2022              100  quiet  localhost:2022   61001  10.0.0.9:51000           2  1h
R/run/%1B%5B31mdb  100  quiet  /run/\033[31mdb  61001  10.0.0.9:51000           0  1h"
want "-r: raw" 'ID PID STATE LISTEN USER CLIENT CONNS AGE
R2022 100 quiet localhost:2022 61001 10.0.0.9:51000 2 3600' -r 2022
want "-o: columns of tunnels" 'remote ? 61001@10.0.0.9' -rn \
    -o kind,target,via "$(printf '/run/\033[31mdb')"
want "-n: no headings" '*:3000  61002' -n -o listen,user :3000
want "-c: sessions" 2 -c
want "-u" 1 -c -u 61001
want "-u, several" 2 -c -u 61001,61002
want "operands widen" 2 -c 2022 3001
want "options narrow" 1 -c -u 61001 2022
want "-e is all there is" 2 -ec
want "-q" '' -q
want "a client selects" 100 -t 10.0.0.9
want "user@client does" 40 -t '61002@2001:db8::9'
want "a PID does" 40 -t 40
want "--exposed" 'R3000
R:::3001' -rn -o id --exposed
want "--sort" 'R2022
R/run/%1B%5B31mdb' -rn -o id --sort=-age 61001@10.0.0.9
want "--older" 100 -t --older 1m
want "--state" 2 -c --state quiet
want "--newest" 40 -t --newest
run tunps --table "$dir/root" --server -j -o id,pid
is "-j: a line for each session" "$(wc -l <"$dir/out" | tr -d ' ')" 2
run tunps --table "$dir/root" --server -rO 2022
is "-O: all columns" "$(head -n 1 "$dir/out" | wc -w | tr -d ' ')" \
    "$(tunps --list-columns | wc -l | tr -d ' ')"
run tunps --table "$dir/root" --server -lr 2022
is "-l: more columns" "$(head -n 1 "$dir/out")" \
    'ID PID STATE LISTEN USER CLIENT CONNS AGE KIND HEARD IDLE EXPOSED'
run tunps --table "$dir/root" --server -T 2022
like "-T: a tree" "$out" 'R2022'
want "--clients" '127.0.0.1:40000,[::1]:40001' -rn --clients -o clients 2022
run tunps --table "$dir/root" --server -v 6010
is "-v: the evidence" "$(sed 1,2d "$dir/out")" \
    "    session quiet
    forward bound
    may be X11 forwarding, by its port"
run tunps --table "$dir/root" --server --metrics
like "--metrics: families of their own" "$out" \
    '^sshd_session_forwards\{kind="remote",state="quiet"\} 7$'
unlike "--metrics: none of tunnels" "$out" '^ssh_tunnel'
unlike "--metrics: what is said of them is of clients" "$out" '[Ss]erver|[Tt]unnel'

# --- --direct: what sshd connects to --------------------------------------

run tunps --table "$dir/root" --server --direct -rn -o id,kind,target,client,rx
like "--direct: a connection for a client" "$out" \
    '^C40500 direct 10\.0\.0\.5:5432 10\.0\.0\.9:51000 7$'
like "--direct: listeners too" "$out" '^R2022 remote '
run tunps --table "$dir/root" --server --direct -r
like "--direct: who reaches what, with bytes and age" "$out" \
    '^C40500 quiet 10\.0\.0\.5:5432 61001 10\.0\.0\.9:51000 7 8 3600$'
run tunps --table "$dir/root" --server --direct -j
like "--direct: in JSON the session has the bytes of its client" "$out" \
    '"rx":null,.*"kind":"direct",.*"rx":7,"tx":8'
want "-R: what is held for a client" localhost:2022 -rn -R -o listen 2022
run tunps --direct
is "--direct alone" "$err $status" \
    'tunps: --direct: only with --server 2'

# --- --expect: whose it is ----------------------------------------------------

while IFS='|' read -r name status want table host selector; do
	exits "--expect: $name" "$status" tunps --table "$dir/$table" --server \
	    --expect "$host" "$selector"
	is "  what it says" "$err" "${want:+tunps: $want}"
done <<'END'
the client's address|0||root|10.0.0.9|2022
an address of IPv6|0||root|2001:db8::9|6010
an address as CLIENT shows it|0||root|[2001:db8::9]|6010
an address in brackets with its user|0||root|61002@[2001:db8::9]|6010
an address with one bracket|4|R6010: of 61002@2001:db8::9, not of [2001:db8::9|root|[2001:db8::9|6010
the user|0||root|61001|2022
both|0||root|61001@10.0.0.9|2022
another client|4|R2022: of 61001@10.0.0.9, not of 10.0.0.8|root|10.0.0.8|2022
another user there|4|R2022: of 61001@10.0.0.9, not of 61002@10.0.0.9|root|61002@10.0.0.9|2022
no such port|4||root|10.0.0.9|2023
END
run tunps --table "$dir/user" --server --expect 10.0.0.9 2022
like "--expect: a client that is not known" "$status $err" \
    '^3 .*R2022: where it leads is not known'

# --- nothing, and what is not understood -------------------------------------

run tunps --table "$dir/root" --server -n 22
is "the daemon's own is none" "$out, $status" ', 1'
run tunps --table "$dir/root" --server -c -u 0
is "-c of none" "$out, $status, $err" '0, 1, '
exits "-q of none" 1 tunps --table "$dir/root" --server -q 4000
exits "-q of what may be another user's" 3 tunps --table "$dir/user" --server \
    -q 4000
exits "no such table" 3 tunps --table "$dir/none" --server

usage_of tunps --table "$dir/root" --server

bad '-J and -c exclude each other' -Jc
for option in -M -S/x --config --export=sh --record=x --lost --forget \
    '--on-change=true --watch'; do
	word=${option%%[=/]*}
	# shellcheck disable=SC2086 # two options
	bad "$word and --server exclude each other\$" $option 1
done

# --- another user ------------------------------------------------------------

run tunps --table "$dir/user" --server -rn
is "others: port and user" "$out" 'R2022 ? hidden localhost:2022 61001 ? ? ?
R3000 ? hidden *:3000 61002 ? ? ?
R127.0.0.1:3001 ? hidden 127.0.0.1:3001 61002 ? ? ?
R:::3001 ? hidden [::]:3001 61002 ? ? ?
R6010 ? hidden 127.0.0.1:6010 61002 ? ? ?
R127.0.0.5:3001 ? hidden 127.0.0.5:3001 61002 ? ? ?'
is "others: which is said once" "$err" "tunps: view incomplete: \
sessions of sshd are not readable: what they listen on is inferred from \
their users"
is "others: it matches" "$status" 0
run tunps --table "$dir/user" --server -v 2022
is "others: -v" "$(sed 1,2d "$dir/out")" \
    "    session hidden
    forward bound because the owner is inferred from user and port
    not known: pid, client, conns, age"
run tunps --table "$dir/user" --server -q
is "others: -q says nothing" "$out$err $status" " 0"

# --- one's own, without root ----------------------------------------------------

# titled TITLE PID UID AGE: of this session only the title can be read.
titled() {
	title=$1
	shift
	session "$@"
	printf 'args sshd:\\040%s\n' "$title"
}
# own FILE: what 61001 sees who has the sessions of the standard input.
own() {
	echo 'libfind-table 1'
	echo 'system caps=0x79ff now=1700000100000000 uid=61001'
	session 70 0 9000
	cat
	sockets
}
titled alice 100 61001 3600 | own >"$dir/one"
{
	titled alice 100 61001 3600
	titled alice@pts/0,pts/1 101 61001 60
	# Another user's, a child that has not yet run its program, a monitor.
	titled bob@pts/2 40 61002 45
	titled alice@pts/1 102 61001 5 | sed 's/ppid=1/ppid=101/'
	titled 'alice\040[priv]' 99 0 3600
} | own >"$dir/two"
# This user's own sshd may listen there, too.
{
	titled alice 100 61001 3600
	titled '/usr/sbin/sshd\040[listener]' 98 61001 3600
} | own >"$dir/daemon"

run tunps --table "$dir/one" --server
is "own: one session has all ports of its user" "$out" "\
ID     PID  STATE   LISTEN          USER   CLIENT  CONNS  AGE
R2022  100  hidden  localhost:2022  61001  ?           ?  1h"
run tunps --table "$dir/one" --server -t 2022
is "own: -t" "$out $status" '100 0'
run tunps --table "$dir/two" --server -rn -o id,pid,listen,tty,age
is "own: several are listed, their ports by themselves" "$out" \
    'R2022 ? localhost:2022 ? ?
R3000 ? *:3000 ? ?
R127.0.0.1:3001 ? 127.0.0.1:3001 ? ?
R:::3001 ? [::]:3001 ? ?
R6010 ? 127.0.0.1:6010 ? ?
R127.0.0.5:3001 ? 127.0.0.5:3001 ? ?
M100 100 - - 3600
M101 101 - pts/0,pts/1 60'
run tunps --table "$dir/two" --server -n 2022
is "own: a port of one of several" "$status $(grep 2022 "$dir/err")" \
    '3 tunps: R2022: one of these sessions has it: sshd(100), sshd(101)'
run tunps --table "$dir/two" --server -t 2022 3000
is "own: no process is no number" "$status $out" '3 '
is "own: whose it is" "$(sed '$d' "$dir/err")" \
    "tunps: R2022: one of these sessions has it: sshd(100), sshd(101)
tunps: R3000: the process that has it is not known"
run tunps --table "$dir/two" --server -v 2022
like "own: -v" "$out" '^    of one of these: sshd\(100\), sshd\(101\)$'
run tunps --table "$dir/two" --server -t 101
is "own: a PID selects" "$out $status" '101 0'
run tunps --table "$dir/daemon" --server -rn -o id,pid 2022
is "own: a port that one's own sshd may have" "$out $status" 'R2022 ? 0'
run tunps --table "$dir/two" --server -J 2022 101
key "own: JSON has who may have it" '.tunnels[0].candidates[1].pid' 101
key "own: JSON has the terminal" '.tunnels[1].tty' pts/0,pts/1

# --- JSON --------------------------------------------------------------------

works "JSON: matches" tunps --table "$dir/root" --server -J
key "JSON: version" .version 1
key "JSON: when" .when 1700000100
key "JSON: complete" .complete true
key "JSON: notes" .notes '[]'
key "JSON: sessions" '.tunnels[#]' 2
key "JSON: a port" '.tunnels[1].forwards[0].listen_port' 2022
key "JSON: its addresses" '.tunnels[1].forwards[0].bound' \
    '["127.0.0.1:2022","[::1]:2022"]'
key "JSON: the state" '.tunnels[1].state' quiet
key "JSON: heard" '.tunnels[1].heard' null
key "JSON: the client" '.tunnels[1].client' 10.0.0.9:51000
key "JSON: its address" '.tunnels[1].client_host' 10.0.0.9
key "JSON: its port" '.tunnels[1].client_port' 51000
key "JSON: a path" '.tunnels[1].forwards[1].listen_path' \
    "$(printf '/run/\033[31mdb')"
key "JSON: of a path" '.tunnels[1].forwards[1].listen_port' null
unlike "JSON: no control characters" "$out" "$(printf '\033')"
run tunps --table "$dir/user" --server --complete ''
unlike "others: no PID is offered that is not known" "$out" '^0	'
run tunps --table "$dir/user" --server -J 2022
key "JSON, others: no process" '.tunnels[0].pid' null
key "JSON, others: no client" '.tunnels[0].client' null
key "JSON, others: incomplete" .complete false
like "JSON, others: note" "$(json '.notes[0]' <"$dir/out")" 'not readable'
run tunps --table "$dir/root" --server -J 4000
is "JSON of none" "$(json .tunnels <"$dir/out") $status" '[] 1'

# A journal has nothing of sessions, and is not read for them.
mkdir -p "$dir/home/.local/state/libfind"
HOME=$dir/home XDG_STATE_HOME='' run tunps --server --metrics
unlike "--metrics: no session is lost" "$out" lost

# --- tunkill --server ----------------------------------------------------------

run tunkill --server --supervisor 2022
is "tunkill --server: not with a supervisor" "$err $status" \
    'tunkill: --server: not with -S, --config or --supervisor 2'
if [ "$(id -u)" -ne 0 ]; then
	skip "the rest" "only root may end the sessions of these users"
	done_testing
	exit
fi
plan() {
	run tunkill --table "$dir/root" --server -n "$@"
}
plan 2022
like "a session with more is not ended for one port" "$out" \
    '^R2022: refused: sshd 100 also carries .*, and sshd cannot be told'
plan --whole --sessions 2022
like "with --whole it is" "$out" '^R2022: end sshd 100 \(61001@10\.0\.0\.9\)'
plan 40
like "whether it has a shell is not known" "$out" \
    'refused: it may carry a shell: .*: --sessions ends that, too$'

# As the user itself, who is root here: what it refuses is the same.
plan_own() {
	table=$1
	shift
	run tunkill --table "$dir/$table" --server -n "$@"
}
plan_own one 2022
like "own: a session may carry more" "$out" \
    '^R2022: refused: sshd 100 may carry more: its descriptors are hidden'
plan_own one --whole 2022
like "own: --whole ends it" "$out" '^R2022: end sshd 100 '
plan_own two 2022
is "own: one of several is not guessed" "$(sed 1q "$dir/out") $status" \
    "R2022: refused: one of your sessions has it, give the PID of the one \
to end: sshd(100), sshd(101) 3"
plan_own two 100
like "own: a PID names it" "$out" '^M100: end sshd 100 '
plan_own two 101
like "own: not with a shell" "$out" '^M101: refused: .*shell.*--sessions'

done_testing
