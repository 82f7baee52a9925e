#!/bin/sh
# SPDX-License-Identifier: ISC
#
# Recorded tables of real tunnels: tests/fixtures/OS-CASE/table was written by
# tabrec, want is what tunps says of it, on any system.  To add one, record
# it, look at what tunps says, and only then keep that as want.

. "$(dirname "$0")/lib.sh"

for fixture in "$top"/tests/fixtures/*/; do
	run tunps -a -e --table "${fixture}table" -r \
	    -o id,kind,pid,ppid,uid,origin,supervisor,state,listen,target \
	    -o +via,source,conns,age,heard,rx,exposed,ctlpath,master,cmd
	is "$(basename "$fixture")" "$out" "$(cat "${fixture}want")"
	# What needs no sockets, or only listeners, lists the same tunnels.
	pids=$(echo "$out" | awk 'NR > 1 && !seen[$3]++ { print $3 }')
	run tunps -a -e --table "${fixture}table" -t
	is "  their PIDs" "$out" "$pids"
	run tunps -a -e --table "${fixture}table" -nr -o pid,listen
	is "  and where they listen" "$(echo "$out" | cut -d ' ' -f 1 | uniq)" \
	    "$pids"
done

done_testing
