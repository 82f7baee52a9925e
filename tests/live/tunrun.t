#!/bin/sh
# SPDX-License-Identifier: ISC
#
# tunrun with a real ssh and sshd: is the process it prints the one that
# listens, whoever starts it, and is nothing left when it is interrupted?

. "$(dirname "$0")/sshd.sh"

sshd_start || skip_all "$sshd_why"
t=tun$$

# go ARG...: tunrun with our ssh_config, its words after the options.
go() {
	run timeout 30 tunrun "$@" </dev/null
}

p=$(free_port)
go ssh -F "$dir/config" -fN -L "$p:$target" "$t-plain"
is "ssh -fN -L: its PID, and nothing else" "$status, $out, $err" \
    "0, $(holder "$p"), "
pid=$out
is "  it is no child of anyone who could end it" \
    "$(ps -o sid= -p "$pid" | tr -d ' ')" "$pid"

p=$(free_port)
go -v -F "$dir/config" -fN -L "$p:$target" "$t-short"
is "without the word ssh, -v: with IDs" "$status, $out" "0, $(holder "$p")
L$p"

p=$(free_port)
go -J -l "la bel" -F "$dir/config" -fN -L "$p:$target" "$t-json"
is "-J" "$(printf '%s' "$out" | grep -c "\"id\": \"L$p\"")" 1
like "  with the label" "$out" '"label": "la bel"'
is "  on its own" "$(printf '%s' "$out" | json '.tunnels[0].sid')" \
    "$(printf '%s' "$out" | json '.tunnels[0].pid')"
is "  which selects it" "$(tunps -nro id "@la bel" | grep -x "L$p")" "L$p"

# A port that tunrun chooses.
range=/proc/sys/net/ipv4/ip_local_port_range
usual=$(cat $range 2>/dev/null || echo 10000)
go -F "$dir/config" -fN -L "auto:$target" "$t-choose"
is "-L auto:host:port: PID and port" "$status, $out, $err" \
    "0, ${out%% *} ${out#* }, "
pid=${out% *} p=${out#* }
is "  where it listens" "$pid" "$(holder "$p")"
ok "  below the ephemeral range" [ "$p" -lt "${usual%%[!0-9]*}" ]
go -v --strict -F "$dir/config" -fND auto -L127.0.0.1:auto:"$target" \
    -NL "[::1]:auto:$dir/sock" "$t-three"
# shellcheck disable=SC2086
set -- $out
is "-D, an address, a path, -v: all ports, then the IDs" "$status, $*" \
    "0, $1 $2 $3 $4 D$2 L$3 L$4"
is "  which listen there" "$1 $1 $1" "$(holder "$2") $(holder "$3") $(holder "$4")"
go -J -F "$dir/config" -fN -L "auto:$target" "$t-json"
p=$(printf '%s' "$out" | json '.tunnels[0].forwards[0].listen_port')
is "  -J" "$(tunps -t "$p")" "$(tunps -t "$t-json" | tail -n 1)"
p=$(free_port)
go -F "$dir/config" -fN -L "$p:auto:80" "$t-host"
is "a host of that name" "$status, $out, $(tunps -nr -o target "$p")" \
    "0, $(holder "$p"), auto:80"
go -F "$dir/config" -fN -L "auto:host:port" "$t-wrong"
is "what ssh does not take stays as it is" "$status, $out" "255, "
like "  in its words" "$err" "Bad local forwarding specification 'auto:host:port'"

# Another process takes the port between its choice and ssh, twice.
mkdir "$dir/late"
cat >"$dir/late/ssh" <<END
#!/bin/sh
echo run >>"$dir/late/runs"
if [ "\$(wc -l <"$dir/late/runs")" -le 2 ]; then
	for word; do
		case \$word in
		*:$target)	port=\${word%%:*} ;;
		esac
	done
	"$top/tests/peer" echo "\$port" >"$dir/late/out" 2>&1 &
	until [ -s "$dir/late/out" ]; do sleep 0.05; done
fi
exec "$(command -v ssh)" "\$@"
END
chmod +x "$dir/late/ssh"

