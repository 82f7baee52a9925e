#!/bin/sh
# SPDX-License-Identifier: ISC
#
# Sockets on file systems that count their inodes alike: each tmpfs counts from
# the same number, as /run/user/UID of two users, or of one before and after a
# login.

. "$(dirname "$0")/apart.sh"
. "$(dirname "$0")/look.sh"

run=$dir/run two=$dir/two
mkdir "$run" "$two"
for place in "$run" "$two"; do
	mount -t tmpfs none "$place" 2>/dev/null || skip_all "no tmpfs"
done
unmount() {
	umount -l "$run" "$two"
}
at_exit unmount
sshd_start || skip_all "$sshd_why"
target=127.0.0.1:$sshd_port

# --- two at the same time

start_peer deaf "$run/dead" 0
end_peer
start_peer deaf "$two/other" 0
tunnel dead -L "$run/dead:$target" -D "$(free_port)"
is "a dead socket is not taken by a listener elsewhere" \
    "$(tunps -a -nro state "$me-dead" | tr '\n' ' ')" "deadfile up "
run tunps --server "$run/dead"
unlike "  nor said to be" "$err" "another process"
end_peer
kill "$pid"
umount -l "$run"

# --- one in place of another

mount -t tmpfs none "$run"
tunnel path -L "$run/s:$target"
tunnel old -M -S "$run/cm" -L "$(free_port):$target"
umount -l "$run"
mount -t tmpfs none "$run"
start_peer deaf "$run/s" 0
tunnel new -M -S "$run/cm" -L "$(free_port):$target"

is "the path of a forward leads to another listener" \
    "$(tunps -a -nro state "$me-path")" detached
exits "  --check says so" 4 tunps -a -q --check "$me-path"
exits "  --expect does not vouch for it" 4 \
    tunps -a -q --expect "$target" "$run/s"
run tunkill -v "$me-old"
like "a master whose path another one has is killed" "$out$err" "by KILL"
ok "  and the socket of the other one stays" test -S "$run/cm"
is "  which is found" "$(ctl "$me-new")" found

done_testing
