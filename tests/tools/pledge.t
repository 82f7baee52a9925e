#!/bin/sh
# SPDX-License-Identifier: ISC
#
# Linked with a pledge(2) that ends a tool which breaks its promise, each tool
# does all it has to.  After pledge(2) OpenBSD lets no process look at sockets,
# so they are read before.

. "$(dirname "$0")/lib.sh"

has_live || skip_all "no live system in this build"
[ "$(uname -sm)" = "Linux x86_64" ] || skip_all "needs seccomp on amd64"
! sanitized "$top/libfind.a" || skip_all "a sanitizer makes calls of its own"

# flag NAME: from config.mk.
flag() {
	sed -n "s/^$1 = //p" "$top/config.mk"
}

# The first definition is taken; libfind's own does nothing.
cd "$top" || exit 1
mkdir "$dir/bin"
for tool in tuncheck tunkill tunps; do
	# Lists of words on purpose.
	# shellcheck disable=SC2046,SC2086
	run $(flag CC) $(flag FEATURES) -o "$dir/bin/$tool" tests/pledge.c \
	    "tools/$tool.o" tools/common.a libfind.a -Wl,-z,muldefs \
	    $(flag LDFLAGS) $(flag PIE_LDFLAGS) $(flag LIB_LIBS) \
	    $(flag JANSSON_LIBS) $(flag CURSES_LIBS)
	[ "$status" -eq 0 ] || { note "$err"; skip_all "$tool does not link"; }
done
PATH=$dir/bin:$PATH

# kept NAME STATUS PROMISES COMMAND...: that is pledged, and its word kept.
kept() {
	name=$1 want=$2 promises=$3
	shift 3
	run "$@"
	is "$name" "$status $(printf '%s\n' "$err" | grep '^pledged')" \
	    "$want${promises:+ pledged: }$promises" || note "$err"
}

leash mktun -s -x "$dir/ssh" ssh -fN -L 8008:h:80 host
wait_for test -s "$dir/leashed"
pid=$(cat "$dir/leashed")
look="stdio rpath getpw tty"

kept "tunps" 0 "$look" tunps -p "$pid"
kept "tunps -O" 0 "$look" tunps -O -p "$pid"
kept "tunps -v" 0 "$look" tunps -v -p "$pid"
kept "tunps -T" 0 "$look" tunps -T -p "$pid"
kept "tunps -J" 0 "$look" tunps -J -p "$pid"
kept "tunps --check" 4 "$look" tunps --check -p "$pid"
kept "tunps --clients" 0 "$look" tunps --clients -p "$pid"
kept "tunps -S" 1 "$look" tunps -S "$dir/none"
kept "tunps --export=sh" 0 "$look" tunps --export=sh -p "$pid"
kept "tunps --server" "$(tunps --server >"$dir/out" 2>&1; echo $?)" "$look" \
    tunps --server
kept "tunkill -n" 0 "stdio rpath getpw" tunkill -n "$pid"
kept "tunkill -n -J" 0 "stdio rpath getpw" tunkill -n -J "$pid"
: >"$dir/file"
kept "tuncheck" 0 "stdio rpath getpw" tuncheck -S "$dir/file"
kept "tuncheck -J" 0 "stdio rpath getpw" tuncheck -J -S "$dir/file"
kept "tuncheck a tunnel" "$(tuncheck "$pid" >"$dir/out" 2>&1; echo $?)" \
    "stdio rpath getpw" tuncheck "$pid"
run tunkill -q "$pid"
is "tunkill asks for sockets to the end" \
    "$status $(printf '%s\n' "$err" | grep '^pledged')" "0 "
unleash

done_testing