for words in "" --strict; do
	rm -f "$dir/late/runs"
	# shellcheck disable=SC2086
	PATH=$dir/late:$PATH go $words -F "$dir/config" -fN \
	    -L "auto:$target" "$t-late"
	is "a port that another gets first, twice: $words" \
	    "$status, ${out% *}" "0, $(holder "${out#* }")"
	is "  which is said" "$(printf '%s\n' "$err" |
	    grep -c '^tunrun: port [0-9]*: another process was faster')" 2
	is "  and one is left" "$(tunps -t "$t-late")" "${out% *}"
	kill "${out% *}" && wait_for gone "${out% *}"
done

# Two at once, and two ports.
if [ -w $range ] && echo 1026 60999 >$range; then
	for i in 1 2; do
		timeout 30 tunrun -F "$dir/config" -fN -L "auto:$target" \
		    "$t-two" >"$dir/two.$i" 2>"$dir/two.err.$i" </dev/null &
		eval "two_$i=\$!"
	done
	# shellcheck disable=SC2154
	wait "$two_1" && wait "$two_2"
	is "two at once get one port each" "$? $(cat "$dir/two.1" "$dir/two.2" |
	    cut -d ' ' -f 2 | sort | tr '\n' ' ')" "0 1024 1025 " ||
	    note "$(cat "$dir/two.err.1" "$dir/two.err.2")"
	is "  and the PIDs are theirs" \
	    "$(sort -k 2 "$dir/two.1" "$dir/two.2" | cut -d ' ' -f 1)" \
	    "$(holder 1024)
$(holder 1025)"
	go -F "$dir/config" -fN -L "auto:$target" "$t-two"
	is "  and a third none" "$status, $out, $err" "3, , tunrun: \
auto: none of the ports from 1024 to 1025 is free"
	kill "$(cut -d ' ' -f 1 "$dir/two.1")" "$(cut -d ' ' -f 1 "$dir/two.2")"
	echo "$usual" >$range
else
	skip "two at once get one port each" "the range cannot be set"
fi

# What does not work is named.
q=$(free_port)
go -F "$dir/config" -fN -L "$q:$target" -L "$p:$target" "$t-bad"
is "a port that another has: 4, and still its PID" "$status, $out" \
    "4, $(holder "$q")"
like "  and by whom" "$err" "another process listens there .process $(holder "$p"), ssh"
q=$(free_port)
go --strict -F "$dir/config" -fN -L "$q:$target" -L "$p:$target" "$t-strict"
is "--strict: 4, and it is ended again" "$status, $out, $(holder "$q")" "4, , "
go -q -F "$dir/config" -fN -o ExitOnForwardFailure=yes -L "$p:$target" "$t-exit"
is "ssh's own failure is its own" "$status, $out" "255, "
like "  in its own words" "$err" "ddress already in use"
go -F "$dir/config" -o PubkeyAuthentication=no -fN -L "$(free_port):$target" "$t-auth"
is "a server that does not let us in" "$status, $out" "255, "

# What is not seen is not bad: one address family, and all addresses.
sed '$a\    AddressFamily inet' "$dir/config" >"$dir/inet"
p=$(free_port)
go --strict -F "$dir/inet" -fN -L "$p:$target" "$t-inet"
is "--strict: AddressFamily inet is no fault" "$status, $out, $err" \
    "0, $(holder "$p"), "
sed '$a\    GatewayPorts yes' "$dir/config" >"$dir/gateway"
p=$(free_port)
go --strict -F "$dir/gateway" -fN -L "$p:$target" "$t-gateway"
is "  nor is GatewayPorts yes" "$status, $out, $err" "0, $(holder "$p"), "
is "  which is exposed" "$(tunps -nr -o exposed "$p")" yes

# Nor a stranger at an address that was not asked for.
p=$(free_port)
perl -MSocket=:all -e 'socket(S, AF_INET6, SOCK_STREAM, 0);
    setsockopt(S, IPPROTO_IPV6, IPV6_V6ONLY, 1);
    bind(S, pack_sockaddr_in6($ARGV[0], IN6ADDR_LOOPBACK)) && listen(S, 1)
    or die "$!"; alarm(60); sleep' "$p" &
other=$!
remember "$other"
wait_for port_taken "$p"
for words in "-4 -L $p:$target" "-o AddressFamily=inet -D $p" \
    "-L 127.0.0.1:$p:$target"; do
	# shellcheck disable=SC2086 # words
	go --strict -F "$dir/config" -fN $words "$t-four"
	is "  nor a stranger at [::1]: ${words%% *}" "$status, $err" "0, "
	pid=$out
	exits "    for tuncheck, too" 0 tuncheck -qx "$t-four"
	kill "$pid" && wait_for gone "$pid"
