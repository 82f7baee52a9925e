#!/bin/sh
# shellcheck disable=SC2016,SC2154
# SPDX-License-Identifier: ISC
#
# The journal: what tunadd, tunrun and tunkill did is what tunps and tunkill
# know, as far as the sockets agree; and a journal that cannot be used.

. "$(dirname "$0")/sshd.sh"

require ss
[ -r /proc/sys/kernel/random/boot_id ] || skip_all "no name of the boot"
sshd_start || skip_all "$sshd_why"

journal=$dir/state/libfind/journal

# rows SELECTOR: state, target and source of what it selects.
rows() {
	tunps -anro id,state,target,source "$@"
}

# why SELECTOR: the evidence, on one line.
why() {
	tunps -anv "$@" | sed 1d | tr -s ' \n' ' '
}

# own_state SELECTOR: of the forward alone, whatever the state of its link.
own_state() {
	tunps -anv "$1" | sed -n 's/^ *forward \([a-z-]*\).*/\1/p'
}

# --- forwards that a master was given

master m -M
m=$path m_pid=$pid
l=$(free_port) r=$(free_port) d=$(free_port)
is "nothing was written for it" "$(ls "$dir/state" 2>/dev/null)" ""
works "a local one" tunadd -S "$m" -L "$l:$target"
is "  its row" "$(rows "L$l")" "L$l up $target journal"
like "  why" "$(why "L$l")" "because the journal says what was asked for"
works "a remote one" tunadd -S "$m" -R "$r:$target"
is "  its row" "$(rows "R$r")" "R$r up $target journal"
is "  and its state" "$(own_state "R$r")" remote
run tunadd -S "$m" -D "$d"
is "a dynamic one: its ID" "$status $out" "0 D$d"
is "  its row" "$(rows "D$d")" "D$d up socks journal"
works "a path" tunadd -S "$m" -L "$dir/u:$target"
is "  its row" "$(rows "L$dir/u")" "L$dir/u up $target journal"
is "without the journal nobody knows" "$(TUN_JOURNAL=off tunps -anro \
    id,target,source -p "$m_pid" | sort)" "$(printf '%s ? socket\n' \
    "L$dir/u" "L$d" "L$l" | sort)"
is "the file is the user's alone" "$(stat -c %a "$journal" "$dir/state/libfind" |
    tr '\n' ' ')" "600 700 "
for id in "L$l" "R$r" "D$d" "L$dir/u"; do
	exits "tunkill $id" 0 tunkill "$id"
done
ok "closed" silent "$l"
ok "  the remote one, too" silent "$r"
is "no row is left" "$(rows -p "$m_pid")" "M$m_pid up - -"
ok "the master lives" alive "$m_pid"

# --- what the sockets contradict

works "added" tunadd -S "$m" -L "$l:$target"
ssh -F none -S "$m" -O cancel -L "$l:$target" x 2>/dev/null
ok "closed by ssh" wait_for silent "$l"
is "has no row" "$(rows -p "$m_pid")" "M$m_pid up - -"
like "and -v says so" "$(why -p "$m_pid")" \
    "what the journal says of a forward is not so"
works "added, and added otherwise by ssh" tunadd -S "$m" -L "$l:$target"
ssh -F none -S "$m" -O cancel -L "$l:$target" x 2>/dev/null
ssh -F none -S "$m" -O forward -L "$l:127.0.0.1:9" x
ok "listens" wait_for listens "$l"
is "is not known to lead anywhere" "$(rows "L$l")" "L$l up ? socket"
exits "  and --expect does not say that it does" 3 \
    tunps -aq --expect "$target" "$l"
sed -i 's/^\([a-z]*\) \([0-9]*\) [0-9]*/\1 \2 7/' "$journal"
like "of another process with that number" "$(why -p "$m_pid")" \
    "what the journal has is of another process"
kill "$m_pid"

# --- closed on purpose, and opened again

