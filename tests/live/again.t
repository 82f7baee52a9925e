#!/bin/sh
# SPDX-License-Identifier: ISC
#
# tunrun --again: what is lost is started as it was, what runs is ended by the
# rules of tunkill before, and nothing is ended that could not be started.

# shellcheck source=tests/tools/lib.sh
. "$(dirname "$0")/../tools/lib.sh"
. "$(dirname "$0")/end.sh"
. "$(dirname "$0")/group.sh"

# A journal of its own, below a home that can be taken away.
mkdir "$dir/home" "$dir/work"
HOME=$dir/home XDG_STATE_HOME=$dir/home/state
export HOME XDG_STATE_HOME
unset SSH_AUTH_SOCK DISPLAY
t=$me

# go_in DIRECTORY ARG...: tunrun there.
go_in() {
	status=0
	(cd "$1" && shift && exec timeout 30 tunrun "$@" </dev/null) \
	    >"$dir/out" 2>"$dir/err" || status=$?
	out=$(cat "$dir/out")
	err=$(cat "$dir/err")
}

go() {
	go_in "$dir/work" "$@"
}

again() {
	go --again "$@"
}

# words PID: its command line.
words() {
	tr '\0' ' ' <"/proc/$1/cmdline"
}

# end PID: as nobody would on purpose.
end() {
	kill -s KILL "$1" && wait_for gone "$1"
}

# forget: all that is lost.
forget() {
	rm -rf "$XDG_STATE_HOME"
}

again
is "nothing to do" "$status, $out, $err" "1, , tunrun: nothing is stale or lost"
again "$t-nobody"
is "no such tunnel" "$status, $out, $err" "1, , tunrun: $t-nobody: no such tunnel"

# --- what is lost ---------------------------------------------------------

p=$(free_port)
ssh-agent -a "$dir/agent" >"$dir/agent.env" 2>/dev/null
agent=$(sed -n 's/.*SSH_AGENT_PID=\([0-9]*\).*/\1/p' "$dir/agent.env")
remember "$agent"
SSH_AUTH_SOCK=$dir/agent go -l 'a b' -F "$dir/config" -fN \
    -o ServerAliveInterval=90 -L "$p:$target" "$t-lost"
pid=$out
before=$(words "$pid")
end "$pid"
again -n
is "SIGKILL: -n shows how it would be started" "$status, $err" "0, "
like "  the words" "$out" "start: ssh -F $dir/config -fN .* $t-lost\$"
like "  the directory" "$out" "in: $dir/work\$"
is "  and starts nothing" "$(holder "$p")" ""
go_in / --again
is "it is started: the PID" "$status, $out, $err" "0, $(holder "$p"), "
pid=$out
is "  with the same words" "$(words "$pid")" "$before"
is "  in the same directory" "$(readlink "/proc/$pid/cwd")" "$dir/work"
is "  with the same agent" "$(tr '\0' '\n' <"/proc/$pid/environ" |
    grep -e ^SSH_AUTH_SOCK= -e ^TUN_LABEL= | sort)" \
    "SSH_AUTH_SOCK=$dir/agent
TUN_LABEL=a b"
again
is "  once" "$status, $out" "1, "
end "$pid"
again -v "@a b"
is "by its label, -v: with the ID" "$status, $out, $err" "0, $(holder "$p")
L$p, "

# What is ended on purpose is not lost.
tunkill "$p"
again
is "what was ended on purpose is not lost" "$status, $out" "1, "
forget

# Of two that had one port, the last one.
p=$(free_port)
go -F "$dir/config" -fN -L "$p:$target" "$t-port"
old=$out
end "$old"
go -F "$dir/config" -fN -L "$p:$target" -o ServerAliveInterval=80 "$t-port"
new=$out
end "$new"
again
is "two that had one port: the last one" "$status, $out" "0, $(holder "$p")"
like "  which is said" "$err" "^tunrun: L$p.*: process $new, which is lost \
too, listened there later: tunps --forget $old\$"
like "  is started" "$(words "$out")" ServerAliveInterval=80
tunkill -q "$p"
run tunps --forget "$old"
again
is "  and the other one can be forgotten" "$status, $err" \
    "1, tunrun: nothing is stale or lost"

