# shellcheck shell=sh
# SPDX-License-Identifier: ISC
#
# apart.sh: source it before lib.sh.  The script runs once more, as root, with
# processes, mounts and a network of its own, so that users, file systems and
# links can be made that nobody else gets to see, and all that it leaves ends
# with it.

if [ -z "${APART:-}" ]; then
	apart='unshare --pid --fork --kill-child --mount-proc --mount --net --'
	if [ "$(id -u)" -ne 0 ] || ! $apart ip link set lo up 2>/dev/null; then
		echo "1..0 # SKIP not root, or no namespaces"
		exit 0
	fi
	APART=1 exec $apart sh "$(dirname "$0")/../default_signals.sh" sh "$0"
fi
ip link set lo up

# users NAME...: for this script alone, from number 61001.
users() {
	cp -a /etc "$dir/etc"
	uid_=61000
	for user; do
		uid_=$((uid_ + 1))
		echo "$user:*:$uid_:$uid_::/:/bin/sh" >>"$dir/etc/passwd"
	done
	# Of a file alone it would go as soon as somebody replaces that.
	mount --bind "$dir/etc" /etc || skip_all "no /etc of its own"
}

# as_job USER COMMAND...: in the background, as $!, which "as ... &" is not.
as_job() {
	uid_=$(id -u "$1")
	shift
	# With priority: it has to win against a busy machine.
	nice -n -15 setpriv --reuid "$uid_" --regid "$uid_" --clear-groups \
	    "$@" </dev/null &
}

# start_rival USER WORDS...: rival(1) of tests, until it is ready, in $rival.
start_rival() {
	: >"$dir/rival.out"
	user_=$1
	shift
	as_job "$user_" "$dir/bin/rival" "$@" >"$dir/rival.out" 2>&1
	rival=$!
	wait_for test -s "$dir/rival.out"
	grep -q '^ready' "$dir/rival.out" || {
		note "rival $*: $(cat "$dir/rival.out")"
		return 1
	}
}

end_rival() {
	kill -s KILL "$rival" 2>/dev/null
	wait "$rival" 2>/dev/null
}
