#!/bin/sh
# SPDX-License-Identifier: ISC
#
# sessions.sh N COMMAND ...: the command beside N real sessions of an sshd, each
# of which listens for a -R of its client.  Run by root they are the sessions of
# another user, so each has its monitor, too.  For bench.sh, in its namespaces.

# shellcheck source=tests/tools/lib.sh
. "$(dirname "$0")/../tools/lib.sh"
# shellcheck source=tests/live/sshd.sh
. "$(dirname "$0")/../live/sshd.sh"

count=$1
shift

sshd_start || {
	echo "sessions: $sshd_why" >&2
	exit 3
}
user=$(id -un)
if [ "$(id -u)" -eq 0 ]; then
	user=nobody
	chmod 755 "$dir"
fi
i=0
while [ "$i" -lt "$count" ]; do
	ssh -F "$dir/config" -fN -o ExitOnForwardFailure=yes \
	    -R "$((14000 + i)):localhost:80" -l "$user" tun || exit 3
	i=$((i + 1))
done
"$@"
