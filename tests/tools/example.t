#!/bin/sh
# SPDX-License-Identifier: ISC
#
# The library as installed: do the programs in its pages build with what
# pkg-config says, by both compilers, and run on recorded tables; and does the
# one of libfind(3) find what tunps finds?

. "$(dirname "$0")/lib.sh"

require pkg-config
! sanitized "$top/libfind.a" || skip_all "the library wants a sanitizer"

# Another make may have started us, with flags of its own.
unset DESTDIR GNUMAKEFLAGS MAKE MAKEFLAGS MAKELEVEL MFLAGS 2>/dev/null
run make -C "$top" install PREFIX="$dir/usr"
is "make install" "$status" 0 || { note "$err"; note "$out"; }
ok "all of it is below that prefix, as a user without root needs it" \
    test -s "$dir/usr/share/fish/vendor_completions.d/tunps.fish"

PKG_CONFIG_PATH=$dir/usr/lib/pkgconfig
export PKG_CONFIG_PATH

# program PAGE: the text between .Bd -literal and .Ed of EXAMPLES, without its
# roff.
program() {
	sed -n '/^\.Sh EXAMPLES/,/^\.Sh /{
		/^\.Bd -literal/,/^\.Ed/{
			/^\.[BE]d/d
			s/\\-/-/g
			s/\\e/\\/g
			p
		}
	}' "$1"
}

# on_tables PROGRAM: runs it on every recorded table, with a selector for the
# one that takes it; a table that it fails on is named.
on_tables() {
	for table in "$top"/tests/fixtures/*/table; do
		LD_LIBRARY_PATH=$library "$1" "$table" 8009 >>"$1.out" \
		    2>>"$1.err" || echo "$table: $?"
	done
}

library=$dir/usr/lib
for page in "$top"/libfind/*.3; do
	name=${page##*/} name=${name%.3}
	program "$page" >"$dir/$name.c"
	for cc in cc clang; do
		command -v "$cc" >/dev/null ||
			{ skip "$name: $cc" "no $cc"; continue; }
		# shellcheck disable=SC2046
		run "$cc" -std=c99 -Wall -Wextra -Werror -o "$dir/$name" \
		    "$dir/$name.c" $(pkg-config --cflags --libs libfind)
		is "$name: its example builds with $cc" "$status" 0 ||
			note "$err"
	done
	is "$name: it runs on each table" \
	    "$(on_tables "$dir/$name")" "" ||
		note "$(cat "$dir/$name.err")"
	if [ "$name" = tun_masters ] && [ "$(id -u)" -ne 0 ]; then
		skip "$name: and has something to say" "those are root's masters"
		continue
	fi
	ok "$name: and has something to say" \
	    test -s "$dir/$name.out" -o -s "$dir/$name.err"
done

# One process that looks like a tunnel, for as long as we hold its leash.
if can "it runs" "no live system in this build" has_live; then
	leash mktun -s -x "$dir/ssh" ssh -fN -L 8008:h:80 host
	wait_for test -s "$dir/leashed"
	pid=$(cat "$dir/leashed")

	LD_LIBRARY_PATH=$library run "$dir/libfind"
	is "it runs" "$status" 0 || note "$err"
	is "and finds what tunps finds" "$(echo "$out" | grep "^$pid ")" \
	    "$("$dir/usr/bin/tunps" -a -n -r -o pid,id -p "$pid")"
	like "which is there" "$out" "^$pid L8008"
	unleash
fi

is "only tun_ functions are exported" \
    "$(nm -D --defined-only "$dir/usr/lib/libfind.so.1" |
    awk '$2 == "T" && $3 !~ /^tun_/')" ""
is "the header is all there is" "$(ls "$dir/usr/include")" libfind.h

for page in man1/tunps.1 $(cd "$top/libfind" && printf 'man3/%s ' *.3) \
    man7/tunnels.7; do
	ok "$page" test -s "$dir/usr/share/man/$page"
done

run make -C "$top" uninstall PREFIX="$dir/usr"
is "make uninstall leaves nothing" \
    "$(find "$dir/usr" ! -type d | sort)" ""

done_testing