done
go --strict -F "$dir/config" -fN -L "$p:$target" "$t-both"
is "  but for one that was" "$status, $out" "4, "
kill "$other"

# What the server listens on only it can tell.
p=$(free_port)
go -F "$dir/config" -fN -R "$p:$target" -R "$(free_port):$target" "$t-remote"
is "-R: its PID" "$status, $out" "0, $(tunps -t "$t-remote")"
is "  and once that the server is not known to listen" \
    "$(printf '%s\n' "$err" | grep -o 'R[0-9]*: whether')" "R$p: whether"
go -F "$dir/config" -o ExitOnForwardFailure=yes -fN -R "$(free_port):$target" \
    "$t-known"
is "  unless ssh was told to find out" "$status, $err" "0, "
go --strict -F "$dir/config" -fN -R "$(free_port):$target" "$t-told"
is "  as --strict does" "$status, $err" "0, "
go --strict -F "$dir/config" -fN -R "$p:$target" "$t-refused"
is "--strict: what the server refuses is no tunnel" "$status, $out" "255, "
like "  in ssh's own words" "$err" "remote port forwarding failed"
go --strict -F "$dir/config" -o ExitOnForwardFailure=no -fN -R "$p:$target" \
    "$t-mine"
is "  but a value of one's own stands" "$status, $out" \
    "0, $(tunps -t "$t-mine")"
like "  and what that leaves open is said" "$err" "whether the server listens"

# An ssh under another name, behind whatever is called ssh.
mkdir "$dir/other" "$dir/stays" "$dir/bin"
for name in ssh.real ssh.distrib box; do
	cp "$(command -v ssh)" "$dir/other/$name"
done
# wrap DIR COMMAND: an ssh that runs this.
wrap() {
	printf '#!/bin/bash\n%s\n' "$2" >"$1/ssh"
	chmod +x "$1/ssh"
}
renamed() {
	wrap "$dir/bin" "$2"
	p=$(free_port)
	PATH=$dir/bin:$PATH go -F "$dir/config" -fN -L "$p:$target" "$t-renamed"
	is "$1" "$status, $out" "0, $(holder "$p")" || note "$err"
	remember "$out"
	like "  and under which name others find it" "$err" \
	    "^tunrun: process $out is $3: .*--ssh-name $3\$"
}
renamed "a script that execs ssh.real" \
    "exec $dir/other/ssh.real \"\$@\"" ssh.real
renamed "  that adds options" \
    "exec $dir/other/ssh.distrib -o Compression=no \"\$@\"" ssh.distrib
renamed "  that forks, and keeps a record" \
    "$dir/other/ssh.real \"\$@\"; r=\$?; echo \$* >>$dir/audit; exit \$r" \
    ssh.real
renamed "  one program for many names" "exec -a ssh $dir/other/box \"\$@\"" box
wrap "$dir/bin" "exec $dir/other/box \"\$@\""
PATH=$dir/bin:$PATH go -F "$dir/config" -fN -R "$(free_port):$target" "$t-r"
is "  of a remote forward, too" "$status, $out" \
    "0, $(tunps --ssh-name box -t "$t-r")"
remember "$out"
p=$(free_port)
PATH=$dir/bin:$PATH go -F "$dir/config" -M -S "$dir/cm-box" \
    -o ControlPersist=60 -L "$p:$target" "$t-box" true
is "  of a master that stays" "$status, $out" "0, $(holder "$p")"
remember "$out"

# masters of that name that were there before
for words in "-N" "-N -L $(free_port):$target" "-o ControlPersist=60"; do
	for command in "$dir/other/box" "exec -a ssh $dir/other/box"; do
		rm -f "$dir/cm-box2"
		case $words in
		*Persist*) last=true ;;
		*) last= ;;
		esac
		# shellcheck disable=SC2086 # words
		bash -c "$command \"\$@\"" box -F "$dir/config" -f -M \
		    -S "$dir/cm-box2" $words "$t-box2" $last </dev/null 2>&1
		wait_for test -S "$dir/cm-box2"
		p=$(free_port)
		PATH=$dir/bin:$PATH go -F "$dir/config" -S "$dir/cm-box2" -fN \
		    -L "$p:$target" "$t-box2"
		is "  of a master that was there: $words, ${command%% *}" \
		    "$status, $out" "0, $(holder "$p")" || note "$err"
		like "    which is said" "$err" "process $out is box: "
		kill "$out" && wait_for gone "$out"
	done
