#!/bin/sh
# SPDX-License-Identifier: ISC
#
# Paths in a file system that another machine serves, by sshfs: what is there
# proves nothing, and when its server hangs no tool waits for it.

. "$(dirname "$0")/apart.sh"
. "$(dirname "$0")/look.sh"

[ "$(uname -s)" = Linux ] || skip_all "mountinfo is Linux's"
require sshfs
if [ ! -c /dev/fuse ] || ! (: <>/dev/fuse) 2>/dev/null; then
	skip_all "no /dev/fuse"
fi
sshd_start || skip_all "$sshd_why"

net=$dir/net far=$dir/far
why='file system that others serve or that does not answer'
mkdir "$net" "$far" "$dir/bin"
cp "$top/tests/rival" "$dir/bin"
chmod 755 "$dir"

# bounded COMMAND...: 124 or 137 for one that waits for a file system.
bounded() {
	timeout -k 1 60 "$@"
}

# Those of look.sh, too.
tunps() {
	bounded "$top/tools/tunps" "$@"
}

ask() {
	bounded "$top/tests/ask" "$@"
}

# shown SELECTOR: the STATE column of its rows.
shown() {
	tunps -a -n -r -o state "$1" 2>/dev/null
}

forward() {
	ask -f "$1" 2>&1 | cut -d ' ' -f 2
}

is_mounted() {
	grep -q " $1 fuse" /proc/mounts
}

unmount() {
	kill -s KILL "$server" 2>/dev/null
	umount -l "$net" 2>/dev/null
}

# sshfs makes no sockets: these are where it is mounted afterwards.
well=$(free_port)
tunnel well -L "$well:$target"
tunnel path -L "$net/s:$target"
tunnel master -M -S "$net/cm" -L "$(free_port):$target"
master=$pid
is "before the mount its path is bound" "$(forward "$me-path")" bound
is "before the mount its socket is found" "$(ctl "$me-master")" found

sshfs -f -F "$dir/config" -o attr_timeout=0,entry_timeout=0,dcache_timeout=0 \
    "tun:$far" "$net" </dev/null >"$dir/sshfs.log" 2>&1 &
server=$!
remember "$server"
at_exit unmount
wait_for is_mounted "$net"
is_mounted "$net" || skip_all "sshfs: $(cat "$dir/sshfs.log")"

# --- it answers: sockets of another machine, where nobody listens any more

for name in s cm; do
	start_peer deaf "$far/$name" 0
	chmod 600 "$far/$name"
	end_peer
done
ok "a socket is there" [ -S "$net/cm" ]
is "it is not told whose the path is" "$(shown "$me-path")" '?'
like "for that reason" "$(bounded tunps -a -v "$me-path")" "$why"
is "nor what became of a control socket" "$(ctl "$me-master")" '?'
exits "tuncheck: no dead socket" 0 bounded tuncheck "$net/cm"
like "but one that is not known" "$out" 'cm: not known.*network file system'
exits "tunkill --sockets refuses it" 3 bounded tunkill --sockets "$net/cm"
like "as one that may be alive" "$err" 'may be on another machine'
exits "tunkill --sockets finds none" 1 bounded tunkill --sockets
ok "it is still there" [ -S "$far/cm" ]

# --- a tunnel with all its files there

cp "$dir/config" "$far/config"
(cd "$net" && exec ssh -F "$net/config" -fN -o "IdentityAgent=$net/agent" \
    -L "$(free_port):$target" "$me-inside" </dev/null >"$dir/ssh.log" 2>&1)
inside=$(pid_of "$me-inside")
remember "$inside"
is "a tunnel runs in there" "$(shown "$me-inside")" up

# Two that tunrun has started: in there, and beside with an agent in there.
lost_in=$(free_port) lost_by=$(free_port)
(cd "$net" && bounded tunrun -q -F "$dir/config" -fN \
    -L "$lost_in:$target" "$me-in" </dev/null)
