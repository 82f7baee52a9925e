#!/bin/sh
# shellcheck disable=SC2016
# SPDX-License-Identifier: ISC
#
# What tunkill does not end because not all that would go was named, or can be
# known: masters, titles, tokens, ssh_config.  Each refusal names options, and
# with exactly these the same words work.

# shellcheck source=tests/tools/lib.sh
. "$(dirname "$0")/../tools/lib.sh"
# shellcheck source=tests/live/sshd.sh
. "$(dirname "$0")/sshd.sh"
# shellcheck source=tests/live/end.sh
. "$(dirname "$0")/end.sh"

# refused NAME WORD REGEX: nothing is done, and this is why.
refused() {
	run tunkill -n "$2"
	is "$1: refused with -n" "$status" 3
	run tunkill "$2"
	is "$1: refused" "$status $out" "3 "
	like "$1: why" "$err" "$3"
}

# works NAME WORD OPTIONS: those are the options that the refusal has named,
# fewer are refused again, and all of them end it.
works() {
	run tunkill "$2"
	named=$(printf '%s\n' "$err" | grep -o -e ' --[a-z]*' | tr -d '\n')
	is "$1: the options that make it work" "$named" "$3"
	for each in $3; do
		[ " $each" != "$3" ] || break
		run tunkill "$each" "$2"
		is "$1: $each is not enough" "$status" 3
	done
	# shellcheck disable=SC2086
	run tunkill $3 "$2"
	is "$1: with them it ends" "$status$err" 0
}

# --- a master, and forwards that were added to it

p=$(free_port) q=$(free_port) r=$(free_port) d=$(free_port) s=$(free_port)
tunnel bare -M -S "$dir/m"
master=$pid
# added WORDS...: by another ssh.
added() {
	ssh -F "$dir/config" -S "$dir/m" -O forward "$@" "tun$$-x" 2>/dev/null
}
added -L "$p:$target" -R "$r:$target" -D "$d" -R "$s:$target"
ok "a master that forwards" eval 'listens "$p" && listens "$r" && listens "$d"'
refused "a listener of a master" "$p" "target of L$p is not known"
refused "two of its listeners" "L$d" "also carries L$p"
run tunkill -a -L
is "all local ones: the master is none" "$status" 3
ok "  they stay" eval 'alive "$master" && listens "$p" && listens "$d"'
run tunkill -e "L$p:$target"
is "in full" "$status$err $out" "0 L$p: closed in ssh $master"
ok "  it listens no more" silent "$p"
added -L "$dir/added.sock:$target"
run tunkill "$dir/added.sock:$target"
is "on a path, in full" "$status$err" 0
ok "  its file is removed" test ! -e "$dir/added.sock"
run tunkill -n "R$r:$target"
is "a remote one that no row shows" "$status $out" \
    "0 R$r:$target: have master ssh $master (tun$$-bare) close it
    why: named by R$r:$target"
run tunkill -e "R$r:$target"
is "  is closed" "$status$err $out" "0 R$r:$target: closed in ssh $master"
ok "  before we are told so" silent "$r"
run tunkill "R$r:$target"
is "  once" "$status" 1
like "  and the master says so" "$err" "R$r:$target: the master: "
run tunkill "$s:$target"
is "without its letter" "$status$err" 0
ok "  it listens no more" silent "$s"
run tunkill "R$q"
is "a remote dynamic one that the master does not have" "$status" 1
like "  and the master says so" "$err" "R$q: the master: "
run tunkill "L$q:$target"
is "a local one that nobody has" "$status" 1
run tunkill "D$d"
is "a dynamic one is in full by its port" "$status$err" 0
ok "  it listens no more" silent "$d"
ok "the master lives" alive "$master"

added -R "$r:$target"
tunnel second -M -S "$dir/m2"
run tunkill "R$r:$target"
is "two masters: none is asked" "$status" 2
like "  both are named" "$err" \
    "2 masters could have it: ssh .*bare.*, ssh .*second.*; say which by -S"
ok "  it listens" listens "$r"
run tunkill -S "$dir/m2" "R$r:$target"
is "-S: the wrong one" "$status" 1
ok "  it listens" listens "$r"
run tunkill -p "$master" "R$r:$target"
is "-p: the right one" "$status$err" 0
ok "  it listens no more" silent "$r"

added -R "$r:$target"
run tunkill -n "$dir/m"
like "the plan for a master" "$out" "not seen: remote forwards that were added"
run tunkill "$dir/m" "$dir/m2"
is "masters by their paths" "$status$err" 0
ok "  the remote one has ended, too" wait_for silent "$r"

# --- a master whose own command line has one forward

p=$(free_port)
tunnel single -M -S "$dir/m" -L "$p:$target"
run tunkill "$p"
is "its only forward: the master closes it" "$status$err" 0
ok "  and lives" alive "$pid"
run tunkill "$dir/m"

rm -f "$dir/gone"
p=$(free_port)
tunnel lost -M -S "$dir/gone" -L "$p:$target"
rm "$dir/gone"
refused "its path is gone" "$p" "the path of the control socket is gone"
works "its path is gone" "$p" " --whole"
ok "  it has ended" ended "$pid"

# --- titles

