#!/bin/sh
# SPDX-License-Identifier: ISC
#
# graph.sh: which source file needs which, by the symbols of the objects that
# were built, one pair a line, with paths from the top.
#
# graph.sh --check: no circle between files, and no file needs one of a folder
# above its own.
#
# graph.sh --folders: the folders from the top down, and what each is for.
#
# graph.sh --upwards: of such pairs on standard input, those whose second file is
# in a folder above that of the first, or in none of them.

set -u
cd "$(dirname "$0")/.." || exit 1

# folders: the folder and what it is for, one a line, from the top down.
folders() {
	cat <<-'END'
	tools	the programs
	tools/add	tunadd: the master, who listens
	tools/check	tuncheck: the answers
	tools/permit	tunpermit: what it prints
	tools/ps	tunps: lists, screens, metrics
	tools/run	tunrun: what it started
	tools/kill	tunkill: plan, act, wait
	tools/common	rows, columns, JSON, filters
	libfind	scan.c: the story of one scan
	libfind/act	questions, signals, removal
	libfind/permit	who may forward what through sshd
	libfind/mux	the ControlMaster protocol
	libfind/verdict	origin, health, IDs, selectors
	libfind/sockets	who owns which listener
	libfind/process	candidates, links between them
	libfind/journal	what the tun tools did
	libfind/ssh	command lines, forwards, ssh -G
	libfind/core	memory, paths, addresses, words
	platform	records, dispatch
	platform/record	a recorded table
	platform/linux	/proc, netlink, pidfd
	platform/bsd	sysctl, libproc, kvm
	platform/common	failures to look, shared facts
	platform/compat	what a libc lacks
	END
}

objects() {
	find tools libfind platform -name '*.o' | sort
}

# Symbols that a file has, and those that it wants: "has|wants symbol file".
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

upwards() {
	awk -v folders="$(folders | cut -f 1)" '
	BEGIN {
		n = split(folders, v)
		for (i = 1; i <= n; i++)
			rank[v[i]] = i
	}
	function folder(path) {
		sub("/[^/]*$", "", path)
		return path
	}
	!(folder($2) in rank) || rank[folder($1)] > rank[folder($2)]'
}

check() {
	graph >"$work/graph"
	[ -s "$work/graph" ] || { echo "nothing is built"; return 1; }
	upwards <"$work/graph" | sed 's/^/upwards: /' >"$work/wrong"
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
--folders)
	folders ;;
--upwards)
	upwards ;;
'')	graph ;;
*)	echo "usage: graph.sh [--check|--folders|--upwards]" >&2
	exit 2 ;;
esac
