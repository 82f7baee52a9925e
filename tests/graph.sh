#!/bin/sh
# SPDX-License-Identifier: ISC
#
# graph.sh: which source file needs which, by the symbols of the objects that
# were built, one pair a line, with paths from the top.
#
# graph.sh --check: no circle between files, and no file needs one of a folder
# above its own.

set -u
cd "$(dirname "$0")/.." || exit 1

# Folders from the top down.
folders='
tools tools/add tools/check tools/permit tools/ps tools/run
tools/kill tools/common
libfind libfind/act libfind/permit libfind/mux libfind/verdict libfind/sockets
libfind/process libfind/journal libfind/ssh libfind/core
platform platform/record platform/linux platform/bsd platform/common
platform/compat'

objects() {
	find tools libfind platform -name '*.o' | sort
}

# Symbols that a file has, and those that it wants: "D symbol file".
symbols() {
	objects | while read -r object; do
		nm -g "$object" | awk -v file="${object%.o}.c" '
		NF == 3 { print "has", $3, file }
		NF == 2 { print "wants", $2, file }'
	done
}

graph() {
	symbols | sort | awk '
	$1 == "has" { has[$2] = $3; next }
	($2 in has) && has[$2] != $3 { print $3, has[$2] }' | sort -u
}

check() {
	graph >"$work/graph"
	[ -s "$work/graph" ] || { echo "nothing is built"; return 1; }
	awk -v folders="$folders" '
	BEGIN {
		n = split(folders, v, /[ \n]+/)
		for (i = 1; i <= n; i++)
			rank[v[i]] = i
	}
	function folder(path) {
		sub("/[^/]*$", "", path)
		return path
	}
	rank[folder($1)] > rank[folder($2)] { print "upwards:", $1, $2 }
	' "$work/graph" >"$work/wrong"
	# Each circle is on lines of its own.
	tsort <"$work/graph" 2>&1 >/dev/null | sed 's/^tsort: //' >>"$work/wrong"
	cat "$work/wrong"
	[ ! -s "$work/wrong" ]
}

case ${1-} in
--check)
	work=$(mktemp -d) || exit 1
	trap 'rm -rf "$work"' EXIT
	check ;;
'')	graph ;;
*)	echo "usage: graph.sh [--check]" >&2
	exit 2 ;;
esac