# Where they listened is not known: that is no place that they had in common.
for i in a b; do
	go -F "$dir/config" -fN -L "$dir/%i-$i.sock:$target" "$t-token-$i"
	end "$out"
	rm -f "$dir/"*"-$i.sock"
done
again
is "two that listened at an unknown path each: both" \
    "$status, $err, $(printf '%s\n' "$out" | grep -c .)" "0, , 2"
tunkill -qa "$t-token-a" "$t-token-b"
forget

# A command that is over is no tunnel that is missed.  It ends with this script,
# also where a lost connection does not end it.
lasting="while [ -d $dir ]; do sleep 1; done"
p=$(free_port)
go -F "$dir/config" -f -L "$p:$target" "$t-over" "$lasting"
end "$out"
again
is "a remote command does not run once more" "$status, $out, $err" \
    "1, , tunrun: L$p: it would run its remote command once more: --sessions"
again --sessions
is "  but with --sessions" "$status, $out, $err" "0, $(holder "$p"), "
tunkill -q --sessions "$t-over"
forget

# --- what runs ------------------------------------------------------------

p=$(free_port)
tunnel run -L "$p:$target"
old=$pid
again "$t-run"
is "one that runs, of which the journal does not know" "$status, $out, $err" \
    "0, $(holder "$p"), "
ok "  is another process" [ "$out" != "$old" ]
ok "  the old one has ended" gone "$old"

# One forward of several, and a command.
q=$(free_port)
tunnel two -L "$(free_port):$target" -L "$q:$target"
old=$pid
again "$q"
is "a forward of several is refused" "$status, $out" "3, "
like "  with the option" "$err" "^tunrun: L$q: .*--whole"
ok "  it still runs" [ "$(holder "$q")" = "$old" ]
again --whole "$q"
is "  --whole" "$status, $out, $err" "0, $(holder "$q"), "
q=$(free_port)
ssh -F "$dir/config" -f -L "$q:$target" "$t-cmd" "$lasting" \
    >/dev/null 2>&1 </dev/null
old=$(holder "$q")
again "$q"
is "a command is refused" "$status, $out" "3, "
like "  with the option" "$err" "--sessions"
again --sessions "$t-cmd"
is "  --sessions" "$status, $out, $err" "0, $(holder "$q"), "
again "$t-cmd" "$t-run" --sessions
is "several: a line for each" "$status, $(printf '%s\n' "$out" | sort)" \
    "0, $(printf '%s\n' "$(holder "$p")" "$(holder "$q")" | sort)"
again "$t-run" "$t-nobody"
is "one of two" "$status, $out, $err" \
    "64, $(holder "$p"), tunrun: $t-nobody: no such tunnel"
go -F "$dir/config" -fN -L "$(free_port):$target" "$t-run"
again "$t-run"
is "a word that means two" "$status, $out" "2, "
like "  says which" "$err" "$t-run is 2 tunnels: .* -a for all"
again -a "$t-run"
is "  -a" "$status, $(printf '%s\n' "$out" | wc -l | tr -d ' ')" "0, 2"

# In front, it belongs to whoever started it.
q=$(free_port)
ssh -F "$dir/config" -N -L "$q:$target" "$t-front" >/dev/null 2>&1 &
front=$!
remember "$front"
wait_for port_taken "$q"
again "$q"
is "one in front is left" "$status, $out, $(holder "$q")" "3, , $front"
like "  which is said" "$err" "process $front runs in the foreground"
kill "$front"

# With "&" out of a shell that is gone.
q=$(free_port)
sh -c "ssh -F '$dir/config' -N -L $q:$target $t-amp >/dev/null 2>&1 \
    </dev/null &"
wait_for port_taken "$q"
old=$(holder "$q")
tunps -q "$q" || note "$(tunps -a -v "$q")"
again "$q"
is "one without -f" "$status, $out, $err" "0, $(holder "$q"), "
is "  is apart from everything" "$(ps -o tty=,sid= -p "$out" | tr -s ' ')" \
    "? $out" || note "$(ps -o tty=,sid= -p "$out")"
