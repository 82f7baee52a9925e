#!/bin/sh
# SPDX-License-Identifier: ISC
#
# tests/systems/systems.sh with a debootstrap that ends in the middle: where the
# roots are, and what is left of them.

. "$(dirname "$0")/../live/apart.sh"
. "$(dirname "$0")/lib.sh"

require flock
unshare --pid --mount --net --fork true 2>/dev/null ||
    skip_all "no namespaces in namespaces"

# Those of this machine stay as they are.
for place in /var/cache /var/tmp; do
	mount -t tmpfs -o "mode=$(stat -c %a $place)" tmpfs $place ||
	    skip_all "no tmpfs"
done

mkdir "$dir/bin" "$dir/in" "$dir/in/a" "$dir/in/b"
cat >"$dir/bin/debootstrap" <<END
#!/bin/sh
printf '%s\n' "\$3" >"$dir/root"
mount -t tmpfs tmpfs "\$3" && : >"\$3/mounted"
echo cannot >&2
exit 1
END
chmod 755 "$dir/bin/debootstrap"
PATH=$dir/bin:$PATH

# systems DIR: 'systems.sh trixie', with that SYSTEMS_DIR.
systems() {
	run env SYSTEMS_DIR="$1" sh "$top/tests/systems/systems.sh" trixie
}

# left: the mounts and files of the root that was not made.
left() {
	awk '$5 ~ /trixie/' /proc/self/mountinfo
	ls "$(cat "$dir/root")"
}

# writable: of the directories that the root was to be in those in which others
# can write.
writable() {
	at=$(cat "$dir/root")
	until [ "$at" = / ]; do
		at=$(dirname "$at")
		find "$at" -prune -perm /022
	done
}

systems ''
like "a root that cannot be made is a skip" "$out" \
    "^trixie: SKIP no root: cannot, see "
is "nobody else can write where roots are kept" "$(writable)" ''
is "no mount of it is left" "$(left)" ''
systems ''
like "so it is tried again" "$out" "no root: cannot, see "

systems "$dir/in/a b"
is "a directory with a blank is one directory" "$(cat "$dir/root")" \
    "$dir/in/a b/trixie.new"
is "  and no other" "$(ls "$dir/in")" "a
a b
b"

exec 8>"$dir/in/a b/trixie.lock"
flock -n 8
is "the lock is free afterwards" $? 0
systems "$dir/in/a b"
like "what another run uses is a skip" "$out" "^trixie: SKIP in use"
done_testing