p=$(free_port) q=$(free_port)
master c -M -L "$p:$target" -R "$q:$target"
exits "one of the command line is closed" 0 tunkill "L$p"
like "is no fault" "$(why "L$p")" \
    "released because the journal says that it was closed on purpose"
exits "of which nobody complains" 0 tunps -q --check "L$p"
exits "a remote one" 0 tunkill "R$q"
is "its row" "$(tunps -anro state "R$q")" released
ssh -F none -S "$path" -O forward -L "$p:$target" x
ok "opened by ssh" wait_for listens "$p"
is "it is bound" "$(own_state "L$p")" bound
like "and the journal is wrong" "$(why "L$p")" \
    "what the journal says of a forward is not so"
ssh -F none -S "$path" -O cancel -L "$p:$target" x 2>/dev/null
ok "closed by ssh" wait_for silent "$p"
works "opened by tunadd, to another target" tunadd -S "$path" \
    -L "$p:localhost:$sshd_port"
is "its row" "$(tunps -anro target,source "L$p")" \
    "localhost:$sshd_port journal"
exits "is closed with that target" 0 tunkill "L$p"
ok "so it is" silent "$p"
works "opened by tunadd" tunadd -S "$path" -R "$q:$target"
is "is open" "$(own_state "R$q")" remote
ssh -F none -S "$path" -O cancel -R "$q:$target" x 2>/dev/null
# The master has only asked the server when it says that this is done.
ok "closed by ssh" wait_for silent "$q"
exits "  so it is not open" 1 tunkill "R$q"
is "is known since the master said so" "$(tunps -anro state "R$q")" released
kill "$pid"

# --- started by tunrun, of which no command line is left

p=$(free_port) q=$(free_port)
printf '%s\n' "Host tunpersist" "    ControlMaster yes" \
    "    ControlPath $dir/persist" "    ControlPersist 60" >"$dir/p"
sed 's/^    ControlPath none//' "$dir/config" >>"$dir/p"
printf '%s\n' "Host tunpersist" "    HostName 127.0.0.1" >>"$dir/p"
run tunrun -l work ssh -F "$dir/p" -L "$p:$target" -R "$q:$target" \
    tunpersist true
pid=$out
is "a master with a title" "$status" 0 || note "$err"
remember "$pid"
like "  it is one" "$(ps -o args= -p "$pid")" "\[mux\]"
is "  its destination and label" "$(tunps -anro id,via,label -p "$pid" |
    sort)" "$(printf '%s tunpersist work\n' "L$p" "R$q")"
is "  is selected by it" "$(tunps -at @work)" "$pid"
is "  its forwards" "$(rows -p "$pid" | sort)" \
    "$(printf "%s up $target journal\n" "L$p" "R$q")"
like "  why" "$(why "L$p")" "tunnel up because .*the journal says what was asked for"
like "  no more of the environment than that" "$(grep -o 'env=[A-Z_]*' \
    "$journal" | sort -u | tr '\n' ' ')" 'env=TUN_LABEL $'
XDG_STATE_HOME=$dir/other run tunrun --keep "$pid"
is "  which --keep cannot know" "$status" 3
like "  and says so" "$err" "process $pid: not kept: a title has replaced"
before=$(cat "$journal")
run tunrun --keep "$pid"
is "  and has not to" "$status, $out, $err" "0, $pid, "
is "  as it is kept" "$(cat "$journal")" "$before"
exits "  ended on purpose" 0 tunkill -p "$pid"
like "  is written down" "$(tail -n 1 "$journal")" "^end $pid "

# --- kept

p=$(free_port)
master k -L "$p:$target"
run tunrun --keep "L$p" nosuch
is "--keep: the PID" "$status $out" "64 $pid"
like "  and what there is not" "$err" "nosuch: no such tunnel"
like "  with all of its words" "$(tail -n 1 "$journal")" \
    "^keep $pid .* cwd=[^ ]* .*arg=-fN arg=-L arg=$p:$target arg=tun\$"