p=$(free_port) r=$(free_port)
tunnel stop -M -S "$dir/m" -L "$p:$target" -R "$r:$target"
stopped=$pid
mkfifo "$dir/leash"
ssh -F "$dir/config" -S "$dir/m" "tun$$-stop" cat <"$dir/leash" >/dev/null \
    2>&1 &
remember $!
exec 8>"$dir/leash"
wait_for sh -c "[ \$(tunps -a -J tun$$-stop | grep -c '\"cat\"') -ge 1 ]"
ssh -F "$dir/config" -S "$dir/m" -O stop "tun$$-x" 2>/dev/null
wait_for eval "tr '\\0' ' ' </proc/$stopped/cmdline | grep -q stopped"
refused "a master that was told to stop" "L$p" "perhaps a shell or command"
ok "  its remote forward stays" listens "$r"
run tunkill "$stopped"
is "  its PID: a session may be there" "$status" 3
like "  and that is said" "$err" "may carry a shell or command.*: --sessions"
works "a master that was told to stop" "L$p" " --whole --sessions"
ok "  it is gone" eval 'ended "$stopped" && wait_for silent "$r"'
exec 8>&-

p=$(free_port)
ssh -F "$dir/config" -o ControlMaster=auto -o "ControlPath=$dir/cp" \
    -o ControlPersist=60 -L "$p:$target" "tun$$-persist" true </dev/null \
    >/dev/null 2>&1
wait_for listed "$dir/cp"
refused "the forward of a [mux] master" "$p" "target of L$p is not known"
works "the forward of a [mux] master" "$p" " --whole"
ok "  it is gone" silent "$p"

# --- what cannot be read

p=$(free_port) q=$(free_port)
cd "$dir" || exit 1
for spec in "-R $dir/%k.sock:$target" "-L $dir/%k.sock:$target" \
    "-L $q:$dir/%k.sock"; do
	# shellcheck disable=SC2086
	tunnel "token" -L "$p:$target" $spec
	is "a token: two rows: $spec" \
	    "$(tunps -a -rn -o id "tun$$-token" | wc -l | tr -d ' ')" 2
	is "  healthy enough" "$(tunps -a -rn -o state "L$p")" up
	refused "beside one with a token" "$p" "also carries [LR][^ ]*, and"
	works "beside one with a token" "$p" " --whole"
	rm -f "$dir"/*.sock
done

# --- ssh_config

r=$(free_port)
cat - "$dir/config" >"$dir/config2" <<END
Host tun$$-cfg
    LocalForward $q $target
    RemoteForward $r $target
Host tun$$-cmd
    RemoteCommand sleep 60
END
ssh -F "$dir/config2" -fN "tun$$-cfg" </dev/null >/dev/null 2>&1
wait_for listens "$r"
refused "a forward of ssh_config" "$q" "remote ones of ssh_config"
ok "  the other stays" listens "$r"
works "a forward of ssh_config" "$q" " --whole"
ok "  both have ended" eval 'silent "$q" && wait_for silent "$r"'

# --- commands

p=$(free_port)
ssh -F "$dir/config" -f -o "RemoteCommand=sleep 60" -L "$p:$target" \
    "tun$$-remote" </dev/null >/dev/null 2>&1
refused "RemoteCommand by -o" "$p" "also carries a shell or command"
refused "  by its name" "tun$$-remote" "a shell or command runs in it"
works "  by its name" "tun$$-remote" " --sessions"
ssh -F "$dir/config2" -f -L "$p:$target" "tun$$-cmd" </dev/null >/dev/null 2>&1
run tunkill -n "$p"
like "RemoteCommand in ssh_config: not known, and said so" "$out" \
    "not seen: whether ssh_config has it run a command"
run tunkill "$p"
is "  and no reason against" "$status$err" 0
ssh -F "$dir/config" -fN -o "RemoteCommand=sleep 60" -L "$p:$target" \
    "tun$$-none" </dev/null >/dev/null 2>&1
run tunkill -n "$p"
unlike "with -N no command runs" "$out" "not seen|command"
run tunkill "$p"
is "  and it ends" "$status$err" 0

# --- who is connected

if command -v python3 >/dev/null; then
	p=$(free_port)
	tunnel many -L "$p:$target"
	python3 -c "
import socket, sys
v = [socket.create_connection(('127.0.0.1', $p)) for i in range(40)]
print('up', flush=True)
sys.stdin.read()" <"$dir/leash" >"$dir/many" 2>&1 &
	client=$!
	remember "$client"
	exec 8>"$dir/leash"
	wait_for grep -q up "$dir/many"
	wait_for sh -c "tunps -rn -o conns L$p | grep -q 40"
	run tunkill -n "$p"
	is "a client is named once" "$(printf '%s\n' "$out" |
	    grep -o "python[^ ]*($client).*")" "$(printf '%s\n' "$out" |
	    grep -o "python[^ (]*" | head -1)($client) (40 times)"
	exec 8>&-
	run tunkill "$p"
else
	skip "a client is named once" "no python3"
fi
p=$(free_port) q=$(free_port)
tunnel outer -L "$p:$target"
ssh -F "$dir/config" -p "$p" -fN -L "$q:$target" "tun$$-inner" </dev/null \
    >/dev/null 2>&1
run tunkill -n "$p"
like "a client that is a tunnel has its ID" "$out" \
    "1 connection of L$p: ssh.$(pid_of "tun$$-inner"). = L$q\$"

done_testing
