#!/bin/sh
# SPDX-License-Identifier: ISC
#
# The tunnels of a real dbclient, the client of Dropbear, to our sshd.

. "$(dirname "$0")/look.sh"

require dbclient dropbearkey ss
dbclient=$(command -v dbclient)
sshd_start || skip_all "$sshd_why"
dropbearkey -t ed25519 -f "$dir/db_key" >"$dir/db.log" 2>&1
dropbearkey -y -f "$dir/db_key" 2>&1 | grep '^ssh-' >>"$dir/user_key.pub" ||
    skip_all "no key: $(cat "$dir/db.log")"
via=$(id -un)@127.0.0.1
words="-y -y -i $dir/db_key -p $sshd_port -f -N"

# db ARGS...: a dbclient in the background, or the program $dbclient, which goes
# there before it listens.
db() {
	# shellcheck disable=SC2086
	"$dbclient" $words "$@" </dev/null >"$dir/ssh.log" 2>&1 ||
	    note "dbclient $*: $(cat "$dir/ssh.log")"
}

# found NAME SELECTOR ROW: what tunps has of the tunnel; its PID in $pid.
found() {
	comes_to "$1" "$3" tunps -anr -o id,state,target,via,origin,source "$2"
	pid=$(pid_of "$2")
}

l=$(free_port) r=$(free_port)
db -L "$l:$target" -R "$r:$target" "$via"
found "-L and -R" "$l" "L$l up $target $via:$sshd_port background argv"
found "  both of one process" "R$r" \
    "R$r up $target $via:$sshd_port background argv"
is "  which listens" "$(holder "$l")" "$pid"
is "  bound" "$(own "$l")" "bound remote"
works "tuncheck probes it" tuncheck -P -x "L$l"
like "  to its target" "$out" "^L$l: target answers"
run tunkill "R$r"
is "one of both forwards" "$status $(alive "$pid" && echo alive)" "3 alive"
like "  would end the other, too" "$err" "L$l"

# Its words are no words for ssh -G.
prints "--config asks nobody" argv tunps --config -nr -o source "$l"
like "no Host block" "$(tunps --export=config "$l")" \
    "^# a dbclient reads no ssh_config"
like "a unit" "$(tunps --export=systemd "$l")" "^ExecStart=$dbclient "
unlike "  without the directory that it went to" \
    "$(tunps --export=systemd "$l")" "WorkingDirectory"
unlike "  in the foreground" "$(tunps --export=systemd "$l")" " -f "
works "tunkill ends it" tunkill --whole "L$l"
ok "  and its port is free" silent "$l"

p=$(free_port)
db -g -L "$p:$target" "$via"
found "-g: all addresses" "$p" \
    "L$p up $target $via:$sshd_port background argv"
ok "  are exposed" tunps -aq --exposed "$p"

db -L "0:$target" "$via"
pid=$(pid_of "$via:$sshd_port")
p=$(tunps -anr -o id -p "$pid" | sed -n 's/^L//p')
is "a port that the kernel chooses" "$(holder "$p")" "$pid"
works "  leads to the target" tuncheck -P -x "L$p"
works "  tunkill ends it" tunkill --whole "L$p"

# There is no listener and no signal mask: that it went away is the sign.
r=$(free_port)
db -R "$r:$target" "$via"
found "-R alone" "R$r" "R$r up $target $via:$sshd_port background argv"

# The starter's pipes stay open, so a pipe is no sign of a helper.
p=$(free_port)
: | db -L "$p:$target" "$via" 5<&0 6>&1 | :
found "started with two pipes" "$p" \
    "L$p up $target $via:$sshd_port background argv"
is "  that are not its connection" \
    "$(tunps -J "$p" | json '.tunnels[0].server_port')" "$sshd_port"

# So does a connection: here to the server, which is the starter's own and
# closed by now.
p=$(free_port)
if has "a connection of its starter" bash; then
	r=$(free_port)
	ssh -F "$dir/config" -N -D "$r" tun >/dev/null 2>&1 &
	other=$!
	remember "$other"
	wait_for listens "$r" "$other"
	# shellcheck disable=SC2016,SC2086
	bash -c 'exec 3<>"/dev/tcp/127.0.0.1/$1" && shift && exec "$@"' bash \
	    "$r" "$dbclient" $words -L "$p:$target" "$via" </dev/null \
	    >"$dir/ssh.log" 2>&1
	kill "$other"
	wait_for ended "$other"
	found "started with a connection that is closed" "$p" \
	    "L$p up $target $via:$sshd_port background argv"
	is "  that is not its own" \
	    "$(tunps -J "$p" | json '.tunnels[0].server_port')" "$sshd_port"
	exits "  so it is not stale" 1 tunkill --stale
fi

# with_listeners PORT PORT COMMAND...: it gets listeners on both.
with_listeners() {
	# shellcheck disable=SC2016
	perl -MSocket -e '
		$^F = 20;
		for (1, 2) {
			socket(my $s, PF_INET, SOCK_STREAM, 0);
			bind($s, sockaddr_in(shift, INADDR_LOOPBACK)) &&
			    listen($s, 5) or die "$!";
			push(@left, $s);
		}
		exec(@ARGV)' "$@" </dev/null >"$dir/ssh.log" 2>&1
}