done

# A recorder that stays as long as the tunnel does: as without tunrun.
wrap "$dir/stays" "$dir/other/ssh.real \"\$@\"; while pgrep -f 'ssh.real .*$t-stays' \
>/dev/null; do sleep 0.1; done"
p=$(free_port)
PATH=$dir/stays:$PATH timeout 30 tunrun -F "$dir/config" -fN \
    -L "$p:$target" "$t-stays" </dev/null >"$dir/stays.out" 2>/dev/null &
stays=$!
wait_for test -s "$dir/stays.out"
is "  behind a wrapper that stays" "$(cat "$dir/stays.out")" "$(holder "$p")"
kill "$(cat "$dir/stays.out")"
wait "$stays"
is "  which tunrun waits for" "$?" 0

# A server that the same script starts is no tunnel.
p=$(free_port) q=$(free_port)
cat >"$dir/both" <<END
perl -MIO::Socket::INET -e '\$s = IO::Socket::INET->new(Listen => 1,
    LocalAddr => "127.0.0.1", LocalPort => $q) or die; alarm 60; sleep 60' \
    -- -N -D $q server >/dev/null 2>&1 &
echo \$! >"$dir/server"
exec ssh -F "$dir/config" -fN -L $p:$target $t-both
END
go sh "$dir/both"
is "what else its starter leaves is no tunnel" "$status, $out" \
    "0, $(holder "$p")"
kill "$(cat "$dir/server")"

# Who else may stand between.
p=$(free_port)
go -- sh -c "ssh -F '$dir/config' -fN -L $p:$target '$t-shell'"
is "behind a shell" "$status, $out" "0, $(holder "$p")"
p=$(free_port)
go -F "$dir/config" -J "$t-hop" -fN -L "$p:$target" "$t-jump"
is "its jump helper is another process" "$status, $out" "0, $(holder "$p")"
if has "autossh -f" autossh; then
	p=$(free_port)
	go autossh -f -M 0 -F "$dir/config" -N -L "$p:$target" "$t-auto"
	is "autossh -f: its ssh, not autossh" "$status, $out" "0, $(holder "$p")"
	remember "$(tunps -nro ppid "$t-auto")"
fi
if has "sshpass ssh -f" sshpass; then
	p=$(free_port)
	go -- sshpass -p x ssh -F "$dir/config" -fN -L "$p:$target" "$t-pass"
	case $status in
	0)	# It may also be hung up on when tunrun has ended already.
		[ -n "$(holder "$p")" ] || wait_for gone "$out"
		is "sshpass ssh -f" "$(holder "$p")" \
		    "$(gone "$out" || echo "$out")" ;;
	*)	is "sshpass ssh -f has lost it: said" "$status, $out, $err" \
		    "1, , tunrun: nothing is left in the background: if \
sshpass hangs up on it, put nohup before ssh" ;;
	esac
	p=$(free_port)
	go -- sshpass -p x nohup ssh -F "$dir/config" -fN -L "$p:$target" "$t-nohup"
	is "  and with nohup has not" "$status, $out" "0, $(holder "$p")"
fi

# Where tunrun cannot become the reaper, as on OpenBSD, NetBSD and macOS.
preload=$top/tests/faults.so
if can "without a reaper" "no tests/faults.so" test -e "$preload" &&
    can "without a reaper" "tunrun does not run with a preloaded library" \
    env LD_PRELOAD="$preload" tunrun -V; then
	marked() {
		run timeout 30 env FAULT=subreaper:1:EINVAL \
		    LD_PRELOAD="$preload" tunrun "$@" </dev/null
	}
	is_later() {
		[ "$(date +%s)" -gt "$1" ]
	}
	p=$(free_port)
	marked -F "$dir/config" -fN -L "$p:$target" "$t-mark"
	is "without a reaper a mark in the environment shows it" \
	    "$status, $out, $err" "0, $(holder "$p"), "
	# Start times are compared by the second, and one may be off by one.
	wait_for is_later "$(($(date +%s) + 1))"
	p=$(free_port)
	marked -- env -i PATH="$PATH" ssh -F "$dir/config" -fN \
	    -L "$p:$target" "$t-unmarked"
	pid=$(holder "$p")
	is "one that does not show it is not passed over" "$status, $out, $err" \
	    "3, , tunrun: process $pid has started since and may be the \
tunnel: its environment does not show TUN_RUN"
	remember "$pid"
