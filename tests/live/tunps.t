#!/bin/sh
# SPDX-License-Identifier: ISC
#
# What tunps asks of a real ssh and sshd, and which verdict it gives.

. "$(dirname "$0")/sshd.sh"

sshd_start || skip_all "$sshd_why"

# state SELECTOR: what tunps says of it without asking.
state() {
	tunps -n -r -o state "$1" 2>/dev/null
}

# --- --check -------------------------------------------------------------

p=$(free_port)
background -L "$p:$target" tun-check
exits "--check: a live one" 0 tunps -n -r -o state --check "$p"
is "--check: has answered" "$out" alive
exits "--check: with -v" 0 tunps -v --check "$p"
like "--check: says how it knows" "$out" 'tunnel alive because .*answer'
exits "--check: by the state it then has" 0 tunps -q --check --state alive "$p"
exits "--check: all but that" 1 tunps -q --check --state quiet,up "$p"
exits "--check -J" 0 tunps --check -J "$p"
is "--check: in JSON" "$(json '.tunnels[0].state' <"$dir/out")" alive
state "$p" >"$dir/state"
like "looking alone does not ask" "$(cat "$dir/state")" '^(up|quiet)$'

pid=$(tunps -t "$p")
kill -STOP "$pid"
wait_for tunps -q --state stopped "$p"
exits "--check: stopped" 4 tunps -q --check "$p"
kill -CONT "$pid"
exits "--check: goes on" 0 tunps -q --check "$p"

background -M -S "$dir/cm" -L "$(free_port):$target" tun-master
exits "--check: a master" 0 tunps -v --check tun-master
like "--check: was asked over its control socket" "$out" 'master.*answer'
exits "--check: several at once" 0 tunps -q --check tun-master tun-check

# A port that another has: the tunnel lives, this forward does not.
background -L "$p:$target" -R "0:$target" tun-second
exits "--check: a forward that did not get its port" 4 \
    tunps -q --check tun-second

# --- --expect ------------------------------------------------------------

exits "--expect: the target" 0 tunps --expect 127.0.0.1 "L$p@tun-check"
exits "--expect: the server" 0 tunps --expect tun-check "L$p@tun-check"
exits "--expect: another" 4 tunps --expect tun-other "L$p@tun-check"
like "--expect: says where it leads" "$err" \
    "^tunps: .*leads to $target via tun-check, not to tun-other\$"
exits "--expect: a port that another has" 4 \
    tunps --expect 127.0.0.1 "L$p@tun-second"
like "--expect: says who" "$err" "^tunps: .*: held by ssh\($pid\)"

q=$(free_port)
background -L "$p:127.0.0.1:1" -L "$q:$target" tun-sister
exits "--expect: a sister that did not get its port is no fault" 0 \
    tunps --expect "$target" tun-sister
like "  and is named" "$err" "^tunps: L$p.*: held by ssh\($pid\)"
exits "  unless it was asked about itself" 4 \
    tunps --expect "$target" "L$p@tun-sister" "$q"
exits "  and leads nowhere, whatever it was to lead to" 4 \
    tunps --expect 127.0.0.1:1 tun-sister

# --- --wait --------------------------------------------------------------

p=$(free_port)
exits "--wait in vain" 4 tunps --wait 0.2 "$p"
like "--wait in vain: says so" "$err" '^tunps: waited in vain$'
tunps -n -r -o id --wait 30 "$p" >"$dir/waited" 2>&1 &
waiter=$!
background -L "$p:$target" tun-wait
wait "$waiter"
is "--wait" "$? $(cat "$dir/waited")" "0 L$p"
exits "--wait: there already" 0 tunps -q --wait 0 "$p"
exits "--wait: the others not" 4 tunps -q --wait 0.1 "$p" "$(free_port)"
exits "--wait, --expect" 4 tunps -q --wait 0 --expect tun-other "$p"
exits "--wait, --check" 0 tunps -q --wait 0 --check "$p"
exits "--wait: a remote one" 0 tunps -q --wait 60 -R tun-second

# --- who else has the port -----------------------------------------------

exits "a port that sshd has, and that tunnels lead to" 0 tunps "$sshd_port"
like "  says which" "$err" "^tunps: $sshd_port: .* the target port of L"
like "  and who has it" "$err" \
    "^tunps: $sshd_port is held by sshd \($sshd_pid\), no tunnel\$"