again "$q"
is "  and once more" "$status, $out, $err" "0, $(holder "$q"), "
tunkill -q "$q"
tunkill -q -a "$t-run"
tunkill -q --whole "$t-two"
tunkill -q --sessions "$t-cmd"
forget

# --- what could not be started --------------------------------------------

mkdir "$dir/gone" "$dir/bin"
cp "$(command -v ssh)" "$dir/bin/ssh"
p=$(free_port)
go_in "$dir/gone" -F "$dir/config" -fN -L "$p:$target" "$t-cwd"
rmdir "$dir/gone"
again "$p"
is "its directory is gone: refused" "$status, $out" "3, "
like "  with the reason" "$err" "L$p: its directory $dir/gone: No such file"
ok "  and it runs" [ -n "$(holder "$p")" ]
tunkill -q "$p"
p=$(free_port)
go "$dir/bin/ssh" -F "$dir/config" -fN -L "$p:$target" "$t-exe"
rm "$dir/bin/ssh"
again "$p"
is "its program is gone: refused" "$status, $out" "3, "
like "  with the reason" "$err" \
    "^tunrun: L$p: $dir/bin/ssh: no such program"
ok "  and it runs" [ -n "$(holder "$p")" ]
tunkill -q "$p"

if [ "$(id -u)" -eq 0 ]; then
	p=$(free_port)
	cp "$(command -v ssh)" "$dir/bin/ssh"
	go "$dir/bin/ssh" -F "$dir/config" -fN -L "$p:$target" "$t-exe"
	chown 65534 "$dir/bin"
	again "$p"
	like "root: a program that another user can replace" "$status $err" \
	    "^3 .*no such program that only root can replace"
	chown 0 "$dir/bin"
	rm "$dir/bin/ssh"
	tunkill -q "$p"

	# Found by its name, in a directory that is not root's alone, too.
	mkdir "$dir/theirs" "$dir/sticky"
	printf '#!/bin/sh\n: >"%s/ran"\nexec ssh "$@"\n' "$dir" \
	    >"$dir/theirs/ssh"
	chmod 755 "$dir/theirs/ssh"
	cp -p "$dir/theirs/ssh" "$dir/sticky/ssh"
	chown 65534 "$dir/theirs" "$dir/theirs/ssh" "$dir/sticky/ssh"
	chmod 1777 "$dir/sticky"
	go_in "$dir/sticky" -F "$dir/config" -fN -L "$p:$target" "$t-exe"
	pid=$out
	for path in "$dir/theirs" "" .; do
		PATH=$path:$PATH again "$p"
		like "  of a search path with \"${path##*/}\" before others" \
		    "$status $err" \
		    "^3 .*ssh: no such program that only root can replace"
		is "    is not run" "$(holder "$p"), \
$([ -e "$dir/ran" ] && echo ran)" "$pid, "
	done
	tunkill -q "$p"
	rm -r "$dir/theirs" "$dir/sticky"
else
	skip "root: a program that another user can replace" "not root"
fi

# A network namespace is the way on which it goes out.
if unshare --net ip link set lo up 2>/dev/null; then
	unshare --net sh -c "ip link set lo up && exec '$sshd_path' -D \
	    -f '$dir/sshd_config' -E '$dir/far.log'" </dev/null &
	far=$!
	remember "$far"
	there() {
		nsenter --net="/proc/$far/ns/net" "$@"
	}
	there_listens() {
		there ss -Hltn "sport = :$1" | grep -q .
	}
	p=$(free_port)
	wait_for there_listens "$sshd_port"
	run there ssh -F "$dir/config" -fN -D "$p" "$t-far"
	again "$p"
	is "in another network namespace: refused" "$status, $out, $err" "3, \
, tunrun: D$p: it is in another network namespace: run tunrun there"
	ok "  and it runs" there_listens "$p"
	tunkill -q "$p"
	run there tunrun -F "$dir/config" -fN -D "$p" "$t-far"
	pid=$out
	again "$t-far"
	like "  one that tunrun has started, too" "$status $err" \
	    "^3 tunrun: D$p: it is in another network namespace"
	end "$pid"
	again
	is "  also if it is lost" "$status, $out, $err" "1, , \
tunrun: D$p: it was in another network namespace: run tunrun there"
	run there tunrun --again "$t-far"
	is "  there it is started" "$status, $err, $(readlink \
	    "/proc/$out/ns/net")" "0, , $(readlink "/proc/$far/ns/net")"
	tunkill -q "$p"
	run tunrun nsenter --net="/proc/$far/ns/net" ssh -F "$dir/config" -fN \
	    -D "$p" "$t-far"
	again "$t-far"
	is "  and here by the command that goes there" "$status, $err, \
$(there_listens "$p" && echo there)" "0, , there"
	tunkill -q "$p"
	forget
	kill "$far"
