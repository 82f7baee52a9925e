#!/bin/sh
# SPDX-License-Identifier: ISC
#
# A frozen control group (docker pause, systemctl freeze): the kernel goes on
# answering for its processes, which do nothing.

. "$(dirname "$0")/apart.sh"
. "$(dirname "$0")/look.sh"
. "$(dirname "$0")/group.sh"

sshd_start || skip_all "$sshd_why"

# thaw_all: before the processes are ended, which frozen ones cannot be.
thaw_all() {
	for group in "$v2/$mine/below" "$v2/$mine"; do
		echo 0 >"$group/cgroup.freeze"
	done
	for group in "$v1/$mine/below" "$v1/$mine"; do
		echo THAWED >"$group/freezer.state"
	done
} 2>/dev/null

# A group whose path has more than 600 bytes, and those above it.
name=$(printf '%0200d' 0)
long=$name/$name/$name

# leave: the groups can be removed when their processes are out of them.
leave() {
	thaw_all
	for group in "$v2/$mine/$long" "$v2/$mine/$name/$name" \
	    "$v2/$mine/$name" "$v2/$mine/below" "$v2/$mine" \
	    "$v1/$mine/$long" "$v1/$mine/$name/$name" "$v1/$mine/$name" \
	    "$v1/$mine/below" "$v1/$mine"; do
		[ -d "$group" ] || continue
		while read -r pid; do
			echo "$pid" >"$group/../cgroup.procs"
		done <"$group/cgroup.procs"
		rmdir "$group"
	done
} 2>/dev/null

# Where they usually are: of v2 alone, of both.
v2=/sys/fs/cgroup v1=/sys/fs/cgroup/freezer
[ -e "$v2/cgroup.controllers" ] || v2=/sys/fs/cgroup/unified
at_exit leave

# freeze2 GROUP 0|1, freeze1 GROUP 0|1: by the version of the control groups.
freeze2() {
	freeze "$v2/$1" "$2"
}

freeze1() {
	freeze "$v1/$1" "$2"
}

# cases FREEZE WORD: a tunnel in a group that is frozen, by itself or above.
cases() {
	freeze=$1
	p=$(free_port)
	tunnel "$2" -L "$p:$target"
	echo "$pid" >"$root/$mine/below/cgroup.procs"
	for group in "$mine/below" "$mine"; do
		"$freeze" "$group" 1
		is "$2, $group: stopped" "$(state "$me-$2")" stopped
		like "  and why" "$(tunps -anv "$me-$2")" \
		    'stopped because its control group is frozen'
		tunps --check "$me-$2" >"$dir/out" 2>&1
		is "  --check" $? 4
		exits "  tuncheck -x" 4 tuncheck -x "$me-$2"
		fails "  tunkill says why it has not ended" 3 \
		    "tunkill: L$p: still there after 1 s: its control \
group is frozen, and a signal waits until it is thawed" tunkill -w1 "$me-$2"
		ok "  it is there" alive "$pid"
		"$freeze" "$group" 0
		wait_for gone "$pid"
		tunnel "$2" -L "$p:$target"
		echo "$pid" >"$root/$mine/below/cgroup.procs"
	done
	comes_to "$2, thawed: up" up state "$me-$2"
	mkdir -p "$root/$mine/$long"
	echo "$pid" >"$root/$mine/$long/cgroup.procs"
	"$freeze" "$mine" 1
	is "$2, a long path: stopped" "$(state "$me-$2")" stopped
	"$freeze" "$mine" 0
}

root=$v2
if mkdir "$v2/$mine" "$v2/$mine/below" 2>/dev/null &&
    [ -e "$v2/$mine/cgroup.freeze" ]; then
	cases freeze2 v2
else
	skip "cgroup v2" "no group that can be frozen"
fi

root=$v1
if mkdir "$v1/$mine" "$v1/$mine/below" 2>/dev/null &&
    [ -e "$v1/$mine/freezer.state" ]; then
	cases freeze1 v1
	# The helper of a jump alone.
	tunnel hop -J "$me-jump" -L "$(free_port):$target"
	helper=$(pgrep -f "$me-jump\$" | head -n 1)
	echo "$helper" >"$v1/$mine/below/cgroup.procs"
	freeze1 "$mine/below" 1
	is "a frozen helper" "$(state "$me-hop")" stopped
	like "  and why" "$(tunps -anv "$me-hop")" \
	    'its control group is frozen, its helper is the cause|its helper is the cause, its control group is frozen'
	run tunkill -w1 "$me-hop"
	like "  tunkill says why it has not ended" "$status $err" \
	    "^3 tunkill: L.*: its helper $helper is still there: its control group is frozen, and a signal waits"
	freeze1 "$mine/below" 0
else
	skip "cgroup v1" "no group that can be frozen"
fi

# Where the groups cannot be read, -v says so.
tunnel unread -L "$(free_port):$target"
unlike "what can be read" "$(tunps -v "$me-unread" 2>&1)" 'are frozen'
mount -t tmpfs none /sys/fs/cgroup
like "and what cannot" "$(tunps -v "$me-unread" 2>&1)" \
    'cannot be seen here: .*whether processes are frozen'
umount /sys/fs/cgroup

done_testing
