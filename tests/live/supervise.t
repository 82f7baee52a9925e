#!/bin/sh
# shellcheck disable=SC2016
# SPDX-License-Identifier: ISC
#
# tunkill and whatever starts a tunnel again; and other users' tunnels.

. "$(dirname "$0")/end.sh"
. "$(dirname "$0")/group.sh"
mkdir "$dir/bin"
PATH=$dir/bin:$PATH

# --- autossh

if has "a child of autossh is refused" autossh; then
	p=$(free_port)
	autossh -M 0 -f -F "$dir/config" -N -L "$p:$target" tun$$-auto
	wait_for listens "$p"
	auto=$(tunps -n -r -o ppid tun$$-auto)
	remember "$auto"
	exits "a child of autossh is refused" 3 tunkill ":$p"
	like "  with its name" "$err" \
	    "L$p: autossh $auto starts it again: --supervisor"
	ok "  it stays" listens "$p"
	run tunkill -n --supervisor ":$p"
	like "--supervisor -n" "$out" "end autossh $auto by TERM, then ssh"
	works "--supervisor ends it" tunkill --supervisor -e ":$p"
	ok "  autossh too" ended "$auto"
	stays_silent "  nothing comes back" "$p"

	# One in flight while the others are looked at.
	p=$(free_port) m=$(free_port)
	autossh -M "$m" -f -F "$dir/config" -N -L "$p:$target" tun$$-monitor
	wait_for listens "$p"
	remember "$(tunps -n -r -o ppid tun$$-monitor | head -n 1)"
	works "autossh's own forwards are no others" tunkill --supervisor ":$p"
	ok "  it is gone" silent "$p"

	# What TERM ends in an orderly way removes the control path, be it
	# another master's by now; autossh would pass it on.
	autossh -M 0 -f -F "$dir/config" -N -o ControlMaster=yes -S "$dir/s" \
	    -L "$(free_port):$target" tun$$-replaced
	wait_for test -S "$dir/s"
	wait_for listed "$dir/s"
	old=$(pid_of tun$$-replaced)
	remember "$(ps -o ppid= -p "$old")"
	rm "$dir/s"
	ssh -F "$dir/config" -fN -M -S "$dir/s" tun$$-new </dev/null \
	    >/dev/null 2>&1
	run tunkill -n --supervisor -p "$old"
	like "autossh, for a path that is another's" "$out" \
	    "end autossh [0-9]* by KILL, then ssh .* by KILL"
	works "  ends" tunkill --supervisor -p "$old"
	like "  and the other's socket still works" \
	    "$(ssh -F "$dir/config" -S "$dir/s" -O check x 2>&1)" \
	    "pid=$(pid_of tun$$-new)"
	tunkill tun$$-new
fi

# --- a shell's loop

p=$(free_port)
sh -c "while :; do ssh -F '$dir/config' -N -L $p:$target tun$$-loop; sleep 1; \
done" </dev/null >/dev/null 2>&1 &
loop=$!
remember "$loop"
wait_for listens "$p"
exits "a child of a loop is refused" 3 tunkill ":$p"
like "  with its shell" "$err" "shell loop $loop starts it again"
works "--supervisor ends it" tunkill --supervisor ":$p"
ok "  and the loop" ended "$loop"
wait "$loop" 2>/dev/null
stays_silent "  nothing comes back" "$p"

# comes_back NAME WORD: tunkill sees that what it ended is back.  It looks for 1.5 s,
# and on a busy machine that may be too short: then it ends it once more.
comes_back() {
	wait_for sees_back "$2"
	result $? "$1" || note "$err"
}

sees_back() {
	run tunkill "$1"
	[ "$status" -eq 3 ]
}

# In a file the loop cannot be seen: it shows by what it does.
p=$(free_port)
cat >"$dir/keep" <<END
while :; do
	ssh -F '$dir/config' -N -L $p:$target tun$$-script
	sleep 0.1
done
END
sh "$dir/keep" </dev/null >/dev/null 2>&1 &
loop=$!
remember "$loop"
wait_for listens "$p"
old=$(pid_of tun$$-script)
comes_back "what comes back has not ended" ":$p"
like "  and that is said" "$err" \
    "L$p: came back as [0-9]*: sh $loop starts it again, see --supervisor"