else
	skip "in another network namespace: refused" "no namespaces"
fi

# An agent that has moved, and one that is gone.
p=$(free_port)
SSH_AUTH_SOCK=$dir/agent go -F "$dir/config" -fN -L "$p:$target" "$t-agent"
mv "$dir/agent" "$dir/agent.new"
SSH_AUTH_SOCK=$dir/agent.new again "$p"
is "its agent has moved" "$status, $out" "0, $(holder "$p")"
is "  which is said" "$err" \
    "tunrun: L$p: its agent $dir/agent is gone: $dir/agent.new is used"
is "  and used" "$(tr '\0' '\n' <"/proc/$out/environ" |
    grep ^SSH_AUTH_SOCK=)" "SSH_AUTH_SOCK=$dir/agent.new"
mv "$dir/agent.new" "$dir/agent"
again "$p"
like "  or is gone" "$status $err" \
    "^0 tunrun: L$p: its agent $dir/agent.new is gone\$"
pid=$out

# A port that another process has meanwhile.
end "$pid"
start_peer echo "$p"
again
is "its port is taken: refused" "$status, $out, $err" "3, , tunrun: L$p: \
another process listens on port $p (process $peer, peer)"
end_peer

# It is started, and does not work: its port is taken under its hands.
cat >"$dir/bin/ssh" <<END
#!/bin/sh
[ ! -e "$dir/rob" ] || {
	"$top/tests/peer" echo "$p" >"$dir/robbed" 2>&1 &
	until [ -s "$dir/robbed" ]; do sleep 0.05; done
}
exec "$(command -v ssh)" "\$@"
END
chmod +x "$dir/bin/ssh"
forget
go "$dir/bin/ssh" -F "$dir/config" -fN -L "$p:$target" "$t-rob"
end "$out"
: >"$dir/rob"
again
is "started, and it does not listen: 4, and the PID" "$status, $out" \
    "4, $(pid_of "$t-rob")"
like "  which is said" "$err" "^tunrun: L$p: does not work\$"
rm "$dir/rob"
old=$out
remember "$(holder "$p")"
again
is "it is not ended for a port that it would not get: refused" \
    "$status, $out, $err, $(pid_of "$t-rob")" "3, , tunrun: L$p: another \
process listens on port $p (process $(holder "$p"), peer), $old"
kill "$(holder "$p")"
wait_for is_now "" holder "$p"
ok "now it is stale" stale "$old"
again
is "without operands: what is stale" "$status, $out, $err" \
    "0, $(holder "$p"), "
tunkill -q "$p"

# One of two ports, or one of two addresses, is another process's.
q=$(free_port)
start_peer echo "$q"
go -F "$dir/config" -fN -L "$p:$target" -L "$q:$target" "$t-half"
old=$out
again "$t-half"
is "it is not ended for one of its ports: refused" \
    "$status, $out, $err, $(pid_of "$t-half")" "3, , tunrun: L$p, L$q: \
another process listens on port $q (process $peer, peer), $old"
ok "  and what it has listens" listens "$p" "$old"
tunkill -q "$t-half"
go -F "$dir/config" -fN -L "$q:$target" "$t-half"
old=$out
again "$q"
is "nor for one of its addresses" "$status, $err, $(pid_of "$t-half")" \
    "3, tunrun: L$q: another process listens on port $q (process $peer, \
peer), $old"
end_peer
again "$t-half"
is "  when that has ended, it is started" "$status, $out, $err" \
    "0, $(pid_of "$t-half"), "
tunkill -q "$t-half"

