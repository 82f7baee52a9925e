#!/bin/sh
# SPDX-License-Identifier: ISC
#
# lint.sh: what a compiler does not see.  Our own rules first: who may include
# what, what the library may not do, and that a tool has the options that are
# on its page.  Then what mandoc, shellcheck, cppcheck and clang-tidy say.
#
# 'make lint' gives SRCS, the C files of this platform, and CPPFLAGS. Without
# SRCS, cppcheck and clang-tidy are not run.

set -u
cd "$(dirname "$0")/.." || exit 1
: "${SRCS:=}" "${CPPFLAGS:=}"

work=$(mktemp -d "${TMPDIR:-/tmp}/lint.XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

passed=0 failed=0 skipped=0

# check NAME COMMAND...: quiet when it succeeds.
check() {
	name=$1
	shift
	if "$@" >"$work/log" 2>&1; then
		passed=$((passed + 1))
		echo "$name: ok"
	else
		failed=$((failed + 1))
		echo "$name: FAILED"
		sed 's/^/    /' "$work/log"
	fi
}

# check_with TOOL NAME COMMAND...: skipped where the tool is missing.
check_with() {
	tool=$1
	shift
	if command -v "$tool" >/dev/null; then
		check "$@"
	else
		skipped=$((skipped + 1))
		echo "$1: skipped, no $tool (make deps-lint)"
	fi
}

# existing FILE...: those that exist, for patterns that may match nothing.
existing() {
	for file; do
		[ ! -f "$file" ] || echo "$file"
	done
}

# --- what others check ------------------------------------------------------

# What ships; tests are run under sanitizers instead.  One file a run, as many
# runs as cores.  On standard error clang-tidy only counts what it hides.
c_tidy() {
	# shellcheck disable=SC2086
	existing $SRCS | grep -v ^tests/ | xargs -P "$(getconf _NPROCESSORS_ONLN)" -I '{}' \
	    clang-tidy --quiet '{}' -- -std=c99 $CPPFLAGS 2>/dev/null
}

# As gcc, so that it sees which functions do not return.  objectIndex takes
# the address of one variable for an array.
c_cppcheck() {
	# shellcheck disable=SC2046,SC2086
	cppcheck --quiet --std=c99 --error-exitcode=1 --inline-suppr \
	    --library=posix --library=gnu --library=bsd -D__GNUC__=12 \
	    --enable=warning,performance --suppress=objectIndex \
	    --suppress=missingIncludeSystem -j 2 \
	    $(printf '%s\n' $CPPFLAGS | grep '^-[DI]' | grep -v /usr) \
	    $(existing $SRCS)
}

# A test reads variables that lib.sh sets, which shellcheck does not follow.
scripts() {
	# shellcheck disable=SC2046
	shellcheck -s sh -e SC1091,SC2154 \
	    $(existing configure tests/*.sh tests/*/*.sh tests/*/*.t) &&
	    shellcheck -s bash -e SC2207 $(existing .ci/run completions/*.bash)
}

# What mandoc's database of installed pages lacks is no fault of ours, and the
# tools have their examples before their options.  It writes to both descriptors,
# whose lines would mix in one file.
pages() {
	# shellcheck disable=SC2046
	mandoc -T lint -W style $(existing tools/*.[17] libfind/*.3) \
	    >"$work/said" 2>"$work/lacks"
	grep -v -e 'referenced manual not found' -e 'outdated mandoc.db' \
	    -e '\.1:.*conventional order: Sh E[NX][VI]' \
	    -h "$work/said" "$work/lacks" >"$work/pages"
	cat "$work/pages"
	[ ! -s "$work/pages" ]
}

# --- layers -----------------------------------------------------------------

# includes: file, header as a path from the top, one pair a line.
includes() {
	for file in $(find tools libfind platform -name '*.[ch]' | sort); do
		sed -n 's/^#[ 	]*include[ 	]*"\([^"]*\)".*/\1/p' "$file" |
		    while read -r header; do
			for dir in "${file%/*}" tools libfind platform .; do
				[ -f "$dir/$header" ] || continue
				echo "$file" "$dir/$header"
				continue 2
			done
			echo "$file" "$header"
		done
	done
}

# Each folder may include its own headers and those of the folders after it;
# tools/ no more of the library than its public header.
layers() {
	includes | awk '
	$2 ~ /^(\.\/)?config\.h$/ { next }
	# What all of a layer share stands at its top.
	$2 ~ /^libfind\/libfind\.h$/ && $1 ~ /^libfind/ { next }
	$2 ~ /^platform\/(platform|impl)\.h$/ && $1 ~ /^platform/ { next }
	{ print }' >"$work/includes"
	{
		awk '$1 ~ /^tools/ && ($2 ~ /^libfind/ &&
		    $2 != "libfind/libfind.h" || $2 ~ /^platform/ &&
		    $2 !~ /^platform\/compat\//)' "$work/includes"
		sh tests/graph.sh --upwards <"$work/includes"
	} | sort -u >"$work/wrong"
	cat "$work/wrong"
	[ ! -s "$work/wrong" ]
}

# Which system this is, and what it has alone, only platform/ knows.
no_system() {
	! grep -nE -e '^#.*\b__(linux|FreeBSD|DragonFly|OpenBSD|NetBSD|APPLE)__' \
	    -e '^#.*<(linux/|sys/(event|pidfd|prctl|procctl|syscall|sysctl)\.h)' \
	    -e '^#.*_GNU_SOURCE' -e '"/proc' -r --include='*.[ch]' libfind tools
}

# The library neither prints nor exits: what it asks of libc tells.  Between
# fork and exec command.c gives a command the signals of a fresh process.
library_is_quiet() {
	find libfind -name '*.c' | sed 's/c$/o/' | xargs nm -u |
	    sed 's/@.*//' >"$work/wanted"
	sed '/^libfind\/core\/command\.o:/,/^$/s/ signal$//' "$work/wanted" >"$work/left"
	! grep -E ' (__)?(v?f?printf|puts|putchar|perror|v?errx?|v?warnx?)(_chk)?$' \
	    "$work/left" &&
	! grep -E ' (exit|stdout|stderr|sigaction|signal|getopt(_long)?)$' \
	    "$work/left"
}

# --- names ------------------------------------------------------------------

# A file name, and the tag of a struct, union or enum, says one thing in the
# whole tree.  Each tool has its args, and each system its live one.
names() {
	find libfind platform tools -name '*.[ch]' | sed 's,.*/,,' |
	    sort | uniq -d >"$work/twice"
	find libfind platform tools -name '*.[ch]' -exec sed -n \
	    's/^\(static \)*\(const \)*\(struct\|enum\|union\) \([a-z0-9_]*\) {.*/\4/p' \
	    {} + | grep -vx -e args -e live | sort | uniq -d >>"$work/twice"
	cat "$work/twice"
	[ ! -s "$work/twice" ]
}

# --- options ----------------------------------------------------------------

# Each function prints the options of tools/$1, "-x" or "--word", one a line.

# Those of its table.
in_table() {
	"tools/$1" --options | cut -f 2 | tr ' ' '\n'
}

# Every Fl of the list: "Fl n", "Fl -word", "Fl Fl word".
in_page() {
	sed -n 's/^\.It //p' "tools/$1.1" | flags
}

in_synopsis() {
	sed -n '/^\.Sh SYNOPSIS/,/^\.Sh DESCRIPTION/p' "tools/$1.1" | flags
}

# flags <MDOC: what follows Fl until the next macro; a word of several letters
# is a bundle of short options.
flags() {
	sed 's/Fl Fl /Fl -/g' | awk '{
		on = 0
		for (i = 1; i <= NF; i++) {
			if ($i ~ /^\.?[A-Z][a-z]$/)
				on = $i ~ /Fl$/
			else if (on && $i ~ /^-/)
				print "-" $i
			else if (on && $i ~ /^[A-Za-z0-9]+$/)
				for (k = 1; k <= length($i); k++)
					print "-" substr($i, k, 1)
		}
	}'
}

# options TOOL: its table and its page have the same.  So has the SYNOPSIS there,
# unless it leaves most of them to "option ..."; then it names none that is not.
options() {
	in_table "$1" | sort -u >"$work/table"
	in_page "$1" | sort -u >"$work/page"
	in_synopsis "$1" | sort -u >"$work/synopsis"
	[ -s "$work/table" ] && diff -u "$work/table" "$work/page" ||
		return 1
	if grep -q '^\.Op Ar option \.\.\.' "tools/$1.1"; then
		[ -z "$(comm -13 "$work/table" "$work/synopsis")" ]
	else
		diff -u "$work/table" "$work/synopsis"
	fi
}

# is_fresh TOOL: is it younger than its table and what makes the list of that?
is_fresh() {
	[ -x "tools/$1" ] &&
	    [ -z "$(find "tools/$1.c" tools/common/*.[ch] -newer "tools/$1")" ]
}

tools=$(existing tools/tun*.c | sed 's|.*/||; s|\.c$||')

check "layers" layers
check "nothing of one system above platform/" no_system
check "one meaning of a name" names
check "no circles" sh tests/graph.sh --check
check "libfind does not print or exit" library_is_quiet
for tool_ in $tools; do
	if is_fresh "$tool_"; then
		check "options of $tool_" options "$tool_"
	else
		skipped=$((skipped + 1))
		echo "options of $tool_: skipped, to be built first"
	fi
done
check_with mandoc "pages" pages
check_with shellcheck "scripts" scripts
[ -z "$SRCS" ] || check_with cppcheck "cppcheck" c_cppcheck
[ -z "$SRCS" ] || [ -n "${NO_TIDY:-}" ] || check_with clang-tidy "clang-tidy" c_tidy

echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