fails "--keep of nothing" 1 "tunrun: nosuch: no such tunnel" \
    tunrun --keep nosuch
run tunrun --keep
is "--keep alone" "$status" 2
TUN_JOURNAL=off run tunrun --keep "L$p"
is "--keep without a journal" "$status" 3
start=$(tunps -anro start "L$p")
is_later() {
	[ "$(date +%s)" -gt "$((start + 1))" ]
}
wait_for is_later
run tunrun --keep "L$p"
kill "$pid"

# --- lost

p=$(free_port) q=$(free_port) r=$(free_port)
wait_for ended "$pid"
is "what was kept, and has ended" "$(tunps --lost -t)" "$pid"
is "  when it was started" "$(tunps --lost -nro start "$pid")" "$start"
rm -rf "$dir/state/libfind"
is "without a file" "$(tunps --lost -c)" 0
run tunrun -l web ssh -F "$dir/config" -fN -L "$p:$target" tunlost
lost=$out
remember "$lost"
run tunrun ssh -F "$dir/config" -fNM -S "$dir/lost" -D "$q" tunlost
master=$out
remember "$master"
works "a forward for it" tunadd -S "$dir/lost" -R "$r:$target"
like "--export has it" "$(tunps -a --export=sh -p "$master")" \
    "ssh -R $r:$target -F $dir/config -fNM -S $dir/lost -D $q tunlost"
fails "nothing is lost that runs" 1 "" tunps --lost
kill -s KILL "$lost" "$master"
ok "they are killed" wait_for ended "$master"
ok "  both" wait_for ended "$lost"
is "are lost" "$(tunps --lost -nro id,target,via,pid,label | sort)" \
    "$(printf '%s\n' "D$q socks tunlost $master -" \
    "L$p $target tunlost $lost web" "R$r $target tunlost $master -" | sort)"
like "  with when and how" "$(tunps --lost -n "L$p")" \
    "^L$p +20[0-9T:-]+ .* web +ssh -F $dir/config -fN -L $p:$target tunlost\$"
is "  as JSON" "$(tunps --lost -J @web | json '.tunnels[0].cmd[3]')" -fN
is "  without what was of the process" \
    "$(tunps --lost -j -o ppid,pgid,sid,age @web)" \
    '{"ppid":null,"pgid":null,"sid":null,"age":null}'
is "  nor is it in a table" "$(tunps --lost -nro ppid,age @web)" "? ?"
like "  as words" "$(tunps --lost --complete @)" \
    "^@web	$target via tunlost\$"
like "  in metrics" "$(tunps --metrics)" "ssh_tunnels_lost 2"
like "  and of what is lost" "$(tunps --lost --metrics "L$p")" \
    "ssh_tunnels_lost 2"
like "  as a command" "$(tunps --lost --export=sh @web)" \
    "TUN_LABEL=web ssh -F $dir/config -fN -L $p:$target tunlost"
works "started again by hand" ssh -F "$dir/config" -fN -L "$p:$target" tunlost
is "  it is lost no more" "$(tunps --lost -t | tr '\n' ' ')" "$master "
pid=$(tunps -at "L$p")
remember "$pid"
exits "  and ended" 0 tunkill "$pid"
is "  it is lost again" "$(tunps --lost -c)" 2
run tunrun -l web ssh -F "$dir/config" -fN -L "$p:$target" tunlost
remember "$out"
exits "started by tunrun, and ended" 0 tunkill "$out"
is "  it is lost no more" "$(tunps --lost -t | tr '\n' ' ')" "$master "
run nohup tunrun ssh -F "$dir/config" -fN -L "$p:$target" tunlost
pid=$out
remember "$pid"
tunkill -w 60 -HUP "$pid" &
ending=$!
ok "what is ended on purpose is written down before it has ended" \
    wait_for grep -q "^end $pid " "$journal"
