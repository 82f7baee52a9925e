#!/bin/sh
# SPDX-License-Identifier: ISC
#
# kernels.t: the backends of the other systems, each against its fake kernel,
# compiled by our compiler and by clang; that the same machine reads the same
# from a recorded table; and that no backend calls what its system lacks.

. "$(dirname "$0")/../tools/lib.sh"

cd "$top" || exit 1
[ "$(uname -sm)" = "Linux x86_64" ] ||
	skip_all "fake kernels are laid out for amd64 Linux"
[ -f config.mk ] || skip_all "not configured"

cc=$(sed -n 's/^CC = //p' config.mk)
echo 'int wide[sizeof(long) == 8 ? 1 : -1];' >"$dir/try.c"
# shellcheck disable=SC2086
$cc -fsyntax-only "$dir/try.c" 2>/dev/null ||
	skip_all "fake kernels are laid out for 64 bits"
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

# program NAME COMMAND...: the lines of a test program, which counts nothing;
# it must end well, too.
program() {
	name=$1
	shift
	run "$@"
	while IFS= read -r line; do
		case $line in
		"ok "*) result 0 "${line#ok - }" ;;
		"not ok "*) result 1 "${line#not ok - }" ;;
		*) echo "$line" ;;
		esac
	done <"$dir/out"
	[ -z "$err" ] || note "$err"
	grep -q '^not ok' "$dir/out" || result "$status" "$name: ended well"
}

# imports OS: what its backend wants and its system does not export.
# The errno of glibc stands for that of the system, whatever it is called; the
# linker makes the other one.
imports() {
	nm -u "$dir/$1.import" | sed -n 's/^ *U //p' |
	    grep -vx '__errno_location\|_GLOBAL_OFFSET_TABLE_' | sort -u >"$dir/wants"
	sed 's/[ 	]*#.*//' "tests/bsd/$1/exports" | sort -u >"$dir/has"
	comm -23 "$dir/wants" "$dir/has"
}

for os in freebsd dragonfly openbsd netbsd darwin; do
	[ -f "platform/bsd/$os.c" ] || continue
	run sh tests/bsd/build.sh $os "$cc" "$dir"
	if [ "$status" -eq 0 ]; then
		program $os "$dir/$os"
		is "$os: imports only what the system exports" \
		    "$(imports $os)" ""
	else
		result 1 "$os: compiles" || note "$out$err"
	fi
	if command -v clang >/dev/null; then
		exits "$os: compiles with clang" 0 \
		    sh tests/bsd/build.sh $os clang
	fi
done

# The sixth kernel is our own: its files are read in tests/platform/plat.c, so
# here is what it would have told, as a recorded table.
# shellcheck disable=SC2086
run $host -o "$dir/linux" tests/bsd/test.c tests/bsd/canned.c \
    platform/plat.c platform/common/bag.c platform/common/failure.c \
    platform/exit_wait.c platform/common/cgroup_path.c platform/record/*.c \
    platform/compat/compat.c platform/posix_files.c platform/unsupported.c $libs
if [ "$status" -eq 0 ]; then
	program linux "$dir/linux" tests/bsd/linux.table
else
	result 1 "linux: compiles" || note "$out$err"
fi

done_testing
