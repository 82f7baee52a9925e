# shellcheck shell=sh disable=SC2034,SC2154
# SPDX-License-Identifier: ISC
#
# group.sh: control groups as a service manager makes them.  Source it after
# tests/tools/lib.sh.

# group NAME: make that group where systemd would; its directory in $group.
group() {
	for tree in /sys/fs/cgroup /sys/fs/cgroup/unified \
	    /sys/fs/cgroup/systemd; do
		group=$tree/$1
		if [ -w "$tree/cgroup.procs" ] &&
		    mkdir -p "$group" 2>/dev/null; then
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
