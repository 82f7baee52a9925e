#!/bin/sh
# SPDX-License-Identifier: ISC
#
# cross.sh [TARGET ...]: build and test with another libc, on other processors.
#
#	musl		amd64 without glibc; runs here
#	i686		32 bits; runs here
#	aarch64		64 bits, char is unsigned; runs under qemu-user
#	s390x		big endian; runs under qemu-user
#
# JSON and Check are built for each from Debian's sources; libbsd, libmnl and
# procps are not, so compat.c and /proc stand in for them.  What cannot be had
# is a SKIP that says why.  All is done in .build/cross or CROSS_DIR, in a
# directory for each target that says all in its log.

set -u
cd "$(dirname "$0")/.." || exit 1
# shellcheck source=tests/apt.sh
. tests/apt.sh
mkdir -p "${CROSS_DIR:=.build/cross}" || exit 1
dir=$(cd "$CROSS_DIR" && pwd)
jobs=-j$(getconf _NPROCESSORS_ONLN)
failed=0

# fetch: the sources of the two libraries, once.
fetch() {
	[ ! -d "$dir/src/check" ] || return 0
	mkdir -p "$dir/src" || return 1
	apt_lists "$dir/apt" \
	    "deb-src ${DEBIAN:-http://deb.debian.org/debian} bookworm main" ||
	    return 1
	(
		cd "$dir/src" &&
		    apt_get "$dir/apt" source --download-only jansson check ||
		    exit 1
		for name in jansson check; do
			mkdir -p "new/$name" &&
			    tar -xf "$name"_*.orig.tar.gz -C "new/$name" \
			    --strip-components=1 &&
			    mv "new/$name" . || exit 1
		done
	)
}

# libraries: both for $target, in $sys.
libraries() {
	[ ! -f "$sys/lib/libcheck.a" ] || return 0
	rm -rf "$sys" && mkdir -p "$sys/include" "$sys/lib" "$sys/obj" ||
	    return 1
	# What its own configure would have found on any POSIX system.
	echo "#define HAVE_UNISTD_H 1" >"$sys/obj/jansson_private_config.h"
	for file in "$dir"/src/jansson/src/*.c; do
		# A list of words on purpose.
		# shellcheck disable=SC2086
		$cc -O2 -DHAVE_STDINT_H=1 -I"$sys/obj" \
		    -I"$dir/src/jansson/android" -c \
		    -o "$sys/obj/$(basename "$file" .c).o" "$file" || return 1
	done
	ar rc "$sys/lib/libjansson.a" "$sys"/obj/*.o &&
	    cp "$dir/src/jansson/src/jansson.h" \
	    "$dir/src/jansson/android/jansson_config.h" "$sys/include" &&
	    cp -Rp "$dir/src/check" "$sys/check" && cd "$sys/check" || return 1
	./configure -q CC="$cc" --host="$host" --prefix="$sys" \
	    --disable-shared --disable-subunit --disable-timeout-tests \
	    --disable-build-docs &&
	    make "$jobs" -s -C lib && make "$jobs" -s -C src install &&
	    cp check_stdint.h "$sys/include"
}

# suites: the unit tests and the corpora, for who runs under qemu.  To /proc
# such a process is qemu, and /proc/net is in the order of this machine's
# bytes; so not what looks for itself or its ports there.
suites() {
	fuzzers=$(for f in tests/fuzz/*.dict; do echo "${f%.dict}.fuzz"; done)
	# shellcheck disable=SC2086
	make "$jobs" tests/check $fuzzers || return 1
	bad=0
	names=$(sed -n 's/^	X(\([a-z_]*\)).*/\1/p' tests/tests.h)
	for suite in $names; do
		part=
		case $target/$suite in
		*/port_owner|*/plat|*/signal) continue ;;
		s390x/netlink) part=lines ;;
		s390x/port_filter) part=program ;;
		esac
		echo "$suite:"
		env CK_RUN_SUITE="$suite" ${part:+CK_RUN_CASE=$part} \
		    CK_TIMEOUT_MULTIPLIER=10 sh tests/run.sh tests/check ||
		    bad=1
	done
	# shellcheck disable=SC2086
	sh tests/run.sh $fuzzers || bad=1
	return $bad
}

