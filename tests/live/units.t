#!/bin/sh
# shellcheck disable=SC2016,SC2086
# SPDX-License-Identifier: ISC
#
# Which tunnels a service supervises: those it is there for, and not what
# somebody has started in a session that it hosts.

. "$(dirname "$0")/end.sh"
. "$(dirname "$0")/group.sh"

group "$mine.service" || skip_all "control groups cannot be made"
[ -x "$top/tests/tabrec" ] || skip_all "tests/tabrec is not built"
t=tun$$

# new NAME: a service of that name, a port and the words of an ssh.
new() {
	unit=$mine-$1.service
	group "$unit"
	at_exit "end_members '$group'"
	p=$(free_port)
	ssh="ssh -F $dir/config -L $p:$target -N"
}

# end_members GROUP: before the group can be removed.
end_members() {
	xargs kill <"$1/cgroup.procs"
} 2>/dev/null

# run_in COMMAND...: joined, in the background; ended with the test.
run_in() {
	joined "$@" </dev/null >/dev/null 2>&1 &
	remember $!
}

# origin [ARG...]: and supervisor and unit, of what listens on $p.
origin() {
	tunps -a -rn -o origin,supervisor,unit "$@" ":$p" 2>&1
}

# supervised NAME, hosted NAME ORIGIN
supervised() {
	wait_for listens "$p"
	is "$1" "$(origin)" "supervised systemd\\040$unit $unit"
	replayed
}
hosted() {
	wait_for listens "$p"
	is "$1" "$(origin)" "$2 - $unit"
	like "  and why" "$(tunps -av ":$p" 2>&1)" \
	    "its service has other processes"
	like "  it ends by a signal" "$(tunkill -n ":$p" 2>&1)" \
	    "^L$p: end ssh"
	replayed
}

# replayed: a recorded table says the same.
replayed() {
	# shellcheck disable=SC2046
	tabrec $(tunps -a -rn -o pid,ppid ":$p") >"$dir/table"
	is "  recorded, too" "$(origin --table "$dir/table")" "$(origin)"
}

# --- there for the tunnel

new main
run_in setsid $ssh "$t-main"
supervised "the main process"

new fork
joined $ssh -f "$t-fork" </dev/null >/dev/null 2>&1
supervised "a daemon that is alone"
alone=$p

new jump
joined $ssh -f -J "$t-hop" "$t-jump" </dev/null >/dev/null 2>&1
supervised "with its jump helper"

if has "with its proxy command" nc; then
	new proxy
	joined $ssh -f -o "ProxyCommand=nc %h %p" "$t-proxy" </dev/null \
	    >/dev/null 2>&1
	supervised "with its proxy command"
fi

new wrapped
run_in timeout 600 $ssh "$t-wrapped"
supervised "a command that was told to run it"

new script
echo "while :; do $ssh $t-script; sleep 1; done" >"$dir/script"
run_in sh "$dir/script"
supervised "a script"

new pipe
run_in sh -c "$ssh $t-pipe 2>&1 | cat"
supervised "a pipeline"

new two
q=$p ssh2=$ssh
p=$(free_port)
run_in sh -c "ssh -F $dir/config -L $p:$target -N $t-two & $ssh2 $t-two; :"
wait_for listens "$q"
supervised "two tunnels"

# --- there for something else

new agent
run_in sleep 600
joined $ssh -f "$t-agent" </dev/null >/dev/null 2>&1
hosted "ssh -f in a service that hosts sessions" background

p=$(free_port)
joined sh -c "setsid ssh -F $dir/config -L $p:$target -N $t-orphan \
    </dev/null >$dir/orphan.log 2>&1 &"
hosted "setsid ssh there" abandoned

# A program, its shell for a job, the job.
new ci
cat >"$dir/job" <<END
$ssh $t-ci
:
END
run_in sh -c "timeout 600 sh $dir/job & exec sleep 600"
hosted "a job of such a service" foreground

# --- not to be known

p=$alone unit=$mine-fork.service
is "no control groups to look at" "$(unshare -m sh -c \
    'umount -l /sys/fs/cgroup && tunps -rn -o origin "$1"' sh ":$p" 2>&1)" \
    background
like "  which is said" "$(unshare -m sh -c \
    'umount -l /sys/fs/cgroup && tunps -v "$1"' sh ":$p" 2>&1)" \
    "the other processes of its service are not known"

done_testing
