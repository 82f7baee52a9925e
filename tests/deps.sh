#!/bin/sh
# SPDX-License-Identifier: ISC
#
# deps.sh [build|lint]: install, without a question, what building and 'make
# check' need (build, the default), or what lint, fuzz, systems and valgrind
# need.  Where all of it is there, it only says so.

set -u
cd "$(dirname "$0")/.." || exit 1

group=${1:-build}
case $group in
build|lint) ;;
*) echo "usage: deps.sh [build|lint]" >&2; exit 2 ;;
esac

as_root() {
	if [ "$(id -u)" -eq 0 ]; then
		"$@"
	elif command -v sudo >/dev/null; then
		sudo "$@"
	elif command -v doas >/dev/null; then
		doas "$@"
	else
		echo "deps: needs root, sudo or doas: $*" >&2
		return 1
	fi
}

for manager in apt-get dnf zypper pacman apk pkg pkg_add pkgin brew none; do
	! command -v "$manager" >/dev/null || break
done

# For each package manager three commands: is this installed, refresh the
# lists, install these.  Then what build and lint need (no build without it)
# and what they want (without it a test is skipped, or --watch has no keys).
# Where no ncurses is named, the system itself has one.  a|b is a, or b where
# there is no a.
case $manager in
apt-get)
	apt="as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y
	    -o DPkg::Lock::Timeout=300"
	dpkg_has() {
		dpkg-query -W -f '${Status}' "$1" | grep -q ' installed'
	}
	has=dpkg_has refresh="$apt update" exists="apt-cache show"
	add="$apt install --no-install-recommends"
	build_need="gcc libbsd-dev libc6-dev libjansson-dev make pkg-config"
	build_want="autossh bash-completion bmake bsdutils check dropbear-bin
	    fish iproute2 libmnl-dev libncurses-dev
	    libproc2-dev|libprocps-dev netbase netcat-openbsd nftables
	    openssh-client openssh-server procps
	    python3-prometheus-client runit s6 sshpass strace systemd tmux
	    util-linux zsh"
	lint_need="cppcheck mandoc shellcheck"
	lint_want="clang clang-tidy debootstrap libclang-rt-dev valgrind"
	;;
dnf)
	has="rpm -q" refresh=: add="as_root dnf -y install"
	build_need="gcc jansson-devel libbsd-devel make pkgconf-pkg-config"
	build_want="autossh bash-completion bmake check-devel dropbear fish
	    iproute libmnl-devel ncurses-devel nftables nmap-ncat openssh-clients
	    openssh-server procps-ng procps-ng-devel sshpass strace systemd
	    tmux util-linux zsh"
	lint_need="ShellCheck cppcheck mandoc"
	lint_want="clang clang-tools-extra compiler-rt valgrind"
	;;
zypper)
	zypper="as_root zypper --non-interactive"
	has="rpm -q" refresh="$zypper refresh" add="$zypper install"
	build_need="gcc libbsd-devel libjansson-devel make pkg-config"
	build_want="autossh bash-completion bmake check-devel fish iproute2
	    libmnl-devel ncurses-devel netcat-openbsd nftables openssh-clients
	    openssh-server procps procps-devel sshpass strace systemd tmux
	    util-linux zsh"
	lint_need="ShellCheck cppcheck mandoc"
	lint_want="clang clang-tools valgrind"
	;;
pacman)
	has="pacman -Qq" refresh="as_root pacman -Sy --noconfirm"
	add="as_root pacman -S --needed --noconfirm"
	build_need="gcc jansson libbsd make pkgconf"
	build_want="autossh bash-completion bmake check dropbear fish iproute2
	    libmnl ncurses nftables openbsd-netcat openssh procps-ng sshpass
	    strace systemd tmux util-linux zsh"
	lint_need="cppcheck mandoc shellcheck"
	lint_want="clang compiler-rt valgrind"
	;;
apk)
	has="apk info -e" refresh="as_root apk update" add="as_root apk add"
	build_need="gcc jansson-dev libbsd-dev linux-headers make musl-dev
	    pkgconf"
	build_want="autossh bash-completion bmake check-dev dropbear
	    dropbear-dbclient fish iproute2 libmnl-dev ncurses-dev
	    netcat-openbsd nftables openssh procps-ng procps-ng-dev sshpass
	    strace tmux util-linux zsh"
	lint_need="cppcheck mandoc shellcheck"
	lint_want="clang clang-extra-tools compiler-rt valgrind"
	;;
pkg)
	has="pkg info -e" refresh="as_root pkg update"
	add="as_root pkg install -y"
	build_need="jansson pkgconf"
	build_want="autossh bash-completion check fish gmake sshpass tmux zsh"
	lint_need="cppcheck hs-ShellCheck"
	lint_want="llvm valgrind"
	;;
pkg_add)
	has="pkg_info -e" refresh=: add="as_root pkg_add -I"
	build_need="jansson"
	build_want="autossh bash-completion check fish gmake sshpass zsh"
	lint_need="cppcheck shellcheck"
	lint_want="clang-tools-extra valgrind"
	;;
pkgin)
	has="pkg_info -e" refresh="as_root pkgin -y update"
	add="as_root pkgin -y install"
	build_need="jansson pkgconf"
	build_want="autossh bash-completion check fish gmake ncurses sshpass
	    tmux zsh"
	lint_need="cppcheck shellcheck"
	lint_want="clang-tools-extra"
	;;
brew)	# refuses to run as root
	has="brew list --versions" refresh=: add="brew install"
	build_need="jansson pkgconf"
	build_want="autossh bash-completion bmake check fish tmux zsh"
	lint_need="cppcheck shellcheck"
	lint_want="llvm mandoc"
	;;
none)
	echo "deps: no known package manager; see tests/deps.sh" >&2
	exit 1
	;;
esac

# first TEST PACKAGE|...: the first of which the test is true, or 1.
first() {
	for package in $(echo "$2" | tr '|' ' '); do
		! $1 "$package" >/dev/null 2>&1 ||
			{ printf '%s ' "$package"; return 0; }
	done
	return 1
}

# lacking PACKAGE...: those of them that are not installed.
lacking() {
	for packages; do
		first "$has" "$packages" >/dev/null || printf '%s ' "$packages"
	done
}

# chosen PACKAGE...: of several the first that exists here.
chosen() {
	for packages; do
		case $packages in
		*"|"*)	first "$exists" "$packages" || : ;;
		*)	printf '%s ' "$packages" ;;
		esac
	done
}

# Commands and lists are split into words on purpose from here on.
# shellcheck disable=SC2086
case $group in
build)	need=$(lacking $build_need) want=$(lacking $build_want) ;;
lint)	need=$(lacking $lint_need) want=$(lacking $lint_want) ;;
esac
if [ -z "$need$want" ]; then
	echo "deps: nothing to install for $group"
	exit 0
fi

$refresh || echo "deps: $manager could not refresh its lists" >&2
# shellcheck disable=SC2086
want=$(chosen $want)
# shellcheck disable=SC2086
[ -z "$need" ] || $add $need || exit 1
# All at once, or those that exist here.
# shellcheck disable=SC2086
[ -z "$want" ] || $add $want || for package in $want; do
	$add "$package" || echo "deps: no $package here" >&2
done

# What ./configure found is out of date: without its log make runs it again.
rm -f config.log
