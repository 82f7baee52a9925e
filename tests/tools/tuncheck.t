#!/bin/sh
# SPDX-License-Identifier: ISC
# tuncheck: options, exit codes, and what is no master.

. "$(dirname "$0")/lib.sh"

usage_of tuncheck

# stale NAME: a socket file that nobody listens on.
stale() {
	perl -MSocket -e 'socket(S, PF_UNIX, SOCK_STREAM, 0);
	    bind(S, sockaddr_un($ARGV[0])) or die "$!"' "$1" && chmod 600 "$1"
}

bad "-Z: no such option" -Z
bad "--zonk: no such option" --zonk
bad "--hepl: no such option; did you mean --help" --hepl
bad "--help=x: takes no value|--help: " --help=x
bad "-S: needs a value" -S
bad "-S: empty path" -S ""
bad "--ssh-name: not the name" --ssh-name a/b
bad "-t: needs a value" -t
bad "-t: 0 is too short" -t 0
bad "-t: -1 is not a time" -t -1
bad "-t: 1x is not a time" -t 1x
bad "-t: 1\.2\.3 is not a time" -t 1.2.3
bad "-t: nan is not a time" -t nan
bad "-t: 1e9 is not a time" -t 1e9
bad "-t: 99999 is too long" -t 99999
bad "-u: no user no-such-user" -u no-such-user
bad '"": empty selector' ""
bad "@: empty label" @
bad ":0: port out of range" :0
bad "-J and -q exclude each other" -J -q

exits "help" 0 tuncheck --help
like "help says usage" "$out" "^usage: tuncheck "
run tuncheck -V
like "version" "$out" "^tuncheck [0-9]"

rest_needs_live
run tuncheck -S "$dir/none"
is "no such path" "$out, $status, $err" "$dir/none: no such path, 1, "
exits "and with -x" 1 tuncheck -S "$dir/none" -x
run tuncheck -q -S "$dir/none"
is "quiet" "$out$err, $status" ", 1"
run tuncheck "$dir/none"
is "a path as operand" "$out, $status" "$dir/none: no such path, 1"
run tuncheck no-such-tunnel
is "no such tunnel" "$out, $err, $status" \
    ", tuncheck: no-such-tunnel: no such tunnel, 1"

: >"$dir/file"
chmod 600 "$dir/file"
run tuncheck -S "$dir/file"
is "a file" "$out, $status" "$dir/file: unsafe path: not a socket, 0"
exits "is not healthy" 4 tuncheck -x -S "$dir/file"

long=$dir/$(printf '%0120d' 0)
run tuncheck -S "$long"
is "a long path" "$out, $status" \
    "$long: unsafe path: too long for a socket, 0"

if has "dead sockets" perl; then
	stale "$dir/dead"
	run tuncheck -S "$dir/dead"
	is "a dead socket" "$out, $status" \
	    "$dir/dead: dead socket: nobody listens, 0"
	run tuncheck -x "$dir/dead"
	is "as operand, with -x" "$out, $status" \
	    "$dir/dead: dead socket: nobody listens, 4"
	exits "one missing, one dead" 4 tuncheck -x "$dir/dead" no-such-tunnel
	run tuncheck -J -S "$dir/dead"
	like "JSON: state" "$out" '"state": "dead"'
	like "JSON: not healthy" "$out" '"healthy": false'

	ln -s "$dir/dead" "$dir/link"
	run tuncheck -S "$dir/link"
	is "a symbolic link" "$out" "$dir/link: unsafe path: not a socket"
	chmod 666 "$dir/dead"
	run tuncheck -S "$dir/dead"
	is "open to others" "$out" \
	    "$dir/dead: unsafe path: a socket that is open to others"
	chmod 600 "$dir/dead"

	name=$dir/$(printf 'a\033[2Jb\nc\377')
	stale "$name"
	run tuncheck -S "$name"
	is "hostile bytes are escaped, on one line" "$out" \
	    "$dir/a\\033[2Jb\\012c\\377: dead socket: nobody listens"
	run tuncheck -J -S "$name"
	like "and exact in JSON" "$out" '"path_b64": '
	unlike "not raw" "$out" "$(printf '\033')"

	# Where people keep sockets; our own, named by our process.
	place=/tmp/cm-tuncheck.$$
	# shellcheck disable=SC2016
	at_exit 'rm -f "$place" "$place.agent"'
	stale "$place"
	stale "$place.agent"
	run tuncheck
	like "a dead socket in a usual place is found" "$out" \
	    "^$place: dead socket: nobody listens\$"
	unlike "an agent's is left alone" "$out" "$place.agent"
	rm -f "$place" "$place.agent"
fi

# root's own, seen by nobody and the other way round
if [ "$(id -u)" -eq 0 ] && command -v perl >/dev/null; then
	chown 65534 "$dir/dead"
	run tuncheck -S "$dir/dead"
	is "another user's socket" "$out" \
	    "$dir/dead: foreign: another user's socket"
	chmod 711 "$dir"
	run tuncheck -u 65534 -S "$dir/dead"
	like "as that user" "$out" "^$dir/dead: dead socket: nobody listens\$"
	chown 0 "$dir/dead"
	run tuncheck -u 65534 -S "$dir/dead"
	is "his, that is ours" "$out" "$dir/dead: foreign: another user's socket"
	chmod 700 "$dir"
	chown 65534 "$dir/dead"
	run tuncheck -u 65534 -S "$dir/dead"
	unlike "what he cannot reach we do not reach for him" "$out" "nobody"
	run tuncheck -u 4294967000 -S "$dir/dead"
	like "a user that is none" "$out" "foreign"
else
	skip "sockets of two users" "not root"
fi

done_testing