# ssh fails: what is lost stays lost.
go -F "$dir/config" -fN -L "$p:$target" "$t-fail"
mv "$dir/user_key" "$dir/user_key.not"
again "$p"
is "ssh fails" "$status, $out" "3, "
like "  which is said" "$err" "^tunrun: L$p: was not started: exit status 255"
mv "$dir/user_key.not" "$dir/user_key"
again
is "  and it is lost, and started later" "$status, $out, $err" \
    "0, $(holder "$p"), "
tunkill -q "$p"
forget

# --- masters --------------------------------------------------------------

p=$(free_port) q=$(free_port) r=$(free_port) s=$(free_port)
go -F "$dir/config" -M -S "$dir/cm" -o ControlPersist=600 -L "$p:$target" \
    "$t-master" true
old=$out
run tunadd -S "$dir/cm" -L "$q:$target"
run tunadd -S "$dir/cm" -R "$r:$target" -D "$s"
run tunadd -S "$dir/cm" -L "$dir/added.sock:$target"
tunkill -q "L$q:$target"
again "$s"
is "one forward of a master: refused" "$status, $out, $(holder "$s")" \
    "3, , $old"
again "$t-master"
wait_for is_now "$out" holder "$p"
is "a master whose words a title replaced" "$status, $out" \
    "0, $(holder "$p")"
ok "  is another process" [ "$out" != "$old" ]
is "  with -D, -R and a path that were added" \
    "$(holder "$s"), $([ -S "$dir/added.sock" ] && echo path), \
$(port_taken "$r" && echo remote)" "$out, path, remote"
is "  without what was closed" "$(holder "$q")" ""
end "$out"
again
wait_for is_now "$out" holder "$p"
is "a master that was lost, too" "$status, $out, $(holder "$s")" \
    "0, $(holder "$p"), $out" || note "$err"
tunkill -q -S "$dir/cm"
forget

# The server chooses other ports.
ssh -F "$dir/config" -fNM -S "$dir/cm4" "$t-bare" </dev/null
run tunadd -S "$dir/cm4" -R "0:$target" -R 0:h:1
again -v "$t-bare"
is "-v: with the IDs of what is added" "$status, $err, $(printf '%s\n' "$out" |
    sort)" "0, , $(tunps -nro pid,id "$t-bare" | tr ' ' '\n' |
    cat - "$dir/out" | grep -e '^[0-9MR]' | sort -u)"
is "  of which there are two" "$(printf '%s\n' "$out" | grep -c '^R[1-9]')" 2
tunkill -q -S "$dir/cm4"
forget

# One that something else started has what was added to it, too.
p=$(free_port) q=$(free_port) r=$(free_port)
ssh -F "$dir/config" -fNM -S "$dir/cm3" -L "$p:$target" -L "$r:$target" \
    "$t-hand" </dev/null
run tunadd -S "$dir/cm3" -L "$q:$target"
tunkill -q "L$r"
again -n "$t-hand"
like "a master that the journal cannot start: -n has what was added" "$out" \
    "add: .*$q:$target"
again "$t-hand"
is "  it is opened again" "$status, $out, $err, $(holder "$q")" \
    "0, $(holder "$p"), , $out"
is "  and what was closed is closed" "$(holder "$r")" ""
tunkill -q -S "$dir/cm3"
forget
ssh -F "$dir/config" -M -S "$dir/cm2" -o ControlPersist=600 \
    -L "$p:$target" "$t-title" true </dev/null
old=$(holder "$p")
again "$dir/cm2"
is "a title, and nothing in the journal: refused" "$status, $out" "3, "
like "  with the reason" "$err" "not known how it was started: a title"
is "  and it runs" "$(holder "$p")" "$old"
tunkill -q -S "$dir/cm2"

# --- several of one command -----------------------------------------------

p=$(free_port) q=$(free_port)
printf 'ssh -F %s -fN -L %s:%s %s\n' "$dir/config" "$p" "$target" "$t-one" \
    "$dir/config" "$q" "$target" "$t-two" >"$dir/two.sh"
