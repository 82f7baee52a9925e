#!/bin/sh
# SPDX-License-Identifier: ISC
#
# systems.sh [SYSTEM ...]: all tests on other releases of Debian, as root.
#
#	trixie			Debian 13
#	trixie-backports	the same with the OpenSSH of backports
#	forky			what becomes Debian 14
#	bullseye		Debian 11
#	bookworm		Debian 12, only if it is named
#
# For each it makes a root with debootstrap, copies the sources into it,
# installs what 'make deps' and 'make deb-check' need there, and builds and runs
# the tests in namespaces of its own.  Roots are kept in SYSTEMS_DIR and used
# again; one that is removed is made anew.  What runs in them is root, so nobody
# else may write there.  DEBIAN is the mirror.  A system that cannot be had is a
# SKIP that says why.
#
# The rows of docs/systems.md are written anew.  Not so where CHECK is given: a
# command to run in place of all tests.

set -u
cd "$(dirname "$0")/../.." || exit 1
: "${SYSTEMS_DIR:=/var/cache/libfind-systems}"
: "${DEBIAN:=http://deb.debian.org/debian}" "${CHECK:=}"
jobs=-j$(getconf _NPROCESSORS_ONLN)
passed=0 failed=0 skipped=0

# inside [--net] COMMAND...: run it as root of $root, in namespaces of its own,
# with which all ends that was started and mounted; --net: with the network of
# the host.  It is no chroot, which would have no mount of its own at / to make
# private, and might make no user namespaces.
inside() {
	net=--net
	[ "$1" != --net ] || { net=''; shift; }
	# shellcheck disable=SC2016,SC2086
	unshare --pid --mount --uts --ipc $net --fork --kill-child \
	    --propagation private sh -c '
		root=$1 jobs=$2
		shift 2
		mount --bind "$root" "$root" &&
		    mount --rbind /dev "$root/dev" &&
		    mount --rbind /sys "$root/sys" &&
		    mount -t proc proc "$root/proc" &&
		    mount -t tmpfs -o mode=755 run "$root/run" &&
		    mount -t tmpfs -o mode=1777 tmp "$root/tmp" &&
		    mkdir -p "$root/.host" && cd "$root" &&
		    pivot_root . .host && umount -l /.host || exit 125
		ip link set lo up 2>/dev/null
		exec env -i HOME=/root LANG=C.UTF-8 TERM=dumb ${jobs:+"$jobs"} \
		    PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
		    "$@"' inside "$root" "${TEST_JOBS:+TEST_JOBS=$TEST_JOBS}" \
	    "$@" </dev/null
}

# bootstrap: $root, with the packages of $suite.
bootstrap() {
	rm -rf "$root.new" && mkdir -p "$root.new" || return 1
	# All releases of Debian are made in one way.  The names that
	# debootstrap has for it are those of the releases before it.  What it
	# mounts ends with it, also if it is killed.
	unshare --mount debootstrap --variant=minbase "$suite" "$root.new" \
	    "$DEBIAN" /usr/share/debootstrap/scripts/sid || return 1
	# What the host says of proxies and of its clock; a package must not
	# start a service.
	apt-config dump 2>/dev/null | grep -E \
	    '^Acquire::(https?::Proxy|Check-Date|Check-Valid-Until) ' \
	    >"$root.new/etc/apt/apt.conf.d/90host"
	printf '#!/bin/sh\nexit 101\n' >"$root.new/usr/sbin/policy-rc.d"
	chmod 755 "$root.new/usr/sbin/policy-rc.d"
	if [ "$system" != "$suite" ]; then
		echo "deb $DEBIAN $system main" \
		    >"$root.new/etc/apt/sources.list.d/backports.list"
		printf '%s\n' 'Package: openssh-*' "Pin: release n=$system" \
		    'Pin-Priority: 990' >"$root.new/etc/apt/preferences.d/openssh"
	fi
	mv "$root.new" "$root"
}

# prepare: a fresh copy of the sources, and the packages.
prepare() {
	cp /etc/resolv.conf "$root/etc/resolv.conf" &&
	    rm -rf "$root/src" && sh tests/tree.sh "$root/src" &&
	    inside --net sh -c '
		export DEBIAN_FRONTEND=noninteractive
		apt-get -q update && apt-get -q -y upgrade &&
		    sh /src/tests/deps.sh build && apt-get -q -y install \
		    --no-install-recommends build-essential debhelper lintian'
}

# skip WHY: of the system.
skip() {
	echo "$system: SKIP $*"
	skipped=$((skipped + 1))
}

# count STATUS <log: adds what the tests closed with; sets row to it.
count() {
	read -r p f s <<-END
	$(sed -n 's/^\([0-9]*\) passed, \([0-9]*\) failed, \([0-9]*\) skipped$/\1 \2 \3/p' |
	    tail -n 1)
	END
	[ "$1" -eq 0 ] || [ "${f:-0}" -gt 0 ] || f=1
	passed=$((passed + ${p:-0}))
	failed=$((failed + ${f:-0}))
	skipped=$((skipped + ${s:-0}))
	row="${p:-0} | ${f:-0} | ${s:-0} |"
}

# version PACKAGE: which of it is in $root, without its epoch and revision.
version() {
	# shellcheck disable=SC2016
	chroot "$root" dpkg-query -W -f '${Version}\n' "$1" 2>/dev/null |
	    sed 's/^[0-9]*://; s/-.*//; s/+.*//'
}

# write: the row of $system in the table.
write() {
	cells=
	for package in openssh-client procps systemd groff-base bash-completion \
	    gcc; do
		cells="$cells$(version "$package") | "
	done
	ROW="| $system | $cells$row" awk -v name="$system" '
	$1 == "|" && $2 == name { print ENVIRON["ROW"]; next }
	{ print }' docs/systems.md >"$SYSTEMS_DIR/table" &&
	    cat "$SYSTEMS_DIR/table" >docs/systems.md
}

# try: all for one system.
try() {
	exec 9>"$root.lock"
	flock -n 9 || { skip "in use by another run"; return; }
	if [ ! -d "$root" ]; then
		command -v debootstrap >/dev/null ||
		    { skip "no debootstrap"; return; }
		bootstrap >"$log" 2>&1 ||
		    { skip "no root: $(tail -n 1 "$log"), see $log"; return; }
	fi
	prepare >"$log" 2>&1 || {
		skip "no packages: $(grep '^E:' "$log" | tail -n 1), see $log"
		return
	}
	{
		inside sh -c "cd /src && DEB=1 && export DEB &&
		    ${CHECK:-make $jobs check WERROR=1}" 2>&1
		echo $? >"$log.status"
	} | tee "$log.check" | sed -n "s/^[[0-9].*/$system: &/p; /^    /p"
	count "$(cat "$log.status")" <"$log.check"
	[ -n "$CHECK" ] || write
}

[ "$(id -u)" -eq 0 ] || { echo "systems.sh: needs root" >&2; exit 3; }
if ! why=$(unshare --pid --mount --net --fork true 2>&1); then
	echo "SKIP no namespaces: $why"
	echo "0 passed, 0 failed, 1 skipped"
	exit 0
fi
[ $# -gt 0 ] || set -- trixie trixie-backports forky bullseye
mkdir -p "$SYSTEMS_DIR" || exit 3
for system; do
	case $system in
	trixie|trixie-backports|forky|bookworm|bullseye) ;;
	*)
		echo "systems.sh: $system: no such system" >&2
		exit 2 ;;
	esac
	suite=${system%-backports}
	root=$SYSTEMS_DIR/$system log=$SYSTEMS_DIR/$system.log
	try
done
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