ok "  the first one is gone" ended "$old"
wait_for listens "$p"
works "--supervisor ends its script" tunkill --supervisor ":$p"
ok "  it is gone" ended "$loop"
wait "$loop" 2>/dev/null
ok "  and the port is free" silent "$p"

# One that does not care about TERM; and two tunnels of one script.
p=$(free_port) q=$(free_port)
cat >"$dir/deaf" <<END
trap : TERM
ssh -F '$dir/config' -N -L $p:$target tun$$-deaf &
while :; do
	ssh -F '$dir/config' -N -L $q:$target tun$$-deaf
	sleep 0.1
done
END
sh "$dir/deaf" </dev/null >/dev/null 2>&1 &
loop=$!
remember "$loop"
wait_for listens "$p"
wait_for listens "$q"
run tunkill -n --supervisor ":$q"
is "another tunnel of its script is named" "$(echo "$out" |
    grep -Ec "^    stays: ssh [0-9]+ \\(tun$$-deaf\\), which sh $loop does not start again then\$")" 1
run tunkill -nJ --supervisor ":$q"
is "  in JSON" "$(printf '%s' "$out" | json '.targets[0].left[0]')" \
    "$(holder "$p")"
run tunkill -n -a --supervisor tun$$-deaf
unlike "  unless it ends, too" "$out" 'stays: '
run tunkill -a --supervisor -w1 tun$$-deaf
is "a parent that stays is no success" "$status" 3
like "  and named" "$err" "sh $loop is still there|came back as"
wait_for listens "$q"
run tunkill -a --supervisor -k5 ":$q"
ok "-k ends it" ended "$loop"
is "  but not before it has started another" "$status" 3
like "  which is said" "$err" "L$q: came back as [0-9]*"
wait "$loop" 2>/dev/null
works "  and that was the last" tunkill ":$q"

# --- a forward that comes back, whoever brings it

# start_again TEST...: $dir/again in the background as $loop, until TEST is true.
start_again() {
	rm -f "$dir/enough"
	sh "$dir/again" &
	loop=$!
	remember "$loop"
	wait_for "$@"
}

# back NAME WORD REGEX TEST COMMAND...: while TEST fails the command is run, so
# that what WORD ends comes back; that is no success, and it is said to be so.
back() {
	name=$1 word=$2 regex=$3 test=$4
	shift 4
	cat >"$dir/again" <<-END
	until [ -e '$dir/enough' ]; do
		$test || { $*; } </dev/null >/dev/null 2>&1
		sleep 0.05
	done
	END
	start_again eval "$test"
	comes_back "$name: it comes back" "$word"
	like "  which is said" "$err" "came back$regex"
	: >"$dir/enough"
	wait "$loop"
}

ssh="ssh -F $dir/config"
p=$(free_port) q=$(free_port) u=$dir/back.sock
listening="[ -n \"\$(ss -Hltn 'sport = :$p')\" ]"
listening_u="ss -Hlx | grep -q ' $u '"
tunnel back -M -S "$dir/cm-back"
one=$pid
tunnel back2 -M -S "$dir/cm-back2"
two=$pid
add="$ssh -O forward -S $dir/cm-back -L $p:$target x"
back "added to a master" "L$p:$target" " as $one\$" "$listening" "$add"
ok "  that lives" alive "$one"
tunkill "L$p:$target"
back "a dynamic one" "D$p" " as $one\$" "$listening" \
    "$ssh -O forward -S $dir/cm-back -D $p x"
tunkill "D$p"
back "on a path" "L$u:$target" " as $one\$" "$listening_u" \
    "rm -f $u; $ssh -O forward -S $dir/cm-back -L $u:$target x"
tunkill "L$u:$target"
$ssh -O forward -S "$dir/cm-back" -L "$p:$target" x 2>/dev/null
back "in another master" "L$p:$target" " as $two\$" "$listening" \
    "$ssh -O forward -S $dir/cm-back2 -L $p:$target x"
tunkill "L$p:$target"
ok "  after the last time it stays away" silent "$p"

