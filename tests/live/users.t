#!/bin/sh
# SPDX-License-Identifier: ISC
#
# What one ordinary user sees of another's tunnels, and root of both; and
# of a tunnel in another network namespace.  Numbers are those of the scenarios.

. "$(dirname "$0")/look.sh"

[ "$(uname -s)" = Linux ] || skip_all "hidepid and useradd are Linux's"
[ "$(id -u)" -eq 0 ] || skip_all "not root: no users can be made"
require setpriv useradd userdel

ann=tun${$}ann bob=tun${$}bob
make_users "$ann" "$bob" 2>"$dir/err" ||
    skip_all "no users can be made: $(cat "$dir/err")"

sshd_start || skip_all "$sshd_why"
# Both log in as themselves, each with a copy of the key.
for user in $ann $bob; do
	config_for "$user"
	sed -i "s|User root|User $user|" "$dir/$user/config"
	chown "$user" "$dir/$user/config"
	chmod 700 "$dir/$user"
	chmod 644 "$dir/$user/config" "$dir/user_key.pub"
	as "$user" ssh -F "$dir/$user/config" "$me" true >"$dir/ssh.log" 2>&1 ||
	    skip_all "$user cannot log in: $(tail -n 1 "$dir/ssh.log")"
done

# The tools where both may run them.
mkdir "$dir/bin"
for program in tools/tunps tests/ask; do
	cp "$top/$program" "$dir/bin"
done
PATH=$dir/bin:$PATH

echo_port=$(free_port)
start_peer echo "$echo_port" || skip_all "no port for an echo"
target=127.0.0.1:$echo_port

# their USER WORD ARGS...: that user's tunnel, in the background.
their() {
	user=$1 word=$2
	shift 2
	as "$user" ssh -F "$dir/$user/config" -fN "$@" "$me-$word" \
	    >"$dir/ssh.log" 2>&1 </dev/null ||
	    note "ssh $*: $(cat "$dir/ssh.log")"
}

p=$(free_port) q=$(free_port)
their "$ann" ann -L "$p:$target" -M -S "$dir/$ann/ctl"
their "$bob" bob -L "$q:$target"
wait_for is_now 2 tunps -a -e -c "$me-ann" "$me-bob"

# --- 46: an ordinary user

run as "$ann" "$dir/bin/tunps" -n -r -o id,user,state,conns
is "46: own tunnels are seen, and no others" "$out" "L$p $ann up 0"
is "46: in full" "$status$err" 0
run as "$ann" "$dir/bin/tunps" -e -n -r -o id,state,conns,pid "$me-bob"
is "46: another's: by its command line, the rest is unknown" "$out" \
    "L$q hidden ? $(tunps -e -t "$me-bob")"
like "46: which is said" "$err" \
    'view incomplete.*descriptors of some processes are not readable'
is "46: its forward is inferred from user and port" \
    "$(as "$ann" "$dir/bin/ask" -f "$me-bob" | sed 's/.*\[/[/')" \
    "[the owner is inferred from user and port]"
run as "$ann" "$dir/bin/tunps" -e --expect 127.0.0.1 "$q"
like "46: so --expect does not vouch for it" "$status $err" \
    "^3 tunps: L$q: whether it listens is not known"
is "46: JSON says that the view is incomplete" \
    "$(as "$ann" "$dir/bin/tunps" -e -J "$me-bob" 2>/dev/null |
    json .complete)" false
run as "$ann" "$dir/bin/tunps" "$q"
like "46: whose port it perhaps is" "$err" \
    "$q is held by a process of $bob .*, perhaps by L$q: -e lists it"
ok "46: it is not stale" eval \
    "! as $ann tunps -e -a -q --stale $me-bob 2>/dev/null"
is "46: nor to be asked" "$(as "$ann" "$dir/bin/ask" -m -p "$me-bob" |
    cut -d ' ' -f 2)" hidden
wait_for is_now alive eval \
    "as $ann ask -m -p $me-ann | cut -d ' ' -f 2"
is "46: an own one can be asked, master and peer" \
    "$(as "$ann" "$dir/bin/ask" -m -p "$me-ann" | cut -d ' ' -f 2,3)" \
    "alive ok"
run tunps -e -n -r -o id,user,state,conns --sort user "$me-ann" "$me-bob"
is "46: root sees both" "$out" "L$p $ann up 0
L$q $bob up 0"

# --- 20: another's control socket, open to all

chmod 755 "$dir/$ann"
chmod 666 "$dir/$ann/ctl"
logins=$(grep -c 'Accepted' "$dir/sshd.log")
is "20: another's master is not asked, whatever its mode" \
    "$(as "$bob" "$dir/bin/ask" -m "$me-ann" | cut -d ' ' -f 2)" hidden
