#!/bin/sh
# SPDX-License-Identifier: ISC
#
# invocations.sh dir: what the tools in dir say of the recorded tables, in some
# forty ways.  To compare two builds: a change of the tree that is to change
# nothing leaves the output as it was, to the byte.
#
#	sh tests/invocations.sh old/tools >old
#	sh tests/invocations.sh new/tools >new
#	cmp old new

set -u
tools=$(cd "${1:?usage: invocations.sh dir}" && pwd) || exit 1
cd "$(dirname "$0")/.." || exit 1
LC_ALL=C TZ=UTC0
export LC_ALL TZ
unset COLUMNS NO_COLOR TUN_LABEL
out=$(mktemp) || exit 1
trap 'rm -f "$out"' EXIT

# try COMMAND WORD...: its output, errors and status.
try() {
	echo "--- $*"
	command=$1
	shift
	"$tools/$command" "$@" >"$out" 2>&1
	status=$?
	grep -v '^ssh_tunnel_scan_duration_seconds [0-9]' "$out"
	echo "--- $status"
}

for table in tests/fixtures/*/table; do
	while read -r words; do
		# Lists of words on purpose.
		# shellcheck disable=SC2086
		case $words in
		tunkill*) try ${words%%=*} -n --table "$table" ${words#*=} ;;
		*) try tunps --table "$table" $words ;;
		esac
	done <<-END
	-e
	-ae
	-ael
	-aeO
	-aev
	-aeT
	-aeJ
	-aej
	-aer
	-aec
	-aet
	-ae --clients
	-ae --sort -age
	-ae --stale
	-ae --suspect
	-ae --state up,quiet
	-ae --exposed
	-ae --older 1m
	-ae -L
	-ae -R
	-ae -D
	-aeM
	-ae --metrics
	-ae --metrics=each
	-ae --export sh
	-ae --export config
	-ae --export systemd
	-ae -o +why,source,remote,rx,tx
	-ae --expect localhost
	--complete L
	--complete 8
	--server -e
	--server -eJ
	tunkill=-a
	tunkill=-aJ
	tunkill=-a --whole
	tunkill=-a --whole --sessions
	tunkill=-a --whole --sessions --supervisor
	tunkill=-a -s KILL --whole
	tunkill=--stale
	END
done
