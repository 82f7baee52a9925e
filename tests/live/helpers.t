#!/bin/sh
# SPDX-License-Identifier: ISC
#
# Helpers that are an ssh, whatever they run: by ProxyJump, -W, or a command
# such as nc, with a connection of their own or that of a master.

. "$(dirname "$0")/look.sh"

sshd_start || skip_all "$sshd_why"

# Jump hosts with a master each, which stays.
cat - "$dir/config" >"$dir/shared" <<END
Host $me-gw*
    HostName 127.0.0.1
    ControlMaster auto
    ControlPersist yes
    ControlPath $dir/%n
END
for gw in "$me-gw1" "$me-gw2"; do
	ssh -F "$dir/shared" "$gw" true >"$dir/ssh.log" 2>&1 </dev/null
done
master=$(pid_of "$dir/$me-gw1")
remember "$master"
remember "$(pid_of "$dir/$me-gw2")"
gw="ssh -F $dir/shared $me-gw1"
plain="ssh -F $dir/config $me-gw"
nc="$top/tests/peer relay %h %p"

# helped WORD ARGS...: a tunnel with one helper; stopped with that, and well
# without.
helped() {
	word=$1
	shift
	ssh -F "$dir/shared" -fN "$@" "$me-$word" >"$dir/ssh.log" 2>&1 \
	    </dev/null || note "ssh $*: $(cat "$dir/ssh.log")"
	pid=$(pid_of "$me-$word")
	remember "$pid"
	helper=$(helpers "$me-$word")
	is "$word: up" "$(state "$me-$word")" up
	ok "  with one helper" alive "$helper"
	exits "  healthy" 0 tuncheck -qx "$me-$word"
	like "  the plan names it" "$(tunkill -n "$me-$word")" \
	    "with it: jump helper ssh.$helper.\$"
	stop "$helper"
	is "  stopped with it" "$(state "$me-$word")" stopped
	kill -CONT "$helper"
	comes_to "  and goes on" up state "$me-$word"
}

helped own-nc -o "ProxyCommand=$plain $nc" -L "$(free_port):$target"
helped own-sh -o "ProxyCommand=sh -c '$plain $nc; :'" -D "$(free_port)"
helped own-w -o "ProxyCommand=ssh -F $dir/config -W %h:%p $me-gw" \
    -R "$(free_port):$target"

p=$(free_port) q=$(free_port)
helped j -J "$me-gw1" -L "$p:$target"
helped jj -J "$me-gw2,$me-gw1" -R "$(free_port):$target"
helped w -o "ProxyCommand=ssh -F $dir/shared -W %h:%p $me-gw1" -D "$q"
helped nc -o "ProxyCommand=$gw $nc" -L "$dir/u.sock:$target"

# All that has no connection but the master's.
run tunkill -n --sessions "$master"
for id in "L$p" "D$q" "L$dir/u.sock"; do
	like "the plan of their master names $id" "$out" \
	    "goes through the master: .* = ${id}[,)]?"
done
unlike "  and no helper" "$out" "through the master.*jump helper"
exits "  which is refused without --sessions" 3 tunkill "$dir/$me-gw1"
stop "$master"
is "stopped with their master" \
    "$(for word in j jj w nc; do state "$me-$word"; done | sort -u)" stopped
exits "  bad" 4 tuncheck -qx "$me-nc"
is "  those with a connection of their own are not" "$(state "$me-own-nc")" up
kill -CONT "$master"

# A helper that forwards something itself is a tunnel, too.
p=$(free_port) q=$(free_port)
ssh -F "$dir/config" -fN -o "ProxyCommand=ssh -F $dir/config -D $q \
$me-both $nc" -L "$p:$target" "$me-front" >"$dir/ssh.log" 2>&1 </dev/null
remember "$(pid_of "D$q")"
is "a helper with a forward" "$(state "$me-front") $(tunps -a -nro id \
    "$me-both" | tr '\n' ' ')" "up D$q L$p "
run tunkill -n --whole --sessions "D$q"
like "  its plan names the tunnel" "$out" "goes through the ssh: .* = L$p"
exits "  and --whole is not enough" 3 tunkill --whole "D$q"
like "  for the command" "$err" "command.*--sessions"