(cd "$dir" && SSH_AUTH_SOCK=$net/agent bounded tunrun -q -F "$dir/config" \
    -o IdentityAgent=none -fN -L "$lost_by:$target" "$me-by" </dev/null)

# --- its server hangs

stop "$server"

is "tunps: one beside is up" "$(shown "$me-well")" up
is "tunps: one with its files there is, too" "$(shown "$me-inside")" up
is "tunps: one with its path there is not known" "$(shown "$me-path")" '?'
like "tunps -v says why" "$(bounded tunps -a -v "$me-path")" "$why"
is "tunps: a master with its socket there is up" "$(shown "$me-master")" up
is "its control socket is not known" "$(ctl "$me-master")" '?'
like "tunps -v says why that is" "$(bounded tunps -a -v "$me-master")" "$why"
exits "tunps -S ends" 0 bounded tunps -a -S "$net/cm"
exits "tunps --config ends" 0 bounded tunps -a --config
exits "tunps --record ends" 0 bounded tunps -a --record "$dir/record"
is "a record says the same" "$(tunps -a -n -r -o state --table "$dir/record" \
    "$me-path")" '?'

exits "tunps --check: one beside" 0 bounded tunps --check "$me-well"
is "is alive" "$(echo "$out" | awk 'NR == 2 { print $3 }')" alive
exits "tunps --check: health of that path is not known" 3 \
    bounded tunps -a --check "$me-path"
like "for that reason" "$err" "$why"

exits "tuncheck ends" 0 bounded tuncheck
like "it asks one beside" "$out" "^L$well: alive"
like "it says what is not known" "$out" \
    "^$net/cm: not known \(pid $master\): its file system does not answer"
exits "tuncheck PATH ends" 0 bounded tuncheck "$net/cm"
like "with the same" "$out" ': not known'
exits "tuncheck -x of a path is not known" 3 bounded tuncheck -x "$net/none"
exits "tuncheck -P ends" 0 bounded tuncheck -P
like "it tries one beside" "$out" "^L$well: target answers"
like "it does not try the path" "$out" "net/s: target not known: .*$why"

exits "tunkill -n ends" 0 bounded tunkill -n "$me-well"
like "with a plan" "$out" "^L$well: end ssh"
exits "tunkill -n PATH ends" 0 bounded tunkill -n "$net/s"
exits "tunkill --sockets -n finds none" 1 bounded tunkill --sockets -n
exits "tunkill --sockets -n PATH refuses it" 3 \
    bounded tunkill --sockets -n "$net/cm"
like "as one that may be alive" "$err" 'may be on another machine'

kill -s KILL "$(holder "$lost_in")" "$(holder "$lost_by")"
wait_for silent "$lost_in"
wait_for silent "$lost_by"
run bounded env PATH="$net:$PATH" "$top/tools/tunrun" --again -n "$lost_by"
like "tunrun --again with a search path in there ends" "$status $err" \
    "^3 .*: $net/ssh: its file system does not answer"
HOME=$net run bounded tunrun --again
is "tunrun --again starts one beside" "$status $out" "64 $(holder "$lost_by")"
like "it does not start one in there" "$err" \
    "^tunrun: L$lost_in: its directory $net: the file system does not answer"
unlike "it says nothing of an agent that is not known" "$err" agent
remember "$(holder "$lost_by")"

tunnel add -M -S "$dir/add" -L "$(free_port):$target"
bounded tunadd -n "$me-add" -L "$net/t:$target" >/dev/null 2>&1
ok "tunadd -n ends" [ $? -ne 124 ]
exits "tunkill ends one beside" 0 bounded tunkill "$me-well"
unmount

# --- a server that takes each question and answers none

hung=$dir/hung
mkdir "$hung"
tunnel hung -L "$hung/s:$target"
ok "a file system that never answers" start_rival root hang "$hung"
is "a path in it is not known" "$(shown "$me-hung")" '?'
exits "tuncheck ends" 0 bounded tuncheck
end_rival
umount -l "$hung" 2>/dev/null

done_testing