# A tunnel of other words, in the same place.
tunnel first -L "$p:$target"
back "another tunnel" "L$p" " as [0-9]*" "$listening" \
    "$ssh -fN -L '127.0.0.1:$p:$target' tun$$-next"
tunkill "L$p"
tunnel first -L "$u:$target"
back "another tunnel, on a path" "L$u" " as [0-9]*" "$listening_u" \
    "rm -f $u; $ssh -fN -L $u:$target tun$$-next"
tunkill "L$u"

# Its path was another's before, and so still is.
tunnel moved -L "$u:$target"
rm "$u"
tunnel owner -L "$u:$target"
works "a detached forward has not come back" tunkill "tun$$-moved"
works "  but ended" tunkill "L$u"

# What started it is itself started again.
cat >"$dir/again" <<END
until [ -e '$dir/enough' ]; do
	sh -c "$ssh -N -L $p:$target tun$$-child; :" </dev/null >/dev/null 2>&1
done
END
start_again listens "$p"
comes_back "by a child of the loop: it comes back" "L$p"
like "  which is said" "$err" "came back as [0-9]*, a child of sh [0-9]*\$"
: >"$dir/enough"
tunkill "L$p"
wait "$loop"

# What asks for it ends with a master in the background that has it.
if runsv=$(command -v runsv); then
	mkdir "$dir/asks"
	cat >"$dir/asks/run" <<-END
	#!/bin/sh
	exec $ssh -o ControlMaster=auto -o ControlPersist=yes \
	    -S $dir/cm-asks -nN -L $p:$target tun$$-asks 2>/dev/null
	END
	chmod +x "$dir/asks/run"
	"$runsv" "$dir/asks" >/dev/null 2>&1 </dev/null &
	runsv=$!
	remember "$runsv"
	wait_for listens "$p"
	wait_for listed "$dir/cm-asks"
	# Its first ssh has copies of the listeners until it has ended.
	wait_for eval '[ "$(tunps -a -c "L$p")" = 1 ]'
	comes_back "a service that has a master do it" "L$p:$target"
	like "  which is said" "$err" "L$p: came back as [0-9]*"
	kill "$runsv"
	wait "$runsv" 2>/dev/null
	tunkill "$dir/cm-asks"
	ok "  and it ends with both" wait_for silent "$p"
else
	skip "a service that has a master do it" "no runsv"
fi
kill "$one" "$two"

# --- a shell that runs us is not ended

p=$(free_port)
cat >"$dir/self" <<END
ssh -F '$dir/config' -N -L $p:$target tun$$-self </dev/null >/dev/null 2>&1 &
until [ -n "\$(ss -Hltn 'sport = :$p')" ]; do sleep 0.1; done
tunkill --supervisor $p
echo "status \$?"
kill \$!
END
run sh "$dir/self"
is "the script that runs us lives" "$out" "status 3"
like "  and that is why" "$err" "is what runs this command"

# --- runit: a supervisor that is told by a command

p=$(free_port)
mkdir "$dir/service"
cat >"$dir/bin/runsv" <<END
#!/bin/sh
cd '$dir/service' || exit
while [ ! -e down ]; do
	ssh -F '$dir/config' -N -L $p:$target tun$$-runit </dev/null
	sleep 0.2
done
END
cat >"$dir/bin/sv" <<END
#!/bin/sh
echo "\$*" >'$dir/sv.args'
[ "\$1" = down ] && : >"\$2/down"
[ ! -e '$dir/sv.fails' ] || exit 1
kill \$(cat '$dir/sv.pid')
END
chmod +x "$dir/bin/runsv" "$dir/bin/sv"
runsv </dev/null >/dev/null 2>&1 &
runsv=$!
remember "$runsv"
wait_for listens "$p"
pid_of tun$$-runit >"$dir/sv.pid"
exits "a service of runsv is refused" 3 tunkill ":$p"
like "  with the command" "$err" \
    "runsv $runsv starts it again: sv down $dir/service"
: >"$dir/sv.fails"
exits "a command that fails" 3 tunkill --supervisor ":$p"
like "  is said to" "$err" "sv failed"
ok "  and nothing was ended" listens "$p"
rm "$dir/sv.fails"
run tunkill --supervisor ":$p"
is "--supervisor runs it" "$status $(cat "$dir/sv.args")" \
    "0 down $dir/service"