# So do listeners, which are the starter's: its own come after them.
if has "listeners of its starter" perl; then
	# shellcheck disable=SC2046
	set -- $({ free_port; free_port; free_port; } | sort -n)
	p=$3
	# shellcheck disable=SC2086
	with_listeners "$1" "$2" "$dbclient" $words -L "$p:$target" "$via"
	found "started with two listeners" "$p" \
	    "L$p up $target $via:$sshd_port background argv"
	is "  its forward is bound" "$(own "$p")" bound
	kill "$pid"
	wait_for ended "$pid"
	# shellcheck disable=SC2086
	with_listeners "$1" "$2" "$dbclient" $words -L "$p:$target" \
	    "$(id -un)@localhost^$sshd_port,$via^$sshd_port"
	found "  and through another host" "$p" \
	    "L$p up $target $via:$sshd_port background argv"
	is "  which is found" "$(helpers "$p" | wc -l)" 1
	works "  tunkill ends it" tunkill "$p"
fi

p=$(free_port)
db -L "$p:$target" "$(id -un)@localhost^$sshd_port,$via^$sshd_port"
found "two hops" "$p" "L$p up $target $via:$sshd_port background argv"
is "  the first one selects it" \
    "$(tunps -at "$(id -un)@localhost:$sshd_port")" "$pid"
is "  and is no tunnel itself" "$(tunps -anr -o id | grep -c "^W")" 0
works "  tunkill ends both" tunkill "$p"
ok "  none is left" not pgrep -f "^$dbclient .*-B 127.0.0.1:$sshd_port "

p=$(free_port)
if has "a proxy command" nc; then
	db -L "$p:$target" -J "nc 127.0.0.1 $sshd_port" "$via"
	found "a proxy command" "$p" \
	    "L$p up $target $via:$sshd_port background argv"
fi

# As on OpenWrt: the program is dropbear, and ssh a link to it.
mkdir "$dir/bin"
chmod 755 "$dir" "$dir/bin"
cp "$dbclient" "$dir/bin/dropbear"
ln -s dropbear "$dir/bin/ssh"
dbclient=$dir/bin/ssh
p=$(free_port)
db -K 30 -L "$p:$target" "$via"
found "named ssh" "$p" "L$p up $target $via:$sshd_port background argv"

# Others cannot read which program it is, and OpenSSH would log in to 30.
if can_be_nobody "another reading"; then
	is "another reading" "$(as nobody tunps -aenr -p "$pid" \
	    -o state,target,via,source)" "hidden - ? -"
	q=$(free_port)
	db -L "$q:$target" "$via"
	wait_for listens "$q"
	is "  the same reading" "$(as nobody tunps -aenr -p "$(holder "$q")" \
	    -o state,target,via,source)" "hidden $target $via:$sshd_port argv"
fi
mkdir "$dir/copy"
chmod 755 "$dir/copy"
cp "$(command -v dbclient)" "$dir/copy/ssh"
dbclient=$dir/copy/ssh
r=$(free_port)
db -K 30 -R "$r:$target" "$(id -un)@127.0.0.1^$sshd_port"
found "a copy named ssh" "R$r" \
    "R$r up $target $via:$sshd_port background argv"
dbclient=$dir/bin/ssh

# Where it cannot be read, the name counts: OpenSSH does not know -z and -u.
q=$(free_port)
db -z -u -L "$q:$target" "$via"
wait_for listens "$q"
pid=$(holder "$q")
if can_be_nobody "a program that cannot be read"; then
	is "a program that cannot be read" "$(as nobody tunps -aenr -p "$pid" \
	    -o state,target,via,source)" "hidden - ? -"
	works "  is known to root" tunps -q "$q"
fi

# The server is no tunnel.
if can "the server" "no dropbear" command -v dropbear; then
	p=$(free_port)
	dropbear -F -E -s -r "$dir/db_key" -p "127.0.0.1:$p" \
	    >"$dir/dropbear.log" 2>&1 &
	server=$!
	remember "$server"
	wait_for listens "$p" "$server"
	exits "the server" 1 tunps -aq -p "$server"
fi

# Its options are those of the program that ssh leads to: -I is no smart card.
# shellcheck disable=SC2086
PATH=$dir/bin:$PATH run tunrun ssh -I 0 $words -W 65536 -L "auto:$target" \
    "$via" </dev/null
is "tunrun of what is called ssh" "$status $(holder "${out#* }")" \
    "0 ${out% *}"
works "  and tunkill ends it" tunkill "${out#* }"

dbclient=$(command -v dbclient)
p=$(free_port)
# shellcheck disable=SC2086
run tunrun --strict "$dbclient" $words -L "$p:$target" "$via" </dev/null
is "tunrun prints its PID" "$status $out" "0 $(holder "$p")"
works "  and tunkill ends it" tunkill "$p"
# shellcheck disable=SC2086
run tunrun "$dbclient" $words -L "auto:$target" "$via" </dev/null
is "a port that tunrun chooses" "$status $(holder "${out#* }")" "0 ${out% *}"
works "  and tunkill ends it" tunkill "${out#* }"

# With -f it goes to /, so where it was started does not tell two apart.
cd "$dir" || exit 1
p=$(free_port)
words="-y -y -i db_key -p $sshd_port -f -N"
# shellcheck disable=SC2086
run tunrun dbclient $words -L "$p:$target" "$via" </dev/null
pid=$out
kill "$pid"
wait_for ended "$pid"
db -L "$p:$target" "$via"
exits "one that was started again is not lost" 1 tunps -q --lost "$p"
works "  tunkill ends it" tunkill "$p"
done_testing
