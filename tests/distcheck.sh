#!/bin/sh
# SPDX-License-Identifier: ISC
#
# distcheck.sh NAME: is NAME.tar.gz a release?  Its news must be about this
# version; unpacked, it must build, pass, install, serve a program that asks
# pkg-config for libfind, and take itself away again.

set -eu
cd "$(dirname "$0")/.."
name=${1:?usage: distcheck.sh name}
: "${MAKE:=make}" "${CC:=cc}" "${PKG_CONFIG:=pkg-config}"
work=$PWD/.build/distcheck

die() {
	echo "distcheck: $*" >&2
	exit 1
}

news=$(sed -n 's/^##* [^0-9]*\([0-9][0-9.]*\).*/\1/p' NEWS.md | head -n 1)
[ "libfind-$news" = "$name" ] ||
	die "the newest entry of NEWS.md is ${news:-none}, this is $name"

rm -rf "$work"
mkdir -p "$work"
gzip -dc "$name.tar.gz" | (cd "$work" && tar -xf -)
cd "$work/$name"

./configure --prefix=/usr WERROR=1
"$MAKE" check
"$MAKE" install DESTDIR="$work/root"
(cd "$work/root" && find . -type f -o -type l) | sort

# The library through its front door, shared and static.
cat >"$work/try.c" <<-END
	#include <libfind.h>
	int main(void) { tun_close(tun_open(0)); return 0; }
END
PKG_CONFIG_SYSROOT_DIR=$work/root
PKG_CONFIG_PATH=$work/root/usr/lib/pkgconfig
# Else the directories of the system's own libraries are left out, also
# behind another root.
PKG_CONFIG_ALLOW_SYSTEM_CFLAGS=1 PKG_CONFIG_ALLOW_SYSTEM_LIBS=1
export PKG_CONFIG_SYSROOT_DIR PKG_CONFIG_PATH PKG_CONFIG_ALLOW_SYSTEM_CFLAGS \
    PKG_CONFIG_ALLOW_SYSTEM_LIBS
# shellcheck disable=SC2046
"$CC" -o "$work/try" "$work/try.c" $("$PKG_CONFIG" --cflags --libs libfind)
LD_LIBRARY_PATH=$work/root/usr/lib "$work/try"

exported=$(nm -D --defined-only "$work/root/usr/lib/libfind.so" |
    awk '$2 == "T" && $3 !~ /^tun_/ { print $3 }')
[ -z "$exported" ] || die "exported, but not tun_: $exported"

"$MAKE" uninstall DESTDIR="$work/root"
left=$(find "$work/root" -type f -o -type l)
[ -z "$left" ] || die "uninstall leaves $left"

rm -rf "$work"
echo "$name.tar.gz is ready"
