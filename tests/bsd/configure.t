#!/bin/sh
# SPDX-License-Identifier: ISC
#
# configure.t: ./configure for another system, by a compiler that pretends to
# be a cross compiler: ours, with the fake headers and the macros of FreeBSD.

. "$(dirname "$0")/../tools/lib.sh"

cd "$top" || exit 1
[ "$(uname -s)" = Linux ] || skip_all "the fake headers are for Linux"
[ -f config.mk ] || skip_all "not configured"
cc=$(sed -n 's/^CC = //p' config.mk)
jansson=$(sed -n 's/^JANSSON_LIBS = //p' config.mk)
target=riscv64-unknown-freebsd14

# fake NAME LINE: a program of the toolchain.
mkdir "$dir/bin" "$dir/tree"
fake() {
	printf '#!/bin/sh\n%s\n' "$2" >"$dir/bin/$1"
	chmod +x "$dir/bin/$1"
}

# As in build.sh; and the linker is told where procctl(2) is, as glibc has none.
fake $target-cc "exec $cc -D_DEFAULT_SOURCE -U__linux__ -D__FreeBSD__=14 \
    -isystem '$top/tests/bsd/freebsd' -isystem '$top/tests/bsd/common' \
    -Wl,--defsym=procctl=0 \"\$@\""
fake $target-ar 'exit 0'
# shellcheck disable=SC2016
fake $target-pkg-config 'case $1 in --libs) echo "'"$jansson"' -L/target" ;; esac'
PATH=$dir/bin:$PATH
export PATH

# configure ARGUMENT...: in a tree of its own, with nothing from outside.
configure() {
	rm -rf "$dir/tree" && mkdir "$dir/tree" && cp "$top/configure" \
	    "$dir/tree" || return 1
	run env -u CC -u AR -u PKG_CONFIG -u CFLAGS -u LDFLAGS -u CPPFLAGS \
	    "$dir/tree/configure" "$@"
	[ "$status" -eq 0 ] || note "$out$err"
}

# made NAME: its value in config.mk.
made() {
	sed -n "s/^$1 = //p" "$dir/tree/config.mk"
}

configure --host=$target
is "--host: the compiler says for which system it compiles" \
    "$status $(made PLATFORM)" "0 freebsd"
is "its tools have the name of the system" \
    "$(made CC) $(made AR)" "$target-cc $target-ar"
like "so has its pkg-config" "$(made JANSSON_LIBS)" "-L/target\$"
unlike "nothing of Linux is asked for" \
    "$(made FEATURES)$(made LIB_CFLAGS)" '[^ ]'
ok "procctl(2) is found, without stddef.h in its header" \
    grep -q '^#define HAVE_PROCCTL 1' "$dir/tree/config.h"

rm "$dir/bin/$target-pkg-config"
configure --host=$target --with-platform=netbsd AR=other-ar \
    JANSSON_LIBS="$jansson"
is "this machine's pkg-config is not asked about another" \
    "$status $(made CHECK_LIBS)" "0 -lcheck"
is "what is given stands" "$(made CC) $(made AR)" "$target-cc other-ar"
is "--with-platform sets the system" \
    "$(made PLATFORM) $(made FEATURES)" "netbsd -D_NETBSD_SOURCE"

here=$(uname -m)-linux-gnu
configure --host="$here" --build="$here"
is "--host is also what packagers say of this machine" \
    "$status $(made PLATFORM)" "0 linux"

configure --host=vax-dec-ultrix
is "without a compiler for it nothing is built for this machine" "$status" 1
like "and why is said" "$err" "no compiler for vax-dec-ultrix"

done_testing
