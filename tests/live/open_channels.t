#!/bin/sh
# SPDX-License-Identifier: ISC
#
# What tunps --check learns from the open channels of a master, which OpenSSH
# 10.3 and later tell; older ones are asked in vain.

. "$(dirname "$0")/look.sh"

require ss
sshd_start || skip_all "$sshd_why"
echo_port=$(free_port)
start_peer echo "$echo_port" || skip_all "no port for an echo"
master m -M

# given KIND SPEC: added to the master by ssh, which leaves no trace of it.
given() {
	ssh -F "$dir/config" -S "$path" -O forward "$1" "$2" tun \
	    >"$dir/ssh.log" 2>&1 || note "$1 $2: $(cat "$dir/ssh.log")"
}

# learns NAME TARGET SELECTOR: that is the target after a question, if this ssh
# answers it, and is not known without one.
learns() {
	is "$1: not known" "$(tunps -anr -o target,source "$3")" "? socket"
	goal=$2
	ssh -F none -S "$path" -O channels tun >/dev/null 2>&1 ||
	    goal='? socket'
	prints "$1: asked" "$goal" tunps -anr -o target,source --check "$3"
}

p=$(free_port)
given -L "$p:localhost:$echo_port"
learns "unused" "? socket" "L$p"
start_peer hold 1 127.0.0.1 "$p" x
learns "-L" "localhost:$echo_port mux" "L$p"

s=$(free_port)
given -D "$s"
start_peer socks 1 127.0.0.1 "$s" "$echo_port"
learns "-D" "socks mux" "L$s"
learns "-D, as its kind" "socks mux" "D$s"

u=$dir/listen
given -L "$u:127.0.0.1:$echo_port"
start_peer hold 1 "$u" 0 x
learns "a path" "127.0.0.1:$echo_port mux" "L$u"

q=$(free_port)
given -L "$q:$u"
start_peer hold 1 127.0.0.1 "$q" x
learns "to a path" "$u mux" "L$q"
like "an export" "$(tunps --export=sh --check "L$p")" \
    "-L $p:localhost:$echo_port |it also listens for L$p"
done_testing