go sh "$dir/two.sh"
one=$(holder "$p") two=$(holder "$q")
end "$one"
again
is "a script makes both: not while one runs" "$status, $out, $err" "3, , \
tunrun: M$one: its command would start process $two once more, which runs"
end "$two"
again
is "  but once for both" "$status, $(printf '%s\n' "$out" | sort)" \
    "0, $(printf '%s\n' "$(holder "$p")" "$(holder "$q")" | sort)"
is "  which is said" "$err" "tunrun: M$two: it is started with process $one, \
by the same command"
is "  and nothing is lost" "$(tunps --lost -c)" 0
tunkill -q "$p" "$q"
forget

# --- through each other ---------------------------------------------------

p=$(free_port) q=$(free_port)
go -F "$dir/config" -J "$t-hop" -fN -L "$p:$target" "$t-jump"
end "$out"
again
is "-J: with its helper" "$status, $out" "0, $(holder "$p")"
is "  which it has" "$(tunps -a -J "$p" | json '.tunnels[0].helpers[#]')" 1
go -F "$dir/config" -o Port="$p" -o HostName=127.0.0.1 -p "$p" -fN \
    -L "$q:$target" "localhost"
inner=$out
outer=$(holder "$p")
end "$outer"
wait_for gone "$inner"
again
is "one through another waits for it" "$status, $(printf '%s\n' "$out" |
    tr '\n' ' ')" "0, $(holder "$p") $(holder "$q") " || note "$err"
again "$p" "$q"
is "  when both run, too" "$status, $(printf '%s\n' "$out" | tr '\n' ' ')" \
    "0, $(holder "$p") $(holder "$q") " || note "$err"
tunkill -q "$q" "$p"
forget

# --- supervised -----------------------------------------------------------

if command -v autossh >/dev/null; then
	p=$(free_port)
	AUTOSSH_GATETIME=0 autossh -M 0 -f -F "$dir/config" -N \
	    -L "$p:$target" "$t-auto"
	wait_for port_taken "$p"
	auto=$(tunps -n -r -o ppid "$t-auto")
	remember "$auto"
	old=$(holder "$p")
	again "$p"
	is "what is supervised is left" "$status, $out, $(holder "$p")" \
	    "3, , $old"
	is "  with the supervisor's own command" "$err" \
	    "tunrun: L$p: left to its supervisor, autossh $auto: kill -USR1 $auto"
	tunkill -q --supervisor "$p"
else
	skip "what is supervised is left" "no autossh"
fi

# --- from a login that comes through it -----------------------------------

p=$(free_port)
go -F "$dir/config" -fN -R "$p:127.0.0.1:$sshd_port" "$t-way"
old=$out
timeout 30 ssh -F "$dir/config" -tt -p "$p" "$t-in" "export PATH='$PATH' \
    XDG_STATE_HOME='$XDG_STATE_HOME' HOME='$HOME'; tunrun --again R$p" \
    </dev/null >"$dir/in" 2>&1
is "from a login that comes through it: the login ends" "$?" 255 ||
    note "$(cat "$dir/in")"
# The ssh that was started listens before it goes to the background.
runs_anew() {
	new=$(tunps -t "R$p") && [ "$new" != "$old" ] &&
	    [ "$(ps -o sid= -p "$new" | tr -d ' ')" = "$new" ]
}
ok "  and the tunnel is started" wait_for runs_anew
is "  which a hangup would end as before" "$((0x$(
    sed -n 's/^SigIgn:[^0-9a-f]*//p' "/proc/$new/status") & 1))" 0
tunkill -q --whole "R$p"
forget

# --- output that cannot be written -----------------------------------------

p=$(free_port)
go -F "$dir/config" -fN -L "$p:$target" "$t-full"
end "$out"
(cd "$dir/work" && exec timeout 30 tunrun --again) </dev/null >/dev/full \
    2>"$dir/err"
is "a PID that cannot be printed: its tunnel runs" \
    "$?, $(cat "$dir/err"), $(tunps -nro state "$p")" \
    "3, tunrun: L$p: runs, but its process ID could not be printed, up"
tunkill -q "$p"
forget

# --- two at once ----------------------------------------------------------

