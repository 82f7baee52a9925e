#!/bin/sh
# SPDX-License-Identifier: ISC
#
# Root's tools among hostile users, who stop each process that becomes
# theirs, and who exchange directories while a path is looked at.

. "$(dirname "$0")/apart.sh"
. "$(dirname "$0")/sshd.sh"

[ "$(uname -s)" = Linux ] || skip_all "/proc and renameat2 are Linux's"
require setpriv

chmod 755 "$dir"
mkdir "$dir/bin"
cp "$top/tests/rival" "$dir/bin"
users ann bob
sshd_start || skip_all "$sshd_why"
for user in ann bob; do
	mkdir "$dir/$user"
	cp "$dir/user_key" "$dir/$user/key"
	sed -e "s|$dir/user_key|$dir/$user/key|" \
	    -e "s|$dir/known_hosts|$dir/$user/known_hosts|" \
	    "$dir/config" >"$dir/$user/config"
	chmod 700 "$dir/$user"
	chown -R "$user" "$dir/$user"
done

# Rounds go on for so long, or as many as $ROUNDS, which is for a long run.
[ -z "${ROUNDS:-}" ] || note "$ROUNDS rounds each"
more_rounds() {
	if [ -n "${ROUNDS:-}" ]; then
		[ "$n" -lt "$ROUNDS" ]
	else
		[ "$n" -lt 3 ] || [ "$(date +%s)" -lt "$until" ]
	fi
}

# rounds COMMAND...: in how many does it not end within its time?
rounds() {
	n=0 late=0 until=$(($(date +%s) + ${seconds:-3}))
	while more_rounds; do
		n=$((n + 1))
		timeout -s KILL "$bound" "$@" >"$dir/out" 2>"$dir/err" \
		    </dev/null
		case $? in
		2)	echo "usage: $(cat "$dir/err")"; return ;;
		137)	late=$((late + 1)) ;;
		esac
	done
	echo "$late"
}

# --- stopped by its user

as ann ssh -F "$dir/ann/config" -fNM -S "$dir/ann/ctl" \
    -L "$(free_port):127.0.0.1:$sshd_port" tunann >"$dir/ssh.log" 2>&1
ok "a master of ann" wait_for test -S "$dir/ann/ctl"
# A socket that nobody listens on.
start_rival ann listen "$dir/ann/dead"
end_rival
ok "and a dead socket" test -S "$dir/ann/dead"

start_rival ann stop
bound=60
is "tuncheck -u: ends whoever stops its child" \
    "$(rounds tuncheck -t 1 -u ann "$dir/ann/ctl")" 0
is "tunps --config" \
    "$(ROUNDS=2 rounds tunps -e -u ann --config)" 0
is "tunkill --sockets" \
    "$(rounds tunkill -n -u ann --sockets "$dir/ann/dead")" 0
end_rival

# --- exchanged while it is looked at

# A socket of root that lives, one of bob, and ann's links to them.
mkdir "$dir/roots" "$dir/bobs"
"$dir/bin/rival" listen "$dir/roots/cm" >/dev/null &
remember $!
chmod 755 "$dir/bob"
chown bob "$dir/bobs"
as_job bob "$dir/bin/rival" listen "$dir/bobs/cm" >/dev/null
remember $!
wait_for test -S "$dir/roots/cm"
wait_for test -S "$dir/bobs/cm"
ann=$dir/ann
chmod 755 "$ann"

# stage OWNER: $ann/d/x/cm is a dead socket of ann, or OWNER's by a link.
stage() {
	rm -rf "$ann/d" "$ann/e"
	as ann mkdir "$ann/d" "$ann/d/x" "$ann/e"
	as ann ln -s "$dir/$1" "$ann/e/x"
}

# removed SOCKET COMMAND...: in how many rounds is SOCKET lost?
removed() {
	n=0 lost=0 socket=$1 until=$(($(date +%s) + ${seconds:-3}))
	shift
	while more_rounds; do
		n=$((n + 1))
		timeout -s KILL "$bound" "$@" >"$dir/out" 2>"$dir/err" \
		    </dev/null
		if ! [ -S "$socket" ]; then
			lost=$((lost + 1))
			break
		fi
	done
	echo "$lost"
}

stage roots
start_rival ann listen "$ann/d/x/cm"
end_rival
start_rival ann swap "$ann/d" "$ann/e"
is "tunkill --sockets removes no live socket of root" "$(removed \
    "$dir/roots/cm" tunkill --sockets "$ann/d/x/cm")" 0
end_rival

stage bobs
start_rival ann listen "$ann/d/x/cm"
end_rival
start_rival ann swap "$ann/d" "$ann/e"
is "nor, as bob, one of bob" "$(removed "$dir/bobs/cm" \
    tunkill -u bob --sockets "$ann/d/x/cm")" 0
end_rival

# One who listens, and counts.
stage roots
as_job ann "$dir/bin/rival" listen "$ann/d/x/cm" >"$dir/count" 2>&1
remember $!
wait_for grep -q ready "$dir/count"
start_rival ann swap "$ann/d" "$ann/e"
rounds tuncheck -t 1 "$ann/d/x/cm" >/dev/null
rounds tunkill -n --sockets "$ann/d/x/cm" >/dev/null
is "root's tools never connect to ann's listener" \
    "$(grep -c connected "$dir/count")" 0
end_rival

# Links of root are followed.
ln -s "$dir/roots" "$dir/link"
run tuncheck -t 1 "$dir/link/cm"
unlike "a link of root is no obstacle" "$out$err" 'another user'
run tunkill --sockets "$ann/e/x/cm" "$ann/d/x/cm"
like "a link of ann is" "$err" "another user's link"
done_testing
