#!/bin/sh
# SPDX-License-Identifier: ISC
#
# build.sh OS COMPILER [DIR]: one backend against its fake headers and its fake
# kernel.  DIR/OS is the test, under the sanitizers, and DIR/OS.import the
# backend as it ships, for its imports.  Without DIR the compiler is only asked whether
# it likes what it reads.  OS is a directory beside this file.
#
# The headers of the system that is pretended come before the machine's own;
# _DEFAULT_SOURCE is for glibc's, which say little under plain -std=c99.

set -eu
cd "$(dirname "$0")/../.."
os=$1 cc=$2 dir=${3:-}

case $os in
freebsd)	macro=__FreeBSD__=14 ;;
dragonfly)	macro=__DragonFly__=1 ;;
openbsd)	macro=__OpenBSD__=1 ;;
netbsd)		macro=__NetBSD__=1 ;;
darwin)		macro=__APPLE__=1 ;;
esac

: "${SANITIZE=-fsanitize=address,undefined -fno-sanitize-recover=undefined}"
backend="platform/bsd/$os.c platform/bsd/sysctl.c platform/common/bag.c
    platform/common/failure.c"
rest="tests/bsd/$os/layout.c tests/bsd/$os/kernel.c tests/bsd/calls.c
    tests/bsd/canned.c tests/bsd/test.c"

# What knows of no system is compiled as for our own.
flag() {
	sed -n "s/^$1 = //p" config.mk
}
host="platform/plat.c platform/exit_wait.c platform/common/cgroup_path.c
    platform/record/*.c
    platform/compat/compat.c platform/posix_files.c"
hostflags="$(flag FEATURES) $(flag LIB_CFLAGS) -I."

# Lists of words on purpose.
# shellcheck disable=SC2086
set -- $cc -std=c99 -O1 -g -Wall -Wextra -Werror -Wshadow -Wpointer-arith \
    -Wstrict-prototypes -Wmissing-prototypes -Wwrite-strings \
    -D_DEFAULT_SOURCE -U__linux__ "-D$macro" -isystem "tests/bsd/$os" \
    -isystem tests/bsd/common \
    -Iplatform -Itests/bsd

if [ -z "$dir" ]; then
	for file in $backend $rest; do
		"$@" -fsyntax-only "$file"
	done
	exit 0
fi

objects=
for file in $backend $rest; do
	object=$dir/$os-$(basename "$file" .c).o
	# shellcheck disable=SC2086
	"$@" $SANITIZE -c -o "$object" "$file"
	objects="$objects $object"
done
for file in $host; do
	object=$dir/host-$(basename "$file" .c).o
	# shellcheck disable=SC2086
	[ -f "$object" ] || $cc -std=c99 -O1 -g $hostflags -Iplatform \
	    -c -o "$object" "$file"
	objects="$objects $object"
done
# shellcheck disable=SC2046,SC2086
$cc $SANITIZE -o "$dir/$os" $objects $(flag LIB_LIBS)

objects=
for file in $backend; do
	object=$dir/$(basename "$file" .c).o
	"$@" -c -o "$object" "$file"
	objects="$objects $object"
done
# shellcheck disable=SC2086
ld -r -o "$dir/$os.import" $objects