fi

# Masters.
p=$(free_port)
go -l m -F "$dir/config" -M -S "$dir/cm" -o ControlPersist=60 -L "$p:$target" \
    "$t-persist" true
is "ControlPersist: the master that is left" "$status, $out, $err" \
    "0, $(holder "$p"), "
master=$out
is "  the journal has its label" "$(tunps -anro label "$p")" m
q=$(free_port)
TUN_JOURNAL=off go -l m -F "$dir/config" -M -S "$dir/cm-off" \
    -o ControlPersist=60 -L "$q:$target" "$t-off" true
is "  without a journal it is lost, which is said" "$err" "tunrun: the label \
is lost: process $out does not show it"
tunkill -q "$q"
p=$(free_port)
go -v -F "$dir/config" -S "$dir/cm" -fN -L "$p:$target" "$t-persist"
is "a master that was there has it" "$status, $out" "0, $master
L$p"
like "  which is said" "$err" "process $master, $dir/cm"
go -F "$dir/config" -S "$dir/cm" -fN -L "$p:$target" "$t-persist"
is "  even when it had it before" "$status, $out" "0, $master"

p=$(free_port)
go -F "$dir/config" -S "$dir/cm" -fN -L "$p:$target" "$t-alias"
is "  given another name of its host: by the path" "$status, $out" "0, $master"
if can "  which only ssh_config has: by the client" \
    "before OpenSSH 9.4 -f leaves none" has_keyword Tag=x; then
	p=$(free_port)
	printf 'Host %s\n    ControlPath %s\n' "$t-alias" "$dir/cm" |
	    cat - "$dir/config" >"$dir/alias"
	go -F "$dir/alias" -f -L "$p:$target" "$t-alias" sleep 60
	is "  which only ssh_config has: by the client" "$status, $out" \
	    "0, $master"
fi

p=$(free_port)
go -F "$dir/config" -S "$dir/cm" -fN -R "$p:$target" "$t-persist"
is "  a remote forward that it is given: by the path" "$status, $out" \
    "0, $master"
like "    which is said" "$err" "process $master, $dir/cm"
ok "    and the server listens" port_taken "$p"
is "    and the journal has it" "$(tunps -anro id "R$p")" "R$p"
printf 'Host %s\n    ControlPath %s\n' "$t-persist" "$dir/cm" |
    cat - "$dir/config" >"$dir/mux"
go -F "$dir/mux" -fN -R "$(free_port):$target" "$t-persist"
is "    or not known, where only ssh_config has a path" \
    "$status, $out, $err" "3, , tunrun: whether a master that was there before \
has the remote forward cannot be seen: process $master may have it"

# In front.
p=$(free_port)
mkfifo "$dir/pid"
tunrun -F "$dir/config" -N -L "$p:$target" "$t-front" >"$dir/pid" 2>"$dir/err" &
front=$!
remember "$front"
read -r pid <"$dir/pid"
is "in front: when it listens" "$pid" "$(holder "$p")"
kill "$front"
wait "$front"
is "  and ends with tunrun" "$?, $(holder "$p")" "143, "

# Interrupted.
(
	trap - INT
	exec tunrun -F "$dir/config" -o ProxyCommand="sleep 10$$" -fN \
	    -L "$(free_port):$target" "$t-hang"
) >/dev/null 2>&1 &
hang=$!
wait_for pgrep -fx "sleep 10$$" >/dev/null
kill "$hang"
wait "$hang"
is "interrupted while ssh connects: nothing is left" \
    "$?, $(pgrep -fx "sleep 10$$"; pgrep -f "$t-hang")" "143, "
# autossh_detached: tunrun has these words, too, but leads no session.
autossh_detached() {
	ps -axo pid=,sid=,args= | awk -v word="$t-never" '
	$1 == $2 && $3 ~ /autossh$/ && index($0, word) { n++ }
	END { exit !n }'
}
if has "  nor of an autossh" autossh; then
	AUTOSSH_GATETIME=0 tunrun -t 60 autossh -f -M 0 -F "$dir/config" -p 1 \
	    -N -L "$(free_port):$target" "$t-never" >/dev/null 2>&1 &
	hang=$!
	wait_for autossh_detached
	kill "$hang"
	wait "$hang"
	is "  nor of an autossh that had gone to the background" \
	    "$?, $(pgrep -f "$t-never")" "143, "