ok "  and the port is free" silent "$p"

# --- systemd: a unit is known by the control group

# What a service manager does: it starts at once again what ends.
cat >"$dir/bin/keeper" <<'END'
#!/bin/sh
while [ ! -e "$1.stopped" ]; do
	sh -c "echo \$\$ >>$2/cgroup.procs && echo \$\$ >$1.pid &&
	    exec setsid $3" </dev/null
done
END
cat >"$dir/bin/systemctl" <<END
#!/bin/sh
echo "\$(id -un) \$*" >>'$dir/systemctl.args'
[ ! -e '$dir/systemctl.fails' ] || {
	printf 'starting\nFailed: \033[31mno\n' >&2
	exit 1
}
: >'$dir/unit.stopped'
kill \$(cat '$dir/unit.pid' '$dir/mate.pid')
END
chmod +x "$dir/bin/systemctl" "$dir/bin/keeper"

again() {
	now=$(pid_of tun$$-unit) && [ -n "$now" ] && [ "$now" != "$old" ]
}

unit=$mine.service
if can "a unit is refused" "no control groups" group "$unit"; then
	p=$(free_port) q=$(free_port)
	keeper "$dir/unit" "$group" \
	    "ssh -F '$dir/config' -N -L $p:$target tun$$-unit" \
	    </dev/null >/dev/null 2>&1 &
	keeper=$!
	remember "$keeper"
	sh -c "echo \$\$ >$group/cgroup.procs && echo \$\$ >$dir/mate.pid &&
	    exec setsid ssh -F '$dir/config' -N -L $q:$target tun$$-mate" \
	    </dev/null >/dev/null 2>&1 &
	mate=$!
	remember "$mate"
	wait_for listens "$p"
	wait_for listens "$q"
	exits "a unit is refused" 3 tunkill ":$p"
	like "  with the command" "$err" "systemctl stop -- $unit"
	ok "  and not told" test ! -e "$dir/systemctl.args"
	old=$(pid_of tun$$-unit)
	kill "$old"
	ok "  by hand it comes back" wait_for again
	wait_for listens "$p"
	run tunkill -n --supervisor ":$p"
	like "what else the unit has is shown" "$out" \
	    "with it: ssh $mate .tun$$-mate., of the same unit"
	run sh -c "echo \$\$ >$group/cgroup.procs &&
	    exec tunkill --supervisor :$p"
	is "what would end ourselves is refused" "$status" 3
	like "  and that is why" "$err" "$unit is what runs this command, too"
	: >"$dir/systemctl.fails"
	exits "a systemctl that fails" 3 tunkill --supervisor ":$p"
	like "  has its last words told, escaped" "$err" \
	    'systemctl failed: Failed: .033.31mno$'
	ok "  and nothing has ended" eval 'listens "$p" && listens "$q"'
	rm "$dir/systemctl.fails" "$dir/systemctl.args"
	run tunkill -a -e --supervisor tun$$-unit tun$$-mate
	is "--supervisor ends both" "$status$err" 0
	like "  and says so" "$(printf %s "$out" | tr '\n' ' ')" \
	    "L.*: ended ssh .* L.*: ended ssh"
	is "  by one command" "$(cat "$dir/systemctl.args")" \
	    "$(id -un) stop -- $unit"
	wait "$keeper" "$mate" 2>/dev/null
	stays_silent "  nothing comes back" "$p"
fi

# --- two users, and root