is "20: nor by root, who sees that it is unsafe" \
    "$(ask -m "$me-ann" | cut -d ' ' -f 2,3)" "up unsafe"
is "20: nobody has logged in" "$(grep -c 'Accepted' "$dir/sshd.log")" "$logins"

# --- 53: the server's side of -R

r=$(free_port)
their "$ann" served -R "$r:$target" -R "$dir/$ann/served:$target"
# ssh -f does not wait for it; the path was asked for last.
wait_for eval "ask -s | grep -q '^$dir/$ann/served '"
start_peer hold 2 127.0.0.1 "$r" x
client=$(tunps -e -t "$me-served")
from=$(local_port "$client")
session=$(ss -Hltnp "sport = :$r" | grep -o 'pid=[0-9]*' | sort -u |
    sed 's/pid=//')
comes_to "53: root sees port, user, session, client and connections" \
    "$r $(id -u "$ann") $session $from 2" \
    eval "ask -s | grep '^$r .* [1-9]\$' | sort -u"
is "53: a path, too" "$(ask -s | grep "^$dir/$ann/served ")" \
    "$dir/$ann/served $(id -u "$ann") $session $from 0"
unlike "53: the daemon's own listener is none" "$(ask -s)" "^$sshd_port "
like "53: its user sees port and user, inferred" \
    "$(as "$ann" "$dir/bin/ask" -s)" "^$r $(id -u "$ann") 0 0 -1 inferred"
like "53: so does another" \
    "$(as "$bob" "$dir/bin/ask" -s)" "^$r $(id -u "$ann") 0 0 -1 inferred"
like "53: who is told" "$(as "$bob" "$dir/bin/ask" -n -s)" \
    'sessions of sshd are not readable'
run tunps --server -n -r -u "$ann"
like "53: tunps --server, by root: all" "$out" \
    "^R$r $session [a-z]+ localhost:$r $ann 127\.0\.0\.1:$from 2 [0-9]+\$"
like "53: a path, too" "$out" \
    "^R$dir/$ann/served $session [a-z]+ $dir/$ann/served $ann 127\.0\.0\.1:$from 0 [0-9]+\$"
run tunps --server -n -r "$r" "$dir/$ann/served"
is "53: of all users" "$(echo "$out" | wc -l | tr -d ' ') $status" "2 0"
run tunps --server -c "$ann"
is "53: the user selects" "$out" 1
exits "53: the daemon's own is none" 1 tunps --server -q "$sshd_port"
run as "$bob" "$dir/bin/tunps" --server -n -r "$r"
is "53: another sees port and user" "$out $status" \
    "R$r ? hidden localhost:$r $ann ? ? ? 0"
like "53: who is told" "$err" \
    '^tunps: view incomplete: sessions of sshd are not readable'
is "53: in one line" "$(wc -l <"$dir/err" | tr -d ' ')" 1
run as "$ann" "$dir/bin/tunps" --server -n -r "$r"
is "53: its user has several sessions" "$out $status" \
    "R$r ? hidden localhost:$r $ann ? ? ? 3"
like "53: one of which has it" "$err" "these sessions has it: .*\($session\)"
# The client is lost without a word: its session stays.
stop "$client"
is "53: the client hangs, the session stays" \
    "$(ask -s | grep -c "^$r .* $session ")" 2
kill -CONT "$client"
end_peer
kill "$client"
wait_for ended "$client"
comes_to "53: it goes with its client" 0 eval "ask -s | grep -c '^$r '"

# --- 46 again, with a /proc that hides

# hidden LEVEL COMMAND...: as $bob, with such a /proc.
hidden() {
	level=$1
	shift
	# shellcheck disable=SC2016 # that shell's words
	unshare --mount sh -c 'mount -t proc -o "hidepid=$1" proc /proc &&
	    shift && exec "$@"' sh "$level" setpriv --reuid "$bob" \
	    --regid nogroup --clear-groups "$@"
}
if hidden 2 true 2>/dev/null; then
	for level in 1 2; do
		run hidden "$level" "$dir/bin/tunps" -e -n -r -o id,state \
		    "$me-bob"
		is "46: hidepid=$level: own" "$out" "L$q up"
		like "46:   others are hidden, which is said" "$err" \
		    'processes of other users are hidden'
		run hidden "$level" "$dir/bin/tunps" -e -n -r -o id "$me-ann"
		is "46:   others are not seen" "$out$status" 1
	done
else
	skip "46: hidepid" "no other /proc can be mounted"
fi

# --- 48: who only says to be an ssh

mkdir "$dir/$ann/fake"
cp "$(command -v mktun)" "$dir/$ann/fake/other"
chmod 755 "$dir/$ann" "$dir/$ann/fake" "$dir/$ann/fake/other"
mkfifo "$dir/leash"
(exec 8<>"$dir/leash"; as "$ann" "$dir/$ann/fake/other" -c ssh ssh -fN \
    -L "1:h:2" "$me-fake" <"$dir/leash" >"$dir/fake.pid" 2>"$dir/err") &