exits "a port of a tunnel: nothing to say" 0 tunps "$p"
is "  on standard error" "$err" ""
exits "a tunnel that other options leave out" 1 tunps -D "$p"
like "  says so" "$err" "^tunps: $p is held by ssh .*not listed here\$"
exits "a port that nobody has" 1 tunps "$(free_port)"
is "  says nothing" "$out$err" ""
exits "-q says nothing" 1 tunps -q "$sshd_port"
is "  at all" "$out$err" ""

# --- --exposed -----------------------------------------------------------

a=$(free_port) b=$(free_port) r=$(free_port) s=$(free_port)
background -L "0.0.0.0:$a:$target" -L "$b:$target" -R "*:$r:$target" \
    -R "$s:$target" tun-open
is "--exposed: by the sockets, and what a server was asked for" \
    "$(tunps -n -r -o id,exposed --exposed tun-open | sort)" \
    "$(printf 'L%s yes\nR%s asked\n' "$a" "$r" | sort)"
is "  the same in JSON" "$(tunps -j -o id,exposed --exposed tun-open |
    grep -o '"exposed[^}]*' | sort)" \
    "$(printf '%s\n' '"exposed":null,"exposed_asked":true' \
    '"exposed":true,"exposed_asked":false')"
chmod 755 "$dir"
mkdir "$dir/open"
chmod 777 "$dir/open"
background -M -S "$dir/open/cm" -L "$(free_port):$target" tun-unsafe
is "--exposed: where others may replace the control socket" \
    "$(tunps -n -r -o via --exposed tun-unsafe tun-master)" tun-unsafe
like "  -v says why" "$(tunps -v tun-unsafe)" \
    'others can write where its socket is'

# --- --clients, -T -------------------------------------------------------

if has "--clients" nc; then
	leash nc 127.0.0.1 "$p"
	client=$leashed
	remember "$client"
	has_client() {
		tunps -n -r -o clients "$p" 2>/dev/null |
		    grep -q "nc(%*$client)\|($client)"
	}
	wait_for has_client
	is "--clients" "$(tunps -n -r --clients -o conns "$p" | sed 's/\\[0-7]*//g')" \
	    "1 nc($client)"
	tree=$(tunps -T "$p")
	like "-T: the client, below its forward" "$tree" "^   \`- nc\($client\)$"
	unleash
fi
if has "--clients: a process with two connections" bash; then
	two=$(free_port)
	background -L "$two:$target" tun-two
	# shellcheck disable=SC2016
	leash bash -c 'exec 5<>"/dev/tcp/127.0.0.1/$0" &&
	    exec 6<>"/dev/tcp/127.0.0.1/$0" && read -r _' "$two"
	client=$leashed
	remember "$client"
	has_two() {
		[ "$(tunps -rno conns "$two")" = 2 ]
	}
	ok "--clients: a process with two connections" wait_for has_two
	is "  is one client" "$(tunps -rno clients "$two" | sed 's/\\[0-7]*//g')" \
	    "bash($client)"
	is "  and once in the tree" "$(tunps -T "$two" | grep -c "($client)")" 1
	is "  and once in the evidence" \
	    "$(tunps -v --clients "$two" | grep "($client)")" \
	    "    connected: bash($client)"
	unleash
fi

background -J tun-hop -L "$(free_port):$target" tun-jump
tree=$(tunps -T tun-jump)
like "-T: jump helper" "$tree" '^\|- [0-9]+ helper  ssh .* -W .* tun-hop$'
like "-T: forward" "$tree" "^\`- L[0-9]+  localhost:[0-9]+ -> $target  up$"
if has "-T: supervised" autossh; then
	p=$(free_port)
	AUTOSSH_PATH=$(command -v ssh) autossh -M 0 -f -F "$dir/config" -N \
	    -L "$p:$target" tun-auto >/dev/null 2>&1
	ok "-T: supervised" tunps -q --wait 60 "$p"
	auto=$(tunps -n -r -o ppid "$p")
	remember "$auto"
	tree=$(tunps -T "$p")
	like "-T: supervisor" "$tree" "^autossh $auto$"
	like "-T: its tunnel" "$tree" "^\`- [0-9]+ tun-auto  up  supervised"
	like "-T: its forward" "$tree" "^   \`- L$p  "
fi

done_testing