if is_root "two users" && has "two users" useradd setpriv; then
	a=tuna$$ b=tunb$$
	make_users "$a" "$b"
	config_for "$a"
	chmod 755 "$dir/bin"
	# The tools are where only their owner may go.
	cp "$top/tools/tunkill" "$top/tools/tunps" "$top/tools/tuncheck" \
	    "$dir/bin"
	p=$(free_port) q=$(free_port)
	as "$a" ssh -F "$dir/$a/config" -fN -M -S "$dir/$a/m" -L "$p:$target" \
	    -L "$dir/$a/u:$target" -D "$q" tun$$-user </dev/null >/dev/null 2>&1
	pid=$(tunps -e -t tun$$-user 2>/dev/null)
	ok "a user's tunnel" alive "$pid"
	exits "is none of another's" 1 as "$b" tunkill ":$p"
	exits "who asks for it is refused" 3 as "$b" tunkill -u "$a" tun$$-user
	like "  with whose it is" "$err" "it is $a's"
	exits "by PID too" 3 as "$b" tunkill -p "$pid"
	ok "  it stays" listens "$p"
	exits "root's own are root's" 1 tunkill ":$p"
	for word in "$p" ":$p" "L$p" "$pid" "tun$$-user" "$dir/$a/m" \
	    "$dir/$a/u" "D$q" "$target"; do
		run tunkill -n "$word"
		is "root is told whose it is: $word" "$status $err" \
		    "1 tunkill: $word: it is $a's (ssh $pid): -u $a names it"
	done
	for word in "$p" "D$q" "$pid" "tun$$-user"; do
		run tuncheck "$word"
		is "  tuncheck: $word" "$status $err" \
		    "1 tuncheck: $word: it is $a's (ssh $pid): -u $a names it"
		for what in --again --keep; do
			run tunrun "$what" "$word"
			is "  tunrun $what: $word" "$status $err" "1 tunrun: \
$word: it is $a's (ssh $pid): run tunrun as that user"
		done
		run tunadd -n "$word" -L "1:h:1"
		is "  tunadd: $word" "$status $err" \
		    "1 tunadd: $word: it is $a's (ssh $pid)"
	done
	run as "$b" tuncheck ":$p"
	like "  another user, too" "$status $err" \
	    "^1 .*: it is $a's .ssh $pid.: only that user and root may ask it"
	exits "  with -u it is asked" 0 tuncheck -u "$a" "tun$$-user"
	works "root closes one forward" tunkill -u "$a" "$dir/$a/u"
	ok "  and its file is removed" test ! -e "$dir/$a/u"
	run tunkill -n -u "$a" tun$$-user
	like "root may end it" "$out" "end ssh $pid \(tun$$-user\) of $a by TERM"
	works "its user closes another" as "$a" tunkill ":$q"
	ok "  that port is free" silent "$q"
	works "root ends all of a user" tunkill -u "$a" -a -L -KILL --whole
	ok "  it is gone" ended "$pid"
	ok "  and its control socket" test ! -e "$dir/$a/m"

	# Root tells the manager of the user, as that user.
	uid=$(id -u "$a") p=$(free_port)
	cat >"$dir/bin/systemctl" <<-END
	#!/bin/sh
	echo "\$(id -un) \$* \$XDG_RUNTIME_DIR \$TUN_SECRET" >'$dir/$a/args'
	: >'$dir/$a/unit.stopped'
	kill \$(cat '$dir/$a/unit.pid')
	END
	if can "root runs it" "no control groups" \
	    group "user.slice/user-$uid.slice/user@$uid.service/$mine.service"; then
		keeper "$dir/$a/unit" "$group" "setpriv --reuid $a \
		    --regid $(id -g "$a") --clear-groups ssh -F '$dir/$a/config' -N \
		    -L $p:$target tun$$-theirs" </dev/null >/dev/null 2>&1 &
		keeper=$!
		remember "$keeper"
		wait_for listens "$p"
		run tunkill -n --supervisor -u "$a" ":$p"
		like "root is shown as whom it runs" "$out" \
		    "run systemctl --user stop -- $mine.service as $a, which ends"
		TUN_SECRET=secret run tunkill --supervisor -u "$a" ":$p"
		is "root runs it" "$status$err" 0
		is "  as that user, and tells nothing else" \
		    "$(cat "$dir/$a/args")" \
		    "$a --user stop -- $mine.service /run/user/$uid "
		wait "$keeper"
		ok "  the port is free" silent "$p"
	fi

	p=$(free_port)
	as "$a" ssh -F "$dir/$a/config" -fN -M -S "$dir/$a/m" -L "$p:$target" \
	    tun$$-mine </dev/null >/dev/null 2>&1
	works "its user ends it" as "$a" tunkill -e tun$$-mine
	ok "  the port is free" silent "$p"
fi

done_testing
