#!/bin/sh
# SPDX-License-Identifier: ISC
#
# masters.sh N DIR COMMAND ...: the command beside N real mux masters, whose
# control sockets are DIR/m1, DIR/m2, ...  For bench.sh, in its namespaces.

# shellcheck source=tests/tools/lib.sh
. "$(dirname "$0")/../tools/lib.sh"
# shellcheck source=tests/live/sshd.sh
. "$(dirname "$0")/../live/sshd.sh"

count=$1 sockets=$2
shift 2

sshd_start || {
	echo "masters: $sshd_why" >&2
	exit 3
}
for i in $(seq "$count"); do
	ssh -F "$dir/config" -M -S "$sockets/m$i" -fN "tun$i" || exit 3
done
"$@"