kill "$ending" "$pid"
wait "$ending"
ok "  tunkill is interrupted" wait_for ended "$pid"
is "  it is not lost" "$(tunps --lost -t | tr '\n' ' ')" "$master "
fails "--forget of nothing" 1 "tunps: L$p: the journal has no such tunnel" \
    tunps --forget "L$p"
fails "--forget" 64 "tunps: nosuch: the journal has no such tunnel" \
    tunps --forget "R$r" nosuch
is "  it is not lost" "$(tunps --lost -c)" 0
ok "  nor known" not grep -q " $master " "$journal"
sed -n 's/^start [0-9]* [0-9]* [0-9]* [0-9]* [^ ]* [^ ]*/start 1 7 0 1 b\/1 far/p' \
    "$journal" >"$dir/far"
cat "$dir/far" >>"$journal"
is "another machine's is not known" "$(tunps --lost -c)" 0
run tunps --lost --check
is "--lost cannot ask" "$status" 2
run tunps --forget
is "--forget wants a name" "$status" 2
fails "--lost without a journal" 3 "tunps: the journal: it is not used" \
    env TUN_JOURNAL=off tunps --lost

# --- which words are lost

# Words that lead to other files from another directory.
mkdir "$dir/p1" "$dir/p2"
for i in p1 p2; do
	port=$(free_port)
	printf 'Host tunplace\n    LocalForward %s %s\n' "$port" "$target" |
	    cat - "$dir/config" >"$dir/$i/conf"
	(cd "$dir/$i" && exec tunrun ssh -F conf -fN tunplace) >"$dir/$i/pid"
	eval "$i=\$(cat '$dir/$i/pid')"
done
# shellcheck disable=SC2154
kill -s KILL "$p1"
wait_for ended "$p1"
is "the same words in another directory are another tunnel" \
    "$(tunps --lost -t tunplace)" "$p1"
works "  the same command in its own directory" \
    sh -c "cd '$dir/p1' && exec ssh -F conf -fN tunplace"
is "  is the same one" "$(tunps --lost -t tunplace)" ""
tunkill -q -a tunplace

# What another program has started: its words are the recipe.
p=$(free_port)
printf '#!/bin/sh\nexec ssh -F %s "$@"\n' "$dir/config" >"$dir/mine"
chmod +x "$dir/mine"
run tunrun "$dir/mine" -fN -L "$p:$target" tunmine
kill -s KILL "$out"
wait_for ended "$out"
is "the words of another program are not ssh's" \
    "$(tunps --lost -nro id,via "$out")" "M$out ?"
is "  and are what starts it again" "$(tunps --lost --export=sh "$out" |
    tail -n 1)" "(cd $PWD && $dir/mine -fN -L $p:$target tunmine)"
like "  by nothing else" "$(tunps --lost --export=systemd "$out")" \
    "^# its ssh was started by $dir/mine: only sh can start that again\$"
tunps --forget "$out"
if command -v autossh >/dev/null; then
	run tunrun autossh -f -M 0 -N -F "$dir/config" -L "$p:$target" tunauto
	pid=$out
	auto=$(tunps -nro ppid "$pid")
	kill -s KILL "$auto" "$pid"
	wait_for ended "$pid"
	is "autossh has a port of its own" \
	    "$(tunps --lost -nro id,via tunauto)" "L$p tunauto"
	is "  and is what starts it again" "$(tunps --lost --export=sh "$pid" |
	    tail -n 1)" "(cd $PWD && autossh -f -M 0 -N -F $dir/config \
-L $p:$target tunauto)"
	tunps --forget "$pid"
else
	skip "autossh has a port of its own" "no autossh"
fi

# --- a journal that cannot be used