fi

# A passphrase, asked for on the terminal.
if has "a passphrase is asked for on the terminal" script; then
	ssh-keygen -q -t ed25519 -N sesame -f "$dir/locked"
	cat "$dir/locked.pub" >>"$dir/user_key.pub"
	sed "s|BatchMode yes|BatchMode no|; s|$dir/user_key|$dir/locked|" \
	    "$dir/config" >"$dir/asks"
	p=$(free_port)
	{
		wait_for grep -q "passphrase" "$dir/pty" 2>/dev/null
		echo sesame
		wait_for grep -q "^[0-9][0-9]*.\$" "$dir/pty" 2>/dev/null
	} | timeout 30 script -qfec \
	    "tunrun -F '$dir/asks' -fN -L $p:$target $t-pass2" "$dir/pty" \
	    >/dev/null 2>&1
	is "a passphrase is asked for on the terminal" \
	    "$(tr -d '\r' <"$dir/pty" | grep -x '[0-9]*')" "$(holder "$p")"
	ok "  and the tunnel outlives that" [ -n "$(holder "$p")" ]
fi

# Until it leads its own session it would end with the terminal.
preload=$top/tests/faults.so
if can "one that is slow to leave the terminal" "no faults.so" \
    [ -e "$preload" ]; then
	p=$(free_port)
	timeout 60 script -qfec "tunrun env FAULT=daemon:1:0 \
	    LD_PRELOAD='$preload' ssh -F '$dir/config' -fN -L $p:$target \
	    $t-slow" "$dir/pty" </dev/null >/dev/null 2>&1
	is "one that is slow to leave the terminal" "$(tr -d '\r' <"$dir/pty" |
	    grep -x '[0-9]*')" "$(holder "$p")"
fi

# Numbers in the /proc of another PID namespace are not ours.
if unshare --pid --fork true 2>/dev/null; then
	rm -f "$dir/started"
	for command in "ssh -F $dir/config -fN -L $(free_port):$target $t-ns" \
	    "touch $dir/started"; do
		# shellcheck disable=SC2086
		run timeout 30 unshare --pid --fork --kill-child -- \
		    tunrun $command </dev/null
		is "a foreign /proc: ${command%% *} is not started" \
		    "$status, $out, $(printf '%s\n' "$err" | wc -l)" "3, , 1"
		like "  which is said" "$err" "^tunrun: ${command%% *}: not started"
	done
	ok "  and was not" test ! -e "$dir/started"
	run timeout 30 unshare --pid --fork --kill-child --mount-proc -- \
	    tunrun -q touch "$dir/started" </dev/null
	ok "a /proc of its own: it is" test -e "$dir/started"
else
	skip "a foreign /proc" "no PID namespaces"
fi

# Two hundred times, four at once: each PID is that of its own tunnel.
cat >"$dir/once" <<END
# Out of its session it may be a moment later than it listens.
leads() {
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		[ "\$(cut -d ' ' -f 6 <"/proc/\$1/stat")" = "\$1" ] && return
		sleep 0.1
	done
	return 1
}
pid=\$(timeout 20 tunrun -F "$dir/config" -fN -L "$dir/s.\$1:$target" \\
    "$t-many" 2>>"$dir/many.err") || { echo "\$1: status \$?"; exit 0; }
tr '\\0' ' ' <"/proc/\$pid/cmdline" 2>/dev/null | grep -q "/s\\.\$1:" &&
    leads "\$pid" &&
    [ -S "$dir/s.\$1" ] && echo right || echo "\$1: wrong, \$pid"
kill "\$pid"
END
if [ -r /proc/self/cmdline ]; then
	i=0
	while [ $i -lt 200 ]; do
		i=$((i + 1))
		echo $i
	done | xargs -P 4 -n 1 sh "$dir/once" >"$dir/many" 2>&1
	is "200 runs, no wrong PID" "$(sort "$dir/many" | uniq -c | tr -s ' ')" \
	    " 200 right" || note "$(head "$dir/many.err")"
else
	skip "200 runs, no wrong PID" "no /proc"
fi

done_testing
