#!/bin/sh
# SPDX-License-Identifier: ISC
#
# kernels.t: the backends of the other systems, each against its fake kernel,
# compiled by our compiler and by clang; that the same machine reads the same
# from a recorded table; and that no backend calls what its system lacks.

set -u
cd "$(dirname "$0")/../.." || exit 1

skip() {
	echo "1..0 # skip $*"
	exit 0
}

[ "$(uname -sm)" = "Linux x86_64" ] || skip "fake kernels are laid out for amd64 Linux"
[ -f config.mk ] || skip "not configured"

dir=$(mktemp -d "${TMPDIR:-/tmp}/kernels.XXXXXX") || exit 1
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' HUP INT TERM

cc=$(sed -n 's/^CC = //p' config.mk)
echo 'int wide[sizeof(long) == 8 ? 1 : -1];' >"$dir/try.c"
# shellcheck disable=SC2086
$cc -fsyntax-only "$dir/try.c" 2>/dev/null ||
	skip "fake kernels are laid out for 64 bits"
host="$cc -std=c99 -O1 -g -Wall -Wextra $(sed -n 's/^FEATURES = //p' config.mk)
    $(sed -n 's/^LIB_CFLAGS = //p' config.mk) -I. -Iplatform -Itests/bsd"
libs=$(sed -n 's/^LIB_LIBS = //p' config.mk)

# A compiler may lack the libraries of the sanitizers.
: "${SANITIZE=-fsanitize=address,undefined -fno-sanitize-recover=undefined}"
echo 'int main(void) { return 0; }' >"$dir/try.c"
# shellcheck disable=SC2086
$cc $SANITIZE -o "$dir/try" "$dir/try.c" 2>/dev/null && "$dir/try" ||
	SANITIZE=
export SANITIZE

n=0

# ok STATUS NAME: one line of TAP.
ok() {
	n=$((n + 1))
	[ "$1" -eq 0 ] && echo "ok $n - $2" || echo "not ok $n - $2"
}

# numbered: the lines of a test program, which counts nothing.
numbered() {
	while IFS= read -r line; do
		case $line in
		"ok "*) ok 0 "${line#ok - }" ;;
		"not ok "*) ok 1 "${line#not ok - }" ;;
		*) echo "$line" ;;
		esac
	done <"$dir/out"
}

# run NAME COMMAND...: a test program must end well, too.
run() {
	name=$1
	shift
	"$@" >"$dir/out" 2>&1
	status=$?
	numbered
	grep -q '^not ok' "$dir/out" || ok $status "$name: ended well"
}

# imports OS: what its backend wants and its system does not export.
# The errno of glibc stands for that of the system, whatever it is called.
imports() {
	nm -u "$dir/$1.import" | sed -n 's/^ *U //p' | grep -v '^__errno_location$' |
	    sort -u >"$dir/wants"
	sed 's/[ 	]*#.*//' "tests/bsd/$1/exports" | sort -u >"$dir/has"
	comm -23 "$dir/wants" "$dir/has"
}

for os in freebsd dragonfly openbsd netbsd darwin; do
	[ -f "platform/bsd/$os.c" ] || continue
	if sh tests/bsd/build.sh $os "$cc" "$dir" >"$dir/out" 2>&1; then
		run $os "$dir/$os"
		missing=$(imports $os)
		[ -z "$missing" ] || echo "$missing" | sed 's/^/# /'
		[ -z "$missing" ]
		ok $? "$os: imports only what the system exports"
	else
		sed 's/^/# /' "$dir/out"
		ok 1 "$os: compiles"
	fi
	if command -v clang >/dev/null; then
		sh tests/bsd/build.sh $os clang >"$dir/out" 2>&1
		status=$?
		sed 's/^/# /' "$dir/out"
		ok $status "$os: compiles with clang"
	fi
done

# The sixth kernel is our own: its files are read in tests/platform/plat.c, so here is
# what it would have told, as a recorded table.
# shellcheck disable=SC2086
if $host -o "$dir/linux" tests/bsd/test.c tests/bsd/canned.c platform/plat.c \
    platform/common/failure.c platform/exit_wait.c platform/common/cgroup_path.c \
    platform/record/table.c platform/record/table_fields.c \
    platform/record/table_read.c platform/record/table_write.c \
    platform/record/trace.c platform/compat/compat.c \
    platform/posix_files.c platform/unsupported.c \
    $libs >"$dir/out" 2>&1; then
	run linux "$dir/linux" tests/bsd/linux.table
else
	sed 's/^/# /' "$dir/out"
	ok 1 "linux: compiles"
fi

echo "1..$n"