p=$(free_port)
mkfifo "$dir/hold"
cat >"$dir/bin/ssh" <<END
#!/bin/sh
[ ! -e "$dir/slow" ] || read -r _ <"$dir/hold"
exec "$(command -v ssh)" "\$@"
END
go "$dir/bin/ssh" -F "$dir/config" -fN -L "$p:$target" "$t-once"
end "$out"
: >"$dir/slow"
(cd "$dir/work" && exec nohup tunrun --again </dev/null) \
    >"$dir/first" 2>&1 &
first=$!
wait_for pgrep -f "^/bin/sh $dir/bin/ssh .*$t-once" >/dev/null
again
is "two at once: the second says so" "$status, $out, $err" \
    "3, , tunrun: --again: another one of yours is at work"
again -n
is "  -n may look" "$status" 0
kill -s HUP "$first"
rm "$dir/slow"
timeout 10 sh -c "echo go >'$dir/hold'"
wait "$first"
is "  the first one wins, and ignores a hangup with nohup" "$?, $(cat "$dir/first")" "0, $(holder "$p")"
ok "  and ssh does not keep the lock" again "$p"
tunkill -q "$p"
forget

# --- a link that is cut ---------------------------------------------------

p=$(free_port)
if can "a link that was cut" "no nft" cut_link; then
	restore
	go -F "$dir/config" -fN -L "$p:127.0.0.1:$sshd_port" "$t-cut"
	old=$out
	cut_link
	if [ -n "${TEST_SLOW:-}" ]; then
		start_peer hold 1 127.0.0.1 "$p" hello
		WAIT_SECONDS=180 wait_for stale "$old"
	fi
	restore
	again ${TEST_SLOW:+-v} "$p"
	is "a link that was cut" "$status, ${out%%
*}" "0, $(holder "$p")" || note "$err"
	tunkill -q "$p"
fi

# A server that accepts connections and says nothing.
if [ -n "${TEST_SLOW:-}" ]; then
	p=$(free_port)
	go -F "$dir/config" -fN -L "$p:$target" "$t-mute"
	end "$out"
	stop "$sshd_pid"
	status=0
	(cd "$dir/work" && exec timeout 180 tunrun --again </dev/null) \
	    >"$dir/out" 2>"$dir/err" || status=$?
	kill -s CONT "$sshd_pid"
	is "a server that says nothing: given up" "$status, $(cat "$dir/out")" \
	    "4, "
	like "  which is said" "$(cat "$dir/err")" \
	    "^tunrun: process [0-9]+ has not connected in time, and is ended\$"
	is "  and it is ended" "$(pgrep -f "$t-mute")" ""
	forget
else
	skip "a server that says nothing" "takes two minutes (TEST_SLOW=1)"
fi

# A server that starts again: its sessions are gone, and its kernel resets what
# comes for them.
p=$(free_port)
go -F "$dir/config" -fN -L "$p:127.0.0.1:$sshd_port" "$t-reboot"
old=$out
held=$(sessions)
kill "$sshd_pid"
wait "$sshd_pid" 2>/dev/null
# shellcheck disable=SC2086
kill -s KILL $held
wait_for gone "$old"
again "$p"
like "the server is not there yet: said" "$err" \
    "^tunrun: L$p: was not started: exit status 255"
"$sshd_path" -D -f "$dir/sshd_config" -E "$dir/sshd.log" </dev/null &
sshd_pid=$!
wait_for listens "$sshd_port"
again "$p"
is "it is back: so is the tunnel" "$status, $out" "0, $(holder "$p")"
tunkill -q "$p"
forget

# A suspended machine: the server gives up, and nothing here notices.
if freezable "$mine"; then
	go -F "$dir/config" -fN -L "$p:$target" "$t-sleep"
	old=$out
	echo "$old" >"$group/cgroup.procs"
	ok "a frozen one" freeze "$group" 1
	again "$p"
	is "  does not end, and is not started twice" \
	    "$status, $out, $(holder "$p")" "3, , $old"
	# shellcheck disable=SC2046
	kill -s KILL $(sessions)
	freeze "$group" 0
	wait_for gone "$old"
	again
	is "suspended while its server gave up: lost" "$status, $out, $err" \
	    "0, $(holder "$p"), "
	tunkill -q "$p"
else
	skip "suspended while its server gave up" "no freezer"
fi
forget

