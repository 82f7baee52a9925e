#!/bin/sh
# SPDX-License-Identifier: ISC
#
# procps.sh: the tables of other releases of procps than the installed one,
# from other suites of Debian.  libprocps 3.3.17 is built against and run;
# of libproc2 4.0.4 and later, whose libraries want a newer libc than ours,
# the headers are compiled.  A suite that cannot be reached is a SKIP.
#
# All is done in .build/procps or CROSS_DIR.

set -u
cd "$(dirname "$0")/.." || exit 1
# shellcheck source=tests/apt.sh
. tests/apt.sh
mkdir -p "${CROSS_DIR:=.build/procps}" || exit 1
top=$(pwd) dir=$(cd "$CROSS_DIR" && pwd)
: "${DEBIAN:=http://deb.debian.org/debian}"
arch=$(dpkg --print-architecture 2>/dev/null)
jobs=-j$(getconf _NPROCESSORS_ONLN)
cc=$(sed -n 's/^CC = //p' config.mk 2>/dev/null)
failed=0

# get SUITE PACKAGE...: unpacked below $dir/SUITE; says SKIP if it cannot.
get() {
	suite=$1 root=$dir/$1
	shift
	rm -rf "$root" && mkdir -p "$root" && cd "$root" || exit 1
	if apt_lists "$root/apt" "deb [arch=$arch] $DEBIAN $suite main" &&
	    apt_get "$root/apt" download "$@"; then
		for deb in *.deb; do
			dpkg-deb -x "$deb" "$root" || exit 1
		done
		cd "$top" || exit 1
		return 0
	fi
	cd "$top" || exit 1
	echo "$suite: SKIP $*: $(apt_why "$root/apt")"
	return 1
}

# version PACKAGE: of what get found.
version() {
	dpkg-deb -f "$root/$1"_*.deb Version | sed 's/^[0-9]*://; s/-[^-]*$//'
}

result() {
	if [ "$1" -eq 0 ]; then
		echo "$2: ok"
	else
		echo "$2: FAILED, see $root/log"
		failed=1
	fi
}

# Rows, arguments, signals: the same tests as for the installed one.
run_procps3() {
	tree=$root/tree lib=$root/lib/$arch_triplet
	sh tests/tree.sh "$tree" && cd "$tree" &&
	    ./configure CC="${cc:-cc}" WERROR=1 --with-table=procps3 \
	    TABLE_CFLAGS="-isystem $root/usr/include" \
	    TABLE_LIBS="$lib/libprocps.so.8 -Wl,-rpath,$lib" &&
	    make "$jobs" do-all tests/check tests/mktun tests/walk || return 1
	for suite in plat scan signal; do
		CK_RUN_SUITE=$suite sh tests/run.sh tests/check || return 1
	done
	sh tests/run.sh tests/tools/example.t
}

arch_triplet=$(gcc -print-multiarch 2>/dev/null)
bsd=$(pkg-config --cflags libbsd-overlay 2>/dev/null)
if get bullseye libprocps-dev libprocps8; then
	(run_procps3) >"$root/log" 2>&1 </dev/null
	result $? "libprocps $(version libprocps-dev), compiled and run"
fi

for suite in trixie sid; do
	get "$suite" libproc2-dev || continue
	# XTRA_PROCPS_DEBUG has the header check the type of each item.
	status=0
	for debug in '' -DXTRA_PROCPS_DEBUG; do
		# Lists of words on purpose.
		# shellcheck disable=SC2086
		${cc:-cc} -std=c99 -Wall -Wextra -Werror $debug -I. -Iplatform \
		    -isystem "$root/usr/include" $bsd -D_DEFAULT_SOURCE \
		    -fsyntax-only platform/linux/table_proc2.c \
		    >>"$root/log" 2>&1 || status=1
	done
	result $status "libproc2 $(version libproc2-dev), headers compiled"
done
exit $failed