# A proxy command that passes a connection: one to a path is no TCP.
p=$(free_port)
tunnel path -L "$dir/way:$target"
tunnel passed -o ProxyUseFdpass=yes -L "$p:$target" \
    -o "ProxyCommand=$top/tests/peer pass $dir/way -"
is "over a path: not closed" "$(state "$me-passed")" quiet
exits "  its health is not known" 3 tunps --check "$me-passed"
exits "  and it is not stale" 1 tunkill --stale "$me-passed"
ok "  so it lives" alive "$pid"
run tuncheck -P -x "$me-passed"
like "  that its target answers proves that it works" "$status $out" \
    "^0 L$p: alive \(pid $pid\) via $me-passed, server answers\$"
tunnel passed-cm -M -S "$dir/cm-passed" -o ProxyUseFdpass=yes \
    -o "ProxyCommand=$top/tests/peer pass $dir/way -"
run tuncheck -P -x "$me-passed-cm"
like "  and the answer of its server, that a master does" "$out" \
    "^M$pid: alive \(pid $pid\) via $me-passed-cm, server answers\$"
is "  so all is well" "$status" 0

# A helper that stays when the server has closed its connection.
tunnel linger -o "ProxyCommand=$top/tests/peer linger %h %p" \
    -L "$(free_port):$target"
is "a helper that is no ssh" "$(state "$me-linger")" up
helper=$(ps -axo pid=,args= | awk '$2 ~ /peer$/ && $3 == "linger" { print $1 }')
# shellcheck disable=SC2046 # as root the session is two processes
kill -KILL $(serving "$(local_port "$helper")")
comes_to "  its server has closed: stalled" stalled state "$me-linger"
like "  and why" "$(why "$me-linger")" "the server has closed the connection"
ok "  suspect" suspect "$pid"
ok "  not stale" not stale "$pid"

# Pipes to a helper that is not seen leave 3 free for a channel of -R: not the
# connection.
p=$(free_port) q=$(free_port)
start_peer echo "$q"
tunnel piped -o "ProxyCommand=tee $dir/log1 | \
$top/tests/peer relay 127.0.0.1 $sshd_port | tee $dir/log2" \
    -R "$p:127.0.0.1:$q"
start_peer hold 1 127.0.0.1 "$p" hello
comes_to "a channel in place of the connection" 1 eval "tunps -a -nro conns \
    $me-piped | tr -d ' '"
is "  whose peer is not the server" \
    "$(tunps -a -nro state,server "$me-piped" | tr -s ' ')" "quiet ?"

# Without ControlPersist the jump helper of the first tunnel is the master, and
# that of the second one its client.
sed 's/ControlPersist yes/ControlPersist no/' "$dir/shared" >"$dir/auto"
p=$(free_port) q=$(free_port)
for id in "$p:$me-one" "$q:$me-two"; do
	ssh -F "$dir/auto" -fN -J "$me-gw3" -L "${id%%:*}:$target" \
	    "${id#*:}" >"$dir/ssh.log" 2>&1 </dev/null
	remember "$(pid_of "${id#*:}")"
done
second=$(pid_of "$me-two")
is "a jump helper that is a master" "$(state "$me-one") \
$(state "$me-two")" "up up"
exits "  ending its tunnel is refused" 3 tunkill "$p"
like "  because of the second one" "$err" "carries ssh.$second. = L$q"
exits "  which may be ended" 0 tunkill "$q"
exits "  and then the first one, too" 0 tunkill "$p"

# A process that only reads what an ssh prints is no helper of it.
p=$(free_port) q=$(free_port)
mkfifo "$dir/leash"
ssh -F "$dir/config" -L "$p:$target" "$me-first" cat <"$dir/leash" \
    2>/dev/null | ssh -F "$dir/config" -L "$q:$target" "$me-last" cat \
    >/dev/null 2>&1 &
exec 8>"$dir/leash"
comes_to "a pipeline of two" "L$p up L$q up " eval "tunps -a -nro id,state \
    $me-first $me-last 2>&1 | tr '\n' ' '"
is "  without helpers" \
    "$(helpers "$me-first")$(helpers "$me-last")" ""
exec 8>&-

done_testing