# refused NAME WHY COMMAND: says why and goes on, and tunadd does, too.
refused() {
	rm -rf "$dir/state/libfind"
	mkdir -p "$dir/state/libfind"
	chmod 700 "$dir/state/libfind"
	(cd "$dir/state/libfind" && eval "$3")
	run tunps -anro id "$m_pid"
	is "$1: tunps" "$status $out$err" \
	    "0 L${own}tunps: $journal: the journal cannot be used: $2"
	port=$(free_port)
	run tunadd -S "$m" -L "$port:$target"
	is "  tunadd" "$status $out $err" \
	    "0 L$port tunadd: $journal: not written to the journal: $2"
	exits "  and without it, that is all" 0 tunkill "$port:$target"
}

own=$(free_port)
master m2 -M -L "$own:$target"
m=$path m_pid=$pid
refused "a FIFO" "it is no regular file" "mkfifo journal"
refused "a link" "it is a link" "ln -s /etc/passwd journal"
refused "another version" "it is of another version" \
    "echo 'libfind-journal 2' >journal"
is "  which is left alone" "$(cat "$journal")" "libfind-journal 2"
refused "others may write" "others may write to its directory" \
    "echo 'libfind-journal 1' >journal; chmod 770 ."
refused "too large" "it is too large" "truncate -s 5M journal"
if [ "$(id -u)" -eq 0 ]; then
	refused "another user's" "its directory is another user's" \
	    "echo 'libfind-journal 1' >journal; chown 12345 ."
else
	skip "another user's" "needs root"
fi
rm -rf "$dir/state/libfind"
mkdir "$dir/tmpfs"
if mount -t tmpfs -o size=4k,mode=700 tmpfs "$dir/tmpfs" 2>/dev/null; then
	XDG_STATE_HOME=$dir/tmpfs/state
	written="$XDG_STATE_HOME/libfind/journal: not written to the journal"
	mkdir -p "$dir/tmpfs/state/libfind"
	dd if=/dev/zero of="$dir/tmpfs/state/libfind/fill" bs=1k count=8 \
	    2>/dev/null
	run tunadd -S "$m" -R "$(free_port):$target"
	like "a full disk" "$status $err" \
	    "0 tunadd: $written: No space left on device"
	run tunps -anro id "$m_pid"
	is "  tunps" "$status $out$err" "0 L$own"
	mount -o remount,ro "$dir/tmpfs"
	rm -rf "$dir/tmpfs/state/libfind" 2>/dev/null
	port=$(free_port)
	run tunadd -S "$m" -R "$port:$target"
	is "a read-only home" "$status $out $err" \
	    "0 R$port tunadd: $written: Read-only file system"
	umount "$dir/tmpfs"
	XDG_STATE_HOME=$dir/state
	export XDG_STATE_HOME
else
	skip "a full disk" "no mount"
fi
if [ "$(id -u)" -eq 0 ]; then
	mkdir "$dir/theirs"
	chown 12345 "$dir/theirs"
	XDG_STATE_HOME=$dir/theirs HOME=$dir/theirs run tunps -anro id "$m_pid"
	is "root leaves another user's home alone" "$status $out$err" "0 L$own"
	port=$(free_port)
	XDG_STATE_HOME=$dir/theirs HOME=$dir/theirs \
	    run tunadd -n -S "$m" -L "$port:$target"
	is "  and writes nothing there" "$(ls -A "$dir/theirs")" ""
else
	skip "root leaves another user's home alone" "needs root"
fi
kill "$m_pid"

# --- looking starts nothing and connects to nothing

p=$(free_port)
master s -M -L "$p:$target"
works "a journal that is in use" tunadd -S "$path" -R "$(free_port):$target"
if sanitized "$top/libfind.a"; then
	skip "tunps starts nothing and connects to nothing" \
	    "a sanitizer starts a thread"
elif command -v strace >/dev/null; then
	strace -f -o "$dir/trace" -e trace=execve,connect,fork,vfork,clone,clone3 \
	    tunps -a >/dev/null
	is "tunps starts nothing and connects to nothing" \
	    "$(grep -v '+++' "$dir/trace" | sed 1d)" ""
else
	skip "tunps starts nothing and connects to nothing" "no strace"
fi
kill "$pid"

done_testing
