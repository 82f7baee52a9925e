#!/bin/sh
# shellcheck disable=SC2015,SC2086
# SPDX-License-Identifier: ISC
#
# A container looks the same from outside and from inside: the origin of an
# ssh in a PID namespace does not depend on where tunps runs.

. "$(dirname "$0")/sshd.sh"

[ "$(id -u)" -eq 0 ] && command -v unshare >/dev/null &&
    command -v nsenter >/dev/null || skip_all "not root, or no unshare"
unshare --pid --fork --mount-proc true 2>/dev/null ||
    skip_all "no PID namespaces here"
sshd_start || skip_all "$sshd_why"
t=tun$$
box="--pid --fork --kill-child --mount-proc --"

# What a runtime is called does not matter.
mkdir "$dir/bin"
cp "$(command -v unshare)" "$dir/bin/mybox"
PATH=$dir/bin:$PATH

# origin PORT [PID]: from here, or from the namespaces of that process.
origin() {
	if [ $# -eq 1 ]; then
		tunps -a -rn -o origin "$1" 2>&1
	else
		nsenter -t "$2" -p -m -- "$top/tools/tunps" -a -rn \
		    -o origin "$1" 2>&1
	fi
}

# start COMMAND...: a container, which ends with the script: unshare(1) takes no
# TERM while it waits.
containers=
start() {
	"$@" </dev/null >/dev/null 2>&1 &
	containers="$containers $!"
}
end_containers() {
	# shellcheck disable=SC2086
	[ -z "$containers" ] || kill -s KILL $containers 2>/dev/null
}
at_exit end_containers

# same NAME WANT: of the ssh that listens on $p.
same() {
	wait_for listed "$p"
	pid=$(tunps -a -t "$p" 2>/dev/null)
	is "$1: from outside" "$(origin "$p")" "$2"
	is "$1: from inside" "$(origin "$p" "$pid")" "$2"
}

# kept NAME: tunkill does not end that ssh, since its container may end, too;
# --supervisor does not help.
kept() {
	ssh_pid=$pid
	while [ "$(awk '/^NSpid:/ { print $NF }' "/proc/$pid/status")" != 1 ]; do
		pid=$(ps -o ppid= -p "$pid" | tr -d ' ')
	done
	fails "$1" 3 "tunkill: L$p: its container may end with it: stop the \
container instead ($(ps -o comm= -p "$pid") $pid)" tunkill --supervisor "$p"
	ok "  it is there" alive "$ssh_pid"
	run nsenter -t "$ssh_pid" -p -m -- "$top/tools/tunkill" -n "$p"
	like "  nor from inside" "$status $out" "^3 .* its container may end with"
}

# new: a port and the words of an ssh in front.
new() {
	p=$(free_port)
	ssh="ssh -F $dir/config -N -L $p:$target $t-$p"
}

new
start unshare $box setsid $ssh
same "the first process" supervised
first=$pid
like "  by the one that made the container" \
    "$(tunps -rn -o supervisor "$p")" "^unshare.040[0-9]*$"
is "  or by the container" \
    "$(nsenter -t "$pid" -p -m -- "$top/tools/tunps" -rn -o supervisor "$p")" \
    container
fails "  and tunkill says what would end with it" 3 "tunkill: L$p: \
its container ends with it: stop the container instead \
($(tunps -rn -o supervisor "$p" | sed 's/.040/ /'))" tunkill "$p"
ok "  it is there" alive "$pid"

# From inside, the port of a tunnel outside has a process that cannot be seen.
new
# shellcheck disable=SC2086
start $ssh
wait_for listens "$p"
inside() {
	run nsenter -t "$first" -p -m -- "$top/tools/$1" "$2" "$3" "$4"
	is "inside, what cannot be seen is not absent: $*" "$status" 3
}
inside tunps --wait 0 "$p"
inside tunps --expect "$target" "$p"
inside tuncheck -q -x "$p"
p=$(free_port)
run nsenter -t "$first" -p -m -- "$top/tools/tunps" --wait 0 "$p"
is "  a port that nobody has is" "$status" 4

new
start mybox $box $ssh
same "the first process, of a program without a name" supervised

for init in tini dumb-init catatonit; do
	if ! command -v "$init" >/dev/null; then
		skip "$init" "no $init"
		continue
	fi
	new
	# shellcheck disable=SC2086
	start unshare $box setsid "$init" -- $ssh
	same "the command of $init" supervised
done

new
start unshare $box setsid flock "$dir/lock" $ssh
same "the command of any other first process" supervised

new
start unshare $box setsid sh -c "$ssh; :"
same "what the first process waits for" foreground
kept "  tunkill does not end it"

new
printf '%s\n' '#!/bin/sh' "$ssh" 'exit 1' >"$dir/entry"
chmod 755 "$dir/entry"
start unshare $box setsid flock "$dir/lock.entry" "$dir/entry"
same "what a script that is the command of the first process runs" foreground
kept "  tunkill does not end it"

if command -v autossh >/dev/null; then
	new
	start unshare $box setsid autossh -M 0 ${ssh#ssh}
	same "what autossh as the first process runs" supervised
	kept "  tunkill does not end it"
	new
	start unshare $box setsid flock "$dir/lock.autossh" autossh -M 0 ${ssh#ssh}
	same "what autossh as its command runs" supervised
	kept "  tunkill does not end it"
else
	skip "autossh" "no autossh"
fi

new
start unshare $box setsid sh -c "(setsid $ssh 2>$dir/orphan.log &); \
    exec sleep 600"
same "what the first process has adopted" abandoned
works "  tunkill would end it" tunkill -n "$p"

new
start unshare $box setsid sh -c "ssh -f${ssh#ssh}; : >$dir/up; \
    exec sleep 600"
wait_for test -e "$dir/up"
same "what went to the background" background

new
start unshare $box setsid sh -c "unshare $box setsid $ssh; :"
same "a container in a container" supervised
middle=$(ps -o ppid= -p "$(ps -o ppid= -p "$pid" | tr -d ' ')" | tr -d ' ')
is "  and from the one between" "$(origin "$p" "$middle")" supervised

new
start nsenter -t "$first" -p -m -- setsid $ssh
same "what was put into a container" "?"

# The numbers in a /proc of another PID namespace are other processes here.
new
$ssh </dev/null >/dev/null 2>&1 &
remember $!
is_up() {
	[ "$(tunps -a -rn -o state "$1" 2>/dev/null)" = up ]
}
wait_for is_up "$p"
outside="unshare --pid --fork --kill-child --"
run $outside tunps --check "$p"
is "a foreign /proc: nothing is asked" \
    "$status, $out, $(printf '%s\n' "$err" | wc -l)" "3, , 1"
like "  which is said" "$err" '^tunps: cannot ask: the process table does not'
for dry in -n -q; do
	run $outside tunkill $dry "$p"
	is "  tunkill $dry: nothing can be ended" "$status $out $err" \
	    "3  tunkill: cannot end anything: the process table does not show \
tunkill itself (a /proc of another PID namespace?)"
done
ok "  it is there" listed "$p"
run $outside tuncheck "$p"
unlike "  and tuncheck calls nothing gone" "$out$err" gone
like "  but not known" "$out" 'not known'

# Mounts of its own, but our network: where its paths lead is not seen from here.
mkdir "$dir/own"
start unshare --mount -- sh -c "mount -t tmpfs none '$dir/own' &&
    exec ssh -F '$dir/config' -N -M -S '$dir/own/cm' \
    -L '$dir/own/s:$target' $t-own"
own_states() {
	"$top/tests/ask" "$t-own" 2>&1 | cut -d ' ' -f 2,3
}
own_is_up() {
	case $(own_states) in up*) ;; *) false ;; esac
}
wait_for own_is_up
is "its own mounts: its control socket is not known" "$(own_states)" "up ?"
is "  nor the path of its forward gone" "$(tunps -a -rno state "$t-own")" up
run tuncheck -x "$t-own"
is "  so it is not called bad" "$status" 3
unlike "  nor headless" "$out" headless
run tuncheck
unlike "  among all, too" "$out" "own/cm: headless"
is "  a record says the same" "$(tunps -a --record "$dir/record" >/dev/null
    tunps -a --table "$dir/record" -rno state "$t-own")" up