remember "$!"
wait_for test -s "$dir/fake.pid"
fake=$(cat "$dir/fake.pid")
remember "$fake"
is "48: root sees that it is no ssh" "$(tunps -a -e -c -p "$fake")" 0
is "48: its owner, too" \
    "$(as "$ann" "$dir/bin/tunps" -a -e -c -p "$fake" 2>/dev/null)" 0
like "48: others say that they cannot verify it" \
    "$(as "$bob" "$dir/bin/ask" "$fake")" 'executable may not be read'
kill "$fake" 2>/dev/null

# --- 47: another network namespace

if command -v unshare >/dev/null && command -v ip >/dev/null &&
    unshare --net true 2>/dev/null; then
	# An sshd of its own there, on the same port and loopback.
	r=$(free_port)
	unshare --net sh -c 'ip link set lo up && exec "$@"' sh \
	    "$sshd_path" -D -f "$dir/sshd_config" -E "$dir/sshd.log.2" \
	    </dev/null >/dev/null 2>&1 &
	there=$!
	: >"$dir/sshd.log.2"
	remember "$there"
	wait_for grep -q "^Server listening on 127" "$dir/sshd.log.2"
	inside() {
		nsenter --target "$there" --net "$@"
	}
	inside ssh -F "$dir/config" -fN -M -S "$dir/in" -L "$r:$target" \
	    "$me-inside" >"$dir/ssh.log" 2>&1 </dev/null
	inside ssh -F "$dir/config" -S "$dir/in" -fN \
	    -L "$((r + 1)):$target" "$me-inside2" >"$dir/ssh.log" 2>&1 \
	    </dev/null
	is "47: root sees it from outside, with its listeners" \
	    "$(own "$me-inside")" "bound unlisted"
	like "47: and its state" "$(state "$me-inside")" '^(up|quiet)$'
	ok "47: it is not stale" not stale "$(pid_of "$me-inside")"
	run tunps --server -c
	is "47: what its sshd listens on is seen, too" "$err" ""
	run tunps --expect 127.0.0.1 "$r"
	is "47: the same port leads elsewhere here" "$status $err" \
	    "3 tunps: L$r: listens in another network namespace"
	is "47:   and there it leads to its target" "$(inside tunps -q \
	    --expect 127.0.0.1 "$r"; echo $?)" 0
	start_peer echo "$r"
	like "47: who has that port here is said" "$(tunps "$r" 2>&1)" \
	    "^tunps: $r is held by peer \($peer\), no tunnel\$"
	like "47: -v says where it is" "$(tunps -v "$r")" \
	    'because it is in another network namespace'
	is "47: one that could be its twin outside has other sockets" \
	    "$(tunps -a -e -n -r -o conns "$me-inside" | sort -u)" 0
	like "47: asked, it answers" "$(wait_for is_now alive eval \
	    "ask -p $me-inside | cut -d ' ' -f 2"; ask -p "$me-inside")" \
	    'kernel has answered'
	like "47: others do not know" \
	    "$(as "$bob" "$dir/bin/ask" "$me-inside" | cut -d ' ' -f 2)" \
	    '^hidden$'
else
	skip "47: another network namespace" "none can be made"
fi

# --- a probe by root, as the tunnel's user

p=$(free_port)
as "$ann" ssh -F "$dir/$ann/config" -fN -L "$p:127.0.0.1:$sshd_port" \
    "$me-probe" >"$dir/ssh.log" 2>&1 </dev/null
run tuncheck -P -u "$ann" "$p"
like "root tries the target of a user's tunnel" \
    "$(echo "$out" | tail -n 1)" "^L$p: target answers"
tunkill -u "$ann" "$p"

# --- an ssh with file capabilities: hidden from its own user, too

mkdir "$dir/capable"
cp "$(command -v ssh)" "$dir/capable/ssh"
cp "$top/tools/tunkill" "$top/tools/tuncheck" "$top/tools/tunadd" "$dir/bin"
chmod 755 "$dir/capable" "$dir/capable/ssh" "$dir/bin/tunkill" \
    "$dir/bin/tuncheck" "$dir/bin/tunadd"

# capable WORD ARGS...: one of $ann's, in the background.
capable() {
	word=$1
	shift
	as "$ann" "$dir/capable/ssh" -F "$dir/$ann/config" -fN "$@" \
	    "$me-$word" >"$dir/ssh.log" 2>&1 </dev/null
}
# hers TOOL ARGS...
hers() {
	tool=$1
	shift
	run as "$ann" "$dir/bin/$tool" "$@"
}

