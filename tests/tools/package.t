#!/bin/sh
# SPDX-License-Identifier: ISC
#
# The Debian packages: built from a copy of the sources, judged by lintian,
# unpacked together into an empty root, and used from there.  Takes half a
# minute, so only with DEB=1; 'make deb-check' says that.

. "$(dirname "$0")/lib.sh"

[ "${DEB:-0}" = 1 ] || skip_all "takes long: make deb-check"
for tool in dpkg-buildpackage dh dpkg-deb; do
	command -v $tool >/dev/null ||
		skip_all "no $tool (Debian: debhelper, dpkg-dev)"
done

# The flags of a build in progress are not the package's.
unset CC CFLAGS CPPFLAGS LDFLAGS DESTDIR MAKEFLAGS MFLAGS MAKELEVEL PREFIX \
    GNUMAKEFLAGS 2>/dev/null

version=$(sed -n 's/^version=//p' "$top/configure")
like "debian/changelog is about this version" \
    "$(sed 1q "$top/debian/changelog")" "^libfind \\($version\\) "

# --- build ---------------------------------------------------------------

src=$dir/build/libfind-$version
sh "$top/tests/tree.sh" "$src"
(
	cd "$src" || exit 1
	# Level 4: a symbol that is not in the list fails, too.
	DEB_BUILD_OPTIONS='nocheck noautodbgsym' \
	DPKG_GENSYMBOLS_CHECK_LEVEL=4 dpkg-buildpackage -us -uc -b
) >"$dir/log" 2>&1
status=$?
is "dpkg-buildpackage" "$status" 0
if [ "$status" -ne 0 ]; then
	note "$(tail -n 40 "$dir/log")"
	done_testing
	exit 1
fi
is "three packages" "$(cd "$dir/build" && echo ./*.deb | sed 's|_[^ ]*||g')" \
    "./libfind-dev ./libfind1 ./tun-tools"

if has "lintian" lintian; then
	run lintian --allow-root --fail-on error,warning \
	    --suppress-tags initial-upload-closes-no-bugs,bogus-mail-host \
	    "$dir"/build/*.changes
	is "lintian" "$status $out" "0 "
fi

# field PACKAGE FIELD: of its control file.
field() {
	dpkg-deb -f "$dir/build/${1}_"*.deb "$2"
}

like "tun-tools needs what it is linked with" \
    "$(field tun-tools Depends)" 'libjansson4.*libproc(2-[0-9]|ps8)'
unlike "tun-tools carries the library" "$(field tun-tools Depends)" libfind
is "the library and its headers may be there twice" \
    "$(field libfind1 Multi-Arch) $(field libfind-dev Multi-Arch)" "same same"

# --- install -------------------------------------------------------------

root=$dir/root
for deb in "$dir"/build/*.deb; do
	# What two packages have must not be one's file and the other's.
	dpkg-deb --fsys-tarfile "$deb" | tar -tf - | grep -v '/$' >>"$dir/files"
	dpkg-deb -x "$deb" "$root"
done
is "no file twice" "$(sort "$dir/files" | uniq -d)" ""
lib=$(cd "$root" && echo usr/lib/*)

tools=$(all_tools)
for file in $tools; do
	for want in "bin/$file" "share/man/man1/$file.1.gz" \
	    "share/bash-completion/completions/$file" \
	    "share/fish/vendor_completions.d/$file.fish"; do
		ok "$want" test -s "$root/usr/$want"
	done
done
for want in share/zsh/vendor-completions/_tun include/libfind.h "${lib#usr/}/libfind.a" \
    "${lib#usr/}/libfind.so.1" "${lib#usr/}/pkgconfig/libfind.pc" \
    $(cd "$top/libfind" && printf 'share/man/man3/%s.gz ' *.3) \
    share/man/man7/tunnels.7.gz \
    share/doc/tun-tools/examples/tunnels.fact; do
	ok "$want" test -s "$root/usr/$want"
done
ok "the example can be run" test -x \
    "$root/usr/share/doc/tun-tools/examples/tunnels.fact"
is "libfind.so" "$(readlink "$root/$lib/libfind.so")" libfind.so.1
is "nothing knows where it was built" \
    "$(grep -rl "$dir" "$root" | grep -v '\.a$')" ""

if has "the packages are hardened" readelf; then
	for file in "$root"/usr/bin/* "$root/$lib/libfind.so.1"; do
		is "${file##*/} is hardened" "$(unhardened "$file")" ""
	done
fi

# --- use -----------------------------------------------------------------

run "$root/usr/bin/tunps" -V
is "tunps" "$out" "tunps $version"
for page in "$root"/usr/share/man/man?/*.gz; do
	run man --warnings -l "$page"
	is "${page##*/}: man-db can show it" "$status$err" 0
done

# Debian's link points into the directory of the running system.
cat >"$dir/try.c" <<-'END'
	#include <libfind.h>
	#include <stdio.h>
	int main(void)
	{
		struct tun_ctx *ctx = tun_open(NULL);
		struct tun_list *list;
		if (ctx == NULL || tun_scan(ctx, TUN_SCAN_OWN, &list) == -1)
			return 1;
		printf("%zu\n", tun_count(list));
		tun_list_free(list);
		tun_close(ctx);
		return 0;
	}
END
PKG_CONFIG_SYSROOT_DIR=$root
PKG_CONFIG_PATH=$root/$lib/pkgconfig
PKG_CONFIG_ALLOW_SYSTEM_CFLAGS=1 PKG_CONFIG_ALLOW_SYSTEM_LIBS=1
export PKG_CONFIG_SYSROOT_DIR PKG_CONFIG_PATH PKG_CONFIG_ALLOW_SYSTEM_CFLAGS \
    PKG_CONFIG_ALLOW_SYSTEM_LIBS
for static in '' --static; do
	# shellcheck disable=SC2046,SC2086
	run cc -std=c99 -Wall -Wextra -Werror ${static:+-Wl,-Bstatic} \
	    -o "$dir/try" "$dir/try.c" -Wl,-Bdynamic \
	    $(pkg-config --cflags libfind) ${static:+"$root/$lib/libfind.a"} \
	    $(pkg-config $static --libs libfind)
	is "a program builds${static:+, statically}" "$status $err" "0 "
	LD_LIBRARY_PATH=$root/$lib run "$dir/try"
	like "it runs${static:+, statically}" "$status $out" '^0 [0-9]+$'
done

# --- remove --------------------------------------------------------------

# In a root of its own, where nothing it depends on is.
instance=$dir/instance
mkdir -p "$instance/var/lib/dpkg/info" "$instance/var/lib/dpkg/updates"
: >"$instance/var/lib/dpkg/status"
dpkg_() {
	run dpkg --root="$instance" --force-depends --force-not-root \
	    --force-script-chrootless --log="$dir/dpkg.log" "$@"
}
dpkg_ --install "$dir"/build/*.deb
is "dpkg --install" "$status" 0
[ "$status" -eq 0 ] || note "$err"
dpkg_ --verify
is "dpkg --verify" "$status$out" 0
dpkg_ --purge tun-tools libfind-dev libfind1
is "dpkg --purge" "$status" 0
[ "$status" -eq 0 ] || note "$err"
is "nothing is left" "$(cd "$instance" && find . -path ./var -prune -o \
    ! -type d -print)" ""

done_testing