# A dead socket of ours has the path of its forward.
"$top/tests/peer" deaf "$dir/own/s" 0 >/dev/null 2>&1 </dev/null &
dead=$!
remember "$dead"
wait_for test -S "$dir/own/s"
ln -s own/s "$dir/link"
exits "  a link to a socket of ours does not select it" 1 tunps -a "$dir/link"
exits "  nor what is to be ended" 1 tunkill -n "$dir/link"
kill "$dead"
wait "$dead" 2>/dev/null
exits "  it is ended" 0 tunkill "$t-own"
ok "  and a socket of ours stays" test -S "$dir/own/s"

# --- what is not started from here --------------------------------------------

# left NAME PROGRAM WORD...: a tunnel in there.
left() {
	name=$1
	shift
	p=$(free_port)
	start "$@" sh -c "ssh -F '$dir/config' -fN -L $p:$target $t-there;
	    exec sleep 600"
	wait_for port_taken "$p"
	pid=$(tunps -t "$p")
	why="it has other mounts, another root directory or another PID \
namespace"
	fails "$name: --again leaves it" 3 "tunrun: L$p: $why: run tunrun there" \
	    tunrun --again "$p"
	fails "  and --keep does" 3 "tunrun: process $pid: not kept: $why" \
	    tunrun --keep "$p"
	is "  it runs" "$(tunps -t "$p")" "$pid"
}

left "its own mounts" unshare --mount --
left "its own PID namespace" unshare --pid --fork --kill-child --

# Copies, so that nothing of this machine can be removed through it.
mkdir "$dir/root"
{
	for file in ssh sh sleep; do
		command -v "$file"
		ldd "$(command -v "$file")" | grep -o '/[^ ]*'
	done
	printf '%s\n' "$dir/config" "$dir/user_key" /etc/passwd
} | sort -u | xargs cp --parents -L -t "$dir/root"
mkdir "$dir/root/dev"
mknod -m 666 "$dir/root/dev/null" c 1 3
left "another root directory" chroot "$dir/root"

new
ssh -f${ssh#ssh} </dev/null >/dev/null 2>&1
run tunrun --keep "$p"
is "one that is here is kept" "$status, $out, $err" "0, $(tunps -t "$p"), "

done_testing