if command -v setcap >/dev/null &&
    setcap cap_net_bind_service=ep "$dir/capable/ssh" 2>/dev/null &&
    p=$(free_port) q=$(free_port) r=$(free_port) &&
    capable cap -M -S "$dir/$ann/cap" -D "$r" -L "$q:$target" \
    -L "$dir/$ann/cap.sock:$target" -R "$p:$target"; then
	# An ssh that has gone to the background is starting until it has set up
	# its signals.
	comes_to "hidden from its own user" hidden eval \
	    "as $ann $dir/bin/tunps -nro state $me-cap 2>/dev/null | sort -u"
	hers tunps -q --check "$me-cap"
	is "  which is unknown" "$status" 3
	hers tuncheck -x "$me-cap"
	is "  to tuncheck, too" "$status" 3
	# It could have any other port from ssh_config.
	n=$(free_port)
	hers tunps -q --wait 0 ":$n"
	is "whether it has another port is not known: --wait" "$status" 3
	hers tunps -q --expect 127.0.0.1 ":$n"
	is "  --expect" "$status" 3
	hers tuncheck -x "$me-cap" ":$n"
	is "  tuncheck -x" "$status" 3
	like "  in words" "$err" "^tuncheck: :$n: no such tunnel is seen\$"
	hers tuncheck -x ":$n"
	is "  of that alone" "$status" 3
	hers tuncheck ":$n"
	is "  without -x there was nothing to ask" "$status" 1
	for word in "D$r" "L$q" "R$p" "$dir/$ann/cap.sock"; do
		hers tunkill "$word"
		is "closed over its control socket: ${word%%[0-9]*}" \
		    "$status" 0 || note "$err"
		hers tunkill "$word"
		is "  once" "$status" 1
	done
	# What was added is in the journal only.
	XDG_STATE_HOME=$dir/$ann/state
	export XDG_STATE_HOME
	p=$(free_port) q=$(free_port) r=$(free_port)
	for word in "-D$r" "-L$q:$target" "-R$p:$target" \
	    "-L$dir/$ann/added.sock:$target"; do
		hers tunadd "$me-cap" "$word"
		is "added: ${out%%[0-9]*}" "$status" 0 || note "$err"
		id=$out
		hers tunps -nr -o state,source "$id"
		is "  listed" "$out" "hidden journal"
		hers tunps -q --check "$id"
		is "  whether it works is not known" "$status" 3
		hers tunkill "$id"
		is "  closed" "$status" 0 || note "$err"
		hers tunkill "$id"
		is "  once" "$status" 1
	done
	XDG_STATE_HOME=$dir/state
	is "  nobody listens" "$(ss -Hltn | grep -Ec ":($p|$q|$r) ")" 0
	ok "  and the file is removed" test ! -e "$dir/$ann/cap.sock"
	is "  the master lives" "$(tunps -aec "$me-cap")" 1
	hers tunkill "$me-cap"
	is "  it is not ended, since what goes through it is hidden" "$status" 3
	like "  that is why" "$err" \
	    "what goes through this master is not known.*: --sessions"
	hers tunkill -n --sessions "$me-cap"
	is "  --sessions ends it" "$status" 0
	like "  and says so" "$out" "not seen: what goes through this master"
	p=$(free_port)
	capable bare -L "$p:$target"
	hers tunkill "$p"
	is "without a control socket" "$status" 3
	like "  that is why" "$err" "its descriptors are hidden.*--whole"
	hers tunkill --whole "$p"
	is "  and --whole ends it" "$status" 0
	hers tunkill --sessions "$me-cap"
else
	skip "an ssh with file capabilities" "none can be made"
fi

# --- another user's zombie ----------------------------------------------------

# samples: how often tunps of that user reads sockets.
samples() {
	ASAN_OPTIONS=detect_leaks=0 as "$ann" strace -f -e trace=sendto \
	    -o "$dir/$ann/trace" "$dir/bin/tunps" -ae >/dev/null 2>&1
	grep -c nlmsg_type= "$dir/$ann/trace"
}

# is_zombie NAME: is there one?
is_zombie() {
	ps -axo stat=,comm= | awk -v name="$1" '
	$1 ~ /^Z/ && $2 == name { n++ }
	END { exit !n }'
}

if has "another user's zombie" strace; then
	none=$(samples)
	mkdir "$dir/zombie"
	cp "$(command -v sleep)" "$dir/zombie/ssh"
	as "$bob" sh -c "echo \$\$ >'$dir/$bob/pid'; '$dir/zombie/ssh' 0 &
	    exec sleep 1000" &
	wait_for is_zombie ssh
	is "another user's zombie costs no second sample" "$(samples)" "$none"
	kill "$(cat "$dir/$bob/pid")"
	wait "$!" 2>/dev/null
fi

done_testing
