# shellcheck shell=sh disable=SC2034,SC2154
# SPDX-License-Identifier: ISC
#
# group.sh: control groups as a service manager makes them.  Source it after
# tests/tools/lib.sh.

# Other scripts run at the same time, and see the same groups: names have this.
mine=tun${dir##*.}

# group_trees: those of the kernel's control groups that can be joined.  A plain
# directory, as the one above the trees of v1, takes any file, too.
group_trees() {
	for tree in /sys/fs/cgroup /sys/fs/cgroup/unified \
	    /sys/fs/cgroup/systemd; do
		case $(stat -f -c %T "$tree" 2>/dev/null) in
		cgroup*) [ ! -w "$tree/cgroup.procs" ] || echo "$tree" ;;
		esac
	done
}

# group NAME: make that group where systemd would; its directory in $group.
group() {
	for tree in $(group_trees); do
		group=$tree/$1
		if mkdir -p "$group" 2>/dev/null; then
			at_exit "no_group '$tree' '$1'"
			return 0
		fi
	done
	return 1
}

# no_group TREE NAME: remove it, from the bottom, once it is empty.
no_group() {
	(cd "$1" && wait_for rmdir "$2" && rmdir -p "${2%/*}") 2>/dev/null
}

# joined COMMAND...: run it as a process of $group.
joined() {
	sh -c 'echo $$ >"$0/cgroup.procs" && exec "$@"' "$group" "$@"
}

# freezable NAME: make a group that can be frozen; its directory in $group.
freezable() {
	for group in "/sys/fs/cgroup/$1" "/sys/fs/cgroup/unified/$1" \
	    "/sys/fs/cgroup/freezer/$1"; do
		mkdir "$group" 2>/dev/null || continue
		if [ -e "$group/cgroup.freeze" ] ||
		    [ -e "$group/freezer.state" ]; then
			at_exit "freeze '$group' 0; wait_for rmdir '$group'"
			return 0
		fi
		rmdir "$group"
	done
	return 1
} 2>/dev/null

# freeze GROUP 0|1: and wait until it is so, by cgroup v2 or v1.
freeze() {
	if [ -e "$1/cgroup.freeze" ]; then
		echo "$2" >"$1/cgroup.freeze" &&
		    wait_for grep -qx "frozen $2" "$1/cgroup.events"
		return
	fi
	case $2 in
	1) state_=FROZEN ;;
	0) state_=THAWED ;;
	esac
	echo "$state_" >"$1/freezer.state" &&
	    wait_for grep -qx "$state_" "$1/freezer.state"
} 2>/dev/null