# try: configure for $target, build all, every warning an error, and test.
try() {
	libraries || { echo "no libraries"; return 1; }
	cd "$top" && rm -rf "$tree" && sh tests/tree.sh "$tree" && cd "$tree" &&
	    ./configure CC="$cc" PKG_CONFIG=false WERROR=1 HAVE_LIBMNL=0 \
	    --with-table=procfs LDFLAGS="$ldflags" \
	    JANSSON_CFLAGS="-isystem $sys/include" \
	    JANSSON_LIBS="$sys/lib/libjansson.a" \
	    CHECK_CFLAGS="-isystem $sys/include" \
	    CHECK_LIBS="$sys/lib/libcheck.a -lpthread -lrt -lm" &&
	    make "$jobs" do-all || return 1
	if [ -n "$TEST_WRAP" ]; then
		suites
	else
		make "$jobs" do-check LIVE= SCRIPTS="$scripts"
	fi
}

# missing PROGRAM PACKAGE...: say SKIP if there is no such program.
missing() {
	program=$1
	shift
	! command -v "$program" >/dev/null || return 1
	echo "$target: SKIP no $program (Debian: $*)"
}

[ $# -gt 0 ] || set -- musl i686 aarch64 s390x
top=$(pwd)
# Not what is about our own compiler, what libc costs, or other shells.
scripts="fixtures hostile metrics reuse served tunadd
    tuncheck tunkill tunps tunrun words"
scripts=$(for s in $scripts; do printf 'tests/tools/%s.t ' "$s"; done)

for target; do
	sys=$dir/$target/sys tree=$dir/$target/tree log=$dir/$target.log
	host=$target-linux-gnu cc=$target-linux-gnu-gcc TEST_WRAP=''
	case $target in
	musl)
		cc=musl-gcc host=x86_64-linux-musl package=musl-tools ;;
	i686)
		loader=ld-linux.so.2
		package="gcc-i686-linux-gnu libc6-dev-i386-cross" ;;
	aarch64)
		loader=ld-linux-aarch64.so.1 TEST_WRAP=qemu-aarch64-static
		package="gcc-aarch64-linux-gnu libc6-dev-arm64-cross" ;;
	s390x)
		loader=ld64.so.1 TEST_WRAP=qemu-s390x-static
		package="gcc-s390x-linux-gnu libc6-dev-s390x-cross" ;;
	*)
		echo "cross.sh: $target: no such target" >&2
		exit 2 ;;
	esac
	# shellcheck disable=SC2086
	missing "$cc" $package && continue
	[ -z "$TEST_WRAP" ] ||
	    ! missing "$TEST_WRAP" qemu-user-static || continue
	if ! fetch; then
		echo "$target: SKIP no sources of jansson and check:" \
		    "$(apt_why "$dir/apt")"
		continue
	fi
	ldflags=
	if [ "$target" = musl ]; then
		# musl has no headers of the kernel's, and wants them all.
		mkdir -p "$dir/musl/kernel"
		ln -sfn /usr/include/linux "$dir/musl/kernel/linux"
		ln -sfn /usr/include/asm-generic "$dir/musl/kernel/asm-generic"
		ln -sfn "/usr/include/$(uname -m)-linux-gnu/asm" \
		    "$dir/musl/kernel/asm"
		cc="$cc -idirafter $dir/musl/kernel"
	else
		lib=/usr/$target-linux-gnu/lib
		ldflags="-Wl,--dynamic-linker=$lib/$loader -Wl,-rpath,$lib"
	fi
	export TEST_WRAP
	if (try) >"$log" 2>&1 </dev/null; then
		echo "$target: ok, $(awk '/^[0-9]* passed,/ { n += $1 }
		    END { print n }' "$log") passed"
	else
		echo "$target: FAILED, see $log"
		failed=1
	fi
	sed -n '/FAILED/p; s/^    \([Ss][Kk][Ii][Pp].*\)/    \1/p' "$log" |
	    sort -u
done
exit $failed
