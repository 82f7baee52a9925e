#!/bin/sh
# shellcheck disable=SC2016
# SPDX-License-Identifier: ISC
#
# What tunkill does not end because not all that would go was named, or can be
# known: masters, titles, tokens, ssh_config.  Each refusal names options, and
# with exactly these the same words work.

. "$(dirname "$0")/end.sh"

# refused NAME WORD REGEX: nothing is done, and this is why.
refused() {
	exits "$1: refused with -n" 3 tunkill -n "$2"
	run tunkill "$2"
	is "$1: refused" "$status $out" "3 "
	like "$1: why" "$err" "$3"
}

# needs NAME WORD OPTIONS: those are the options that the refusal has named,
# fewer are refused again, and all of them end it.
needs() {
	run tunkill "$2"
	named=$(printf '%s\n' "$err" | grep -o -e ' --[a-z]*' | tr -d '\n')
	is "$1: the options that make it work" "$named" "$3"
	for each in $3; do
		[ " $each" != "$3" ] || break
		exits "$1: $each is not enough" 3 tunkill "$each" "$2"
	done
	# shellcheck disable=SC2086
	works "$1: with them it ends" tunkill $3 "$2"
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
exits "all local ones: the master is none" 3 tunkill -a -L
ok "  they stay" eval 'alive "$master" && listens "$p" && listens "$d"'
prints "in full" "L$p: closed in ssh $master" tunkill -e "L$p:$target"
ok "  it listens no more" silent "$p"
added -L "$dir/added.sock:$target"
works "on a path, in full" tunkill "$dir/added.sock:$target"
ok "  its file is removed" test ! -e "$dir/added.sock"
for bind in 127.0.0.2: 127.0.0.1: "*:" 0.0.0.0: localhost: ""; do
	p=$(free_port)
	added -L "$bind$p:$target"
	run tunkill "$p"
	word=$(printf '%s\n' "$err" |
	    sed -n 's/.*in full (\(L.*\):HOST:PORT, or D.*).*/\1/p')
	[ "$bind" != 127.0.0.2: ] || exits "$bind: not as localhost" 1 \
	    tunkill "L$p:$target"
	works "$bind: in full, as the refusal says" tunkill "$word:$target"
	ok "  it listens no more" silent "$p"
	added -D "$bind$p"
	run tunkill "$p"
	word=$(printf '%s\n' "$err" | sed -n 's/.*, or \(D.*\) if it.*/\1/p')
	works "$bind: a -D, as the refusal says" tunkill "$word"
	ok "  it listens no more" silent "$p"
done
run tunkill -n "R$r:$target"
is "a remote one that no row shows" "$status $out" \
    "0 R$r:$target: have master ssh $master (tun$$-bare) close it
    why: named by R$r:$target"
run tunkill -e "R$r:$target"
is "  is closed" "$status$err $out" "0 R$r:$target: closed in ssh $master"
ok "  before we are told so" silent "$r"
exits "  once" 1 tunkill "R$r:$target"
like "  and the master says so" "$err" "R$r:$target: the master: "
exits "one with a target, by its port" 1 tunkill "R$s"
like "  has to be given in full" "$err" \
    "^tunkill: R$s: the master has none .*in full \(R$s:HOST:PORT\)\$"
ok "  it listens" listens "$s"
works "without its letter" tunkill "$s:$target"
ok "  it listens no more" silent "$s"
exits "a remote dynamic one that the master does not have" 1 tunkill "R$q"
like "  and the master says so" "$err" "R$q: the master has none "
exits "a local one that nobody has" 1 tunkill "L$q:$target"
works "a dynamic one is in full by its port" tunkill "D$d"
ok "  it listens no more" silent "$d"
ok "the master lives" alive "$master"

added -R "$r:$target"
tunnel second -M -S "$dir/m2"
exits "two masters: none is asked" 2 tunkill "R$r:$target"
like "  both are named" "$err" \
    "2 masters could have it: ssh .*bare.*, ssh .*second.*; say which by -S"
ok "  it listens" listens "$r"
exits "-S: the wrong one" 1 tunkill -S "$dir/m2" "R$r:$target"
ok "  it listens" listens "$r"
works "-p: the right one" tunkill -p "$master" "R$r:$target"
ok "  it listens no more" silent "$r"

added -R "$r:$target"
run tunkill -n "$dir/m"
like "the plan for a master" "$out" "not seen: remote forwards that were added"
works "masters by their paths" tunkill "$dir/m" "$dir/m2"
ok "  the remote one has ended, too" wait_for silent "$r"

# --- a master whose own command line has one forward

p=$(free_port)
tunnel single -M -S "$dir/m" -L "$p:$target"
works "its only forward: the master closes it" tunkill "$p"
ok "  and lives" alive "$pid"
run tunkill "$dir/m"

rm -f "$dir/gone"
p=$(free_port)
tunnel lost -M -S "$dir/gone" -L "$p:$target"
rm "$dir/gone"
refused "its path is gone" "$p" "the path of the control socket is gone"
needs "its path is gone" "$p" " --whole"
ok "  it has ended" ended "$pid"

# --- titles

p=$(free_port) r=$(free_port)
tunnel stop -M -S "$dir/m" -L "$p:$target" -R "$r:$target"
stopped=$pid
leash ssh -F "$dir/config" -S "$dir/m" "tun$$-stop" "echo runs; cat"
remember "$leashed"
wait_for grep -q runs "$dir/leashed"
ssh -F "$dir/config" -S "$dir/m" -O stop "tun$$-x" 2>/dev/null
wait_for eval "tr '\\0' ' ' </proc/$stopped/cmdline | grep -q stopped"
refused "a master that was told to stop" "L$p" "perhaps a shell or command"
ok "  its remote forward stays" listens "$r"
exits "  its PID: a session may be there" 3 tunkill "$stopped"
like "  and that is said" "$err" "may carry a shell or command.*: --sessions"
needs "a master that was told to stop" "L$p" " --whole --sessions"
ok "  it is gone" eval 'ended "$stopped" && wait_for silent "$r"'
unleash

p=$(free_port)
ssh -F "$dir/config" -o ControlMaster=auto -o "ControlPath=$dir/cp" \
    -o ControlPersist=60 -L "$p:$target" "tun$$-persist" true </dev/null \
    >/dev/null 2>&1
wait_for listed "$dir/cp"
refused "the forward of a [mux] master" "$p" "target of L$p is not known"
needs "the forward of a [mux] master" "$p" " --whole"
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
	needs "beside one with a token" "$p" " --whole"
	rm -f "$dir"/*.sock
done

# --- ssh_config

r=$(free_port)
cat - "$dir/config" >"$dir/config2" <<END
IgnoreUnknown SessionType
Host tun$$-cfg
    LocalForward $q $target
    RemoteForward $r $target
Host tun$$-cmd
    RemoteCommand sleep 60
Host tun$$-nocmd
    SessionType none
END
ssh -F "$dir/config2" -fN "tun$$-cfg" </dev/null >/dev/null 2>&1
wait_for listens "$r"
refused "a forward of ssh_config" "$q" "remote ones of ssh_config"
ok "  the other stays" listens "$r"
needs "a forward of ssh_config" "$q" " --whole"
ok "  both have ended" eval 'silent "$q" && wait_for silent "$r"'

# --- commands

p=$(free_port)
ssh -F "$dir/config" -f -o "RemoteCommand=sleep 60" -L "$p:$target" \
    "tun$$-remote" </dev/null >/dev/null 2>&1
refused "RemoteCommand by -o" "$p" "also carries a shell or command"
refused "  by its name" "tun$$-remote" "a shell or command runs in it"
needs "  by its name" "tun$$-remote" " --sessions"
ssh -F "$dir/config2" -f -L "$p:$target" "tun$$-cmd" </dev/null >/dev/null 2>&1
refused "RemoteCommand in ssh_config" "$p" "perhaps a shell or command"
refused "  by its name" "tun$$-cmd" "a shell or command may run in it"
run tunkill -n --sessions "tun$$-cmd"
like "  not known, and said so" "$out" \
    "not seen: whether ssh_config has it run a command"
needs "RemoteCommand in ssh_config" "tun$$-cmd" " --sessions"
mkfifo "$dir/input"
exec 8<>"$dir/input"
(setsid ssh -F "$dir/config" -T -L "$p:$target" "tun$$-shell" \
    <"$dir/input" >/dev/null 2>&1 &)
wait_for listens "$p"
run tunkill --config "tun$$-shell"
like "a shell whose starter has gone: known with --config" "$status $err" \
    "^3 .*: a shell or command runs in it: --sessions"
needs "a shell whose starter has gone" "tun$$-shell" " --sessions"
exec 8>&-
if can "SessionType none in ssh_config" "this ssh has no SessionType" \
    has_keyword SessionType=none; then
	ssh -F "$dir/config2" -f -L "$p:$target" "tun$$-nocmd" </dev/null \
	    >/dev/null 2>&1
	refused "SessionType none in ssh_config" "$p" \
	    "perhaps a shell or command"
	works "  is known with --config" tunkill --config "$p"
fi
ssh -F "$dir/config" -fN -o "RemoteCommand=sleep 60" -L "$p:$target" \
    "tun$$-none" </dev/null >/dev/null 2>&1
run tunkill -n "$p"
unlike "with -N no command runs" "$out" "not seen|command"
works "  and it ends" tunkill "$p"

# --- who is connected

if has "a client is named once" python3; then
	p=$(free_port)
	tunnel many -L "$p:$target"
	leash python3 -c "
import socket, sys
v = [socket.create_connection(('127.0.0.1', $p)) for i in range(40)]
print('up', flush=True)
sys.stdin.read()"
	client=$leashed
	remember "$client"
	wait_for grep -q up "$dir/leashed"
	wait_for sh -c "tunps -rn -o conns L$p | grep -q 40"
	run tunkill -n "$p"
	is "a client is named once" "$(printf '%s\n' "$out" |
	    grep -o "python[^ ]*($client).*")" "$(printf '%s\n' "$out" |
	    grep -o "python[^ (]*" | head -1)($client) (40 times)"
	unleash
	run tunkill "$p"
fi
p=$(free_port) q=$(free_port)
tunnel outer -L "$p:$target"
ssh -F "$dir/config" -p "$p" -fN -L "$q:$target" "tun$$-inner" </dev/null \
    >/dev/null 2>&1
run tunkill -n "$p"
like "a client that is a tunnel has its ID" "$out" \
    "1 connection of L$p: ssh.$(pid_of "tun$$-inner"). = L$q\$"
if is_root "and so has one through a session of sshd"; then
	p=$(free_port) q=$(free_port)
	tunnel served -R "$p:127.0.0.1:$sshd_port"
	ssh -F "$dir/config" -p "$p" -fN -L "$q:$target" "tun$$-through" \
	    </dev/null >/dev/null 2>&1
	run tunkill --server -n "$p"
	like "and so has one through a session of sshd" "$out" \
	    "1 connection of R$p: ssh.$(pid_of "tun$$-through"). = L$q\$"
fi

done_testing