# --- passwords, one at a time ---------------------------------------------

if command -v script >/dev/null; then
	ssh-keygen -q -t ed25519 -N sesame -f "$dir/locked"
	cat "$dir/locked.pub" >>"$dir/user_key.pub"
	sed "s|BatchMode yes|BatchMode no|; s|$dir/user_key|$dir/locked|" \
	    "$dir/config" >"$dir/asks"
	# The first time without a question.
	cp "$dir/locked" "$dir/locked.kept"
	ssh-keygen -q -p -P sesame -N '' -f "$dir/locked" >/dev/null
	p=$(free_port) q=$(free_port)
	go -F "$dir/asks" -fN -L "$p:$target" "$t-pass1"
	first=$out
	go -F "$dir/asks" -fN -L "$q:$target" "$t-pass2"
	end "$first"
	end "$out"
	# One that asks for nothing listens when the others ask.
	cat >"$dir/bin/ssh" <<-END
	#!/bin/sh
	[ ! -e "$dir/pty" ] || until grep -q 'Enter passphrase' "$dir/pty"; do
		sleep 0.05
	done
	exec "$(command -v ssh)" "\$@"
	END
	r=$(free_port)
	go "$dir/bin/ssh" -F "$dir/config" -fN -L "$r:$target" "$t-pass3"
	end "$out"
	cp "$dir/locked.kept" "$dir/locked"
	: >"$dir/pty"
	kept() {
		grep -q "^start $(holder "$r") " "$XDG_STATE_HOME/libfind/journal"
	}
	asked() {
		[ "$(grep -c 'Enter passphrase' "$dir/pty")" -eq "$1" ]
	}
	{
		wait_for asked 1
		wait_for kept
		cp "$dir/pty" "$dir/pty.asked"
		echo sesame
		wait_for asked 2
		echo sesame
		wait_for grep -q '^Script done' "$dir/pty"
	} | timeout 60 script -qefc "tunrun --again" "$dir/pty" >/dev/null 2>&1
	is "passphrases: asked for one at a time" "$?, $(tr -d '\r' <"$dir/pty" |
	    grep -x '[0-9][0-9]*' | sort)" "0, $(printf '%s\n' "$(holder "$p")" \
	    "$(holder "$q")" "$(holder "$r")" | sort)" || note "$(cat "$dir/pty")"
	unlike "  no PID is printed into the question" \
	    "$(tr '\r' '\n' <"$dir/pty.asked")" "$(holder "$r")"
	again "$p"
	is "no terminal: ssh says so" "$status, $out" "3, "
	tunkill -q "$q" "$r"
	forget
else
	skip "passphrases: asked for one at a time" "no script(1)"
fi

# --- a home that cannot be written to -------------------------------------

p=$(free_port)
tunnel ro -L "$p:$target"
if mount --bind "$dir/home" "$dir/home" 2>/dev/null &&
    mount -o remount,ro,bind "$dir/home" 2>/dev/null; then
	again "$p"
	is "a read-only home: it is started all the same" "$status, $out" \
	    "0, $(holder "$p")"
	like "  and what cannot be remembered is said" "$err" \
	    "not written to the journal: .*[Rr]ead-only"
	umount "$dir/home"
else
	skip "a read-only home" "no mounts"
fi
TUN_JOURNAL=off again "$p"
is "TUN_JOURNAL=off: what runs" "$status, $out, $err" "0, $(holder "$p"), "
TUN_JOURNAL=off again
is "  and nothing else" "$status, $out, $err" "1, , tunrun: nothing is stale"

# --- a journal that cannot be used ----------------------------------------

again "$p"
chmod 666 "$XDG_STATE_HOME/libfind/journal"
why="tunrun: $XDG_STATE_HOME/libfind/journal: the journal cannot be used: \
others may write to it"
again
is "others may write to the journal: what is lost is not known" \
    "$status, $out, $err" "3, , $why
tunrun: nothing is stale; what is lost is not known"
again "$t-nobody"
is "  nor is a name" "$status, $out, $err" "3, , $why
tunrun: $t-nobody: no such tunnel"
again "$p"
is "  but what runs is" "$status, $out" "0, $(holder "$p")"

done_testing
