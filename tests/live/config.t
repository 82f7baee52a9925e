#!/bin/sh
# SPDX-License-Identifier: ISC
#
# tunps --config: forwards that only ssh_config has, by a real ssh and sshd.
# Marker files prove which commands of "Match exec" ran, when, and as whom.

. "$(dirname "$0")/sshd.sh"

sshd_start || skip_all "$sshd_why"

# plain and with: what tunps says of a destination, without and with --config.
plain() {
	tunps -a -n -r -o "$1" "$2" 2>"$dir/err" || true
}

with() {
	tunps -a -n -r --config -o "$1" "$2" 2>"$dir/err" | sort || true
}

# Names of our own: other tests of this machine may run beside us.
t=tun$$

# Root may use --config beside us, and then asks about our tunnels, too: what
# does not descend from our process group leaves no mark.
group=$(ps -o pgid= -p $$ | tr -d ' ')
cat >"$dir/mark" <<END
pid=\$PPID
while [ "\${pid:-0}" -gt 1 ]; do
	set -- \$(ps -o pgid=,ppid= -p "\$pid")
	if [ "\$1" = "$group" ]; then
		id -u >>"$dir/marker"
		break
	fi
	pid=\$2
done
exit 0
END

a=$(free_port) b=$(free_port) c=$(free_port) r=$(free_port) d=$(free_port)
e=$(free_port) f=$(free_port)
cat >"$dir/included" <<-END
	Host $t-conf
	    RemoteForward $r $target
	    LocalForward $dir/%n.sock $target
END
# An older ssh has no keywords for -f and -N.
cat >"$dir/tunnels" <<-END
	IgnoreUnknown ForkAfterAuthentication,SessionType
	Host $t-conf
	    ForkAfterAuthentication yes
	    SessionType none
	    LocalForward $a $target
	    DynamicForward 127.0.0.1:$d
	    Include $dir/included
	Host $t-socket
	    LocalForward $c /run/nobody.sock
	Host $t-some
	    LocalForward $e $target
	Host $t-gate
	    GatewayPorts yes
	Host $t-master
	    ControlMaster auto
	    ControlPath $dir/cm-%r-%n
	Match originalhost $t-match exec "sh $dir/mark"
	    LocalForward $b $target
END
cat "$dir/config" >>"$dir/tunnels"
ssh="ssh -F $dir/tunnels"

if has_keyword SessionType=none; then
	$ssh "$t-conf"
else
	$ssh -fN "$t-conf"
fi
is "without --config its listeners have no target" \
    "$(plain listen,target,source "$t-conf" | sort)" \
    "$(printf '%s\n' "$dir/$t-conf.sock ? socket" \
    "127.0.0.1:$d ? socket" "localhost:$a ? socket" | sort)"
is "ssh_config explains them all: Include, %n, -R" \
    "$(with kind,listen,target,source,state "$t-conf" | sed 's/ [a-z]*$//')" \
    "$(printf '%s\n' "dynamic 127.0.0.1:$d socks config" \
    "local localhost:$a $target config" \
    "local $dir/$t-conf.sock $target config" \
    "remote $t-conf:$r $target config" | sort)"
ln -s . "$dir/link"
sel="$dir/link/$t-conf.sock"
is "  one of them by a link to its directory" "$(plain id "$sel")" \
    "L$dir/$t-conf.sock"
exits "  but none in a record of another machine" 1 \
    tunps -a --record "$dir/record" "$sel"
if can "systemd" "before OpenSSH 8.7 no ssh_config sends to the background" \
    has_keyword SessionType=none; then
	like "systemd keeps it in the foreground" \
	    "$(tunps -a --config --export=systemd "$t-conf")" \
	    '^ExecStart=.* -o ForkAfterAuthentication=no '
	unlike "sh needs nothing more" \
	    "$(tunps -a --config --export=sh "$t-conf")" 'did not go'
fi
is "ssh is asked also without standard descriptors" \
    "$(tunps -a -n -r --config -o kind,target,source "$t-conf" <&- 2>&- |
    sort)" \
    "$(with kind,target,source "$t-conf")"
is "an origin is the same with and without" \
    "$(with origin "$t-conf" | sort -u)" "$(plain origin "$t-conf" | sort -u)"
is "a selector may name what only ssh_config has" \
    "$(with source "R$r")" config

# The environment of the process, not ours.
printf '%s\n' "Host $t-env" "    LocalForward \${TUN_TEST_PORT} $target" \
    >"$dir/env"
cat "$dir/config" >>"$dir/env"
TUN_TEST_PORT=$f ssh -F "$dir/env" -fN "$t-env"
is "\${ENV} is the process's own" "$(with id,target,source "$t-env")" \
    "L$f $target config"

$ssh -fN "$t-socket"
is "ssh's bogus dynamic line is undone" "$(with kind,target,source "$t-socket")" \
    "local /run/nobody.sock config"

p=$(free_port)
$ssh -fN -L "$p:$target" "$t-some"
is "argv's own forwards stay argv's" "$(with id,source "$t-some")" \
    "$(printf '%s\n' "L$p argv" "L$e config" | sort)"

# Relative -F and the process's own directory.
mkdir "$dir/sub"
p=$(free_port)
(cd "$dir/sub" && cp ../config rel && printf '%s\n' "Host $t-rel" \
    "    LocalForward $p $target" >>rel && ssh -F rel -fN "$t-rel")
# Its arguments do not say whose it is, so it has to be remembered.
remember "$(tunps -n -r -o pid "$t-rel")"
is "-F relative to the process's directory" "$(with id,source "$t-rel")" \
    "L$p config"

# ssh_config as it is now: what no socket confirms is marked, and decides
# nothing about the tunnel.
p=$(free_port) q=$(free_port)
cp "$dir/config" "$dir/later"
ssh -F "$dir/later" -fN -L "$p:$target" "$t-later"
printf '%s\n' "Host $t-later" "    LocalForward $q $target" >>"$dir/later"
is "added to ssh_config later: unbound" "$(with id,source,state "$t-later" |
    grep config)" "L$q config unbound"
is "  and the tunnel is no worse for it" \
    "$(with id,state "$t-later" | grep "L$p" | sed 's/.* //')" \
    "$(plain state "$t-later")"

# The other way round: what listens and is in no ssh_config any more.
p=$(free_port) q=$(free_port)
printf '%s\n' "Host $t-once" "    LocalForward $p $target" \
    "    LocalForward $q $target" >"$dir/once"
cat "$dir/config" >>"$dir/once"
ssh -F "$dir/once" -fN "$t-once"
sed "/LocalForward $p /d" "$dir/once" >"$dir/once.new"
mv "$dir/once.new" "$dir/once"
is "gone from ssh_config: nobody says where it leads" \
    "$(with id,target,source "$t-once")" \
    "$(printf '%s\n' "L$p ? socket" "L$q $target config" | sort)"

# A tunnel that ends while it is asked about is not there.
cat >"$dir/ender" <<END
[ -s "$dir/ends" ] || exit 0
pid=\$(cat "$dir/ends")
kill "\$pid"
while ps -o stat= -p "\$pid" | grep -qv '^Z'; do
	sleep 0.02
done
END
printf '%s\n' "Match originalhost $t-ends exec \"sh $dir/ender\"" \
    "    LocalForward $(free_port) $target" >"$dir/ending"
cat "$dir/config" >>"$dir/ending"
ssh -F "$dir/ending" -fN "$t-ends"
tunps -t "$t-ends" >"$dir/ends.new"
mv "$dir/ends.new" "$dir/ends"
ok "a tunnel" alive "$(cat "$dir/ends")"
is "  that ends while it is asked about is not listed" \
    "$(with id "$t-ends")" ""
unlike "  since it has ended" "$(ps -o stat= -p "$(cat "$dir/ends")")" "^[^Z]"

p=$(free_port)
$ssh -fN -L "$p:$target" "$t-gate"
is "GatewayPorts of ssh_config tells where to look" \
    "$(with exposed,listen,state,source "$t-gate" | wc -l)" 1

$ssh -fN -L "$(free_port):$target" "$t-master"
is "ControlPath" "$(with ctlpath,master "$t-master")" \
    "$dir/cm-$(id -un)-$t-master yes"

# Match exec runs when ssh does, and when --config is given; else never.
: >"$dir/marker"
$ssh -fN "$t-match"
is "Match exec ran once, for ssh" "$(wc -l <"$dir/marker" | tr -d ' ')" 1
: >"$dir/marker"
tunps -a "$t-match" >/dev/null 2>&1
tunps -aevO >/dev/null 2>&1
tunps -J "$t-match" >/dev/null 2>&1
tunps --clients -T -a >/dev/null 2>&1
is "plain tunps never runs it" "$(wc -l <"$dir/marker" | tr -d ' ')" 0
is "--config takes nothing of an answer that depends on it" \
    "$(with id,source "$t-match")" "L$b socket"
like "  which it says" "$(cat "$dir/err")" 'runs a command .*Match exec'
is "  and so has run it, once" "$(wc -l <"$dir/marker" | tr -d ' ')" 1

# The same words, directory and environment are asked about once.
: >"$dir/marker"
$ssh -fN "$t-match" 2>/dev/null
$ssh -fN "$t-match" 2>/dev/null
: >"$dir/marker"
with pid "$t-match" >/dev/null
is "one question for three such tunnels" \
    "$(wc -l <"$dir/marker" | tr -d ' ')" 1

# -E, -y and -v are not for the question.
p=$(free_port)
$ssh -fvN -E "$dir/log.E" -L "$p:$target" "$t-log"
rm -f "$dir/log.E"
with id "$t-log" >/dev/null
ok "-E opens no file" test ! -e "$dir/log.E"

# A config that others may write to is not run.
printf '%s\n' "Match originalhost $t-open exec \"echo >>$dir/marker.open\"" \
    "    LocalForward $(free_port) $target" >"$dir/open"
cat "$dir/config" >>"$dir/open"
ssh -F "$dir/open" -fN "$t-open"
chmod 666 "$dir/open"
: >"$dir/marker.open"
is "a -F file that anyone can write to is not read" "$(with source "$t-open")" \
    socket
like "  which is said" "$(cat "$dir/err")" "others can write"
is "  nor run" "$(wc -l <"$dir/marker.open" | tr -d ' ')" 0
rm "$dir/open"

# One that hangs is given up, the others are not.
sleep=6$(($$ % 1000000))
printf '%s\n' \
    "Match originalhost $t-hang exec \"test -e $dir/fast || sleep $sleep\"" \
    "    LocalForward $(free_port) $target" >"$dir/hang"
cat "$dir/config" >>"$dir/hang"
: >"$dir/fast"
ssh -F "$dir/hang" -fN "$t-hang"
rm "$dir/fast"
is "a command that hangs is given up" "$(with source "$t-hang")" socket
like "  which is said" "$(cat "$dir/err")" "takes too long"
is "  and it is gone" "$(pgrep -fx "sleep $sleep")" ""
: >"$dir/fast"

# Another user's tunnel: as that user, or not at all.
if can_be_nobody "root resolves another user's tunnel"; then
	p=$(free_port) uid=$(id -u nobody)
	config_for nobody
	mv "$dir/nobody/config" "$dir/nobody/rest"
	printf '%s\n' "Host $t-theirs" "    LocalForward $p $target" \
	    "Match originalhost $t-theirs exec \"id >>$dir/nobody/marker; \
	    tty >>$dir/nobody/marker\"" \
	    "    ServerAliveInterval 7" >"$dir/nobody/config"
	cat "$dir/nobody/rest" >>"$dir/nobody/config"
	(cd "$dir/nobody" && as nobody ssh -F "$dir/nobody/config" -fN "$t-theirs") 2>"$dir/err"
	rm -f "$dir/nobody/marker"
	q=$(free_port)
	printf '%s\n' "Host $t-plain" "    LocalForward $q $target" \
	    >"$dir/nobody/plain"
	cat "$dir/nobody/rest" >>"$dir/nobody/plain"
	(cd "$dir/nobody" && as nobody ssh -F "$dir/nobody/plain" -fN \
	    "$t-plain") 2>"$dir/err"
	is "root resolves another user's tunnel" \
	    "$(tunps -aenr --config -o id,source "$t-plain" 2>"$dir/err")" \
	    "L$q config"
	is "  as that user: the marker's owner" \
	    "$(stat -c %u "$dir/nobody/marker")" "$uid"
	unlike "  with none of root's groups or ids" \
	    "$(cat "$dir/nobody/marker")" "=0\\(root\\)"
	like "  and without a terminal" "$(cat "$dir/nobody/marker")" "not a tty"
	rm -f "$dir/nobody/marker"
	tunps -aeO "$t-theirs" >/dev/null 2>&1
	ok "  and not without --config" test ! -e "$dir/nobody/marker"

	# Root's own tunnel by a file of another user's: not run.
	ssh -F "$dir/nobody/rest" -fN -L "$(free_port):$target" "$t-mixed"
	like "root does not run what another user wrote" \
	    "$(tunps -an --config "$t-mixed" 2>&1 >/dev/null)" "others can write"

	# And an ordinary user asks for its own only.
	: >"$dir/marker"
	run as nobody \
	    "$(command -v tunps)" -ae --config "$t-match"
	is "an ordinary user runs nothing of others" \
	    "$(wc -l <"$dir/marker" | tr -d ' ')" 0
fi

# --- what it says now may not be what was said then --------------------------

# doubted NAME DESTINATION TEXT REASON: nothing is taken of the answer; the text
# that says so, and the reason that -v gives.
doubted() {
	is "$1: its forwards have no target" \
	    "$(with target,source "$2" | sort -u)" "? socket"
	like "  tunps says so" "$(cat "$dir/err")" "$3"
	like "  and with -v, of the tunnel" \
	    "$(tunps -anv --config "$2" 2>/dev/null)" "tunnel .*$4"
	run tunps -an --config --check --expect "$target" "$2"
	is "  it is not known whether it leads there" "$status" 3
}

p=$(free_port)
printf '%s\n' "Host $t-late" "    LocalForward $p $target" >"$dir/late"
sed "s|^|    |; 1i Host *" "$dir/config" >>"$dir/late"
printf 'Include %s\n' "$dir/late" >"$dir/top"

# later SECOND: is what a file gets now later than that?
later() {
	touch "$dir/now" && [ "$(stat -c %Z "$dir/now")" -gt "$1" ]
}

printf '%s\n' "Match originalhost $t-exec exec true" \
    "    LocalForward $(free_port) $target" >"$dir/exec"
cat "$dir/config" >>"$dir/exec"
ssh -F "$dir/exec" -fN "$t-exec"
doubted "Match exec" "$t-exec" \
    'ssh_config runs a command for some tunnels' 'a command decides what'

# What it says does not show what it said: a remote forward has no listener.
printf '%s\n' "Match originalhost $t-away exec \"test -e $dir/home\"" \
    "    RemoteForward $r $target" \
    "Match originalhost $t-away exec \"test ! -e $dir/home\"" \
    "    LocalForward $p $target" >"$dir/away"
cat "$dir/config" >>"$dir/away"
: >"$dir/home"
ssh -F "$dir/away" -fN "$t-away"
rm "$dir/home"
unlike "  a forward that it adds now is not shown" "$(with id "$t-away")" "L$p"
run tunkill --config "$p"
is "  nor ended" "$status" 1

# What it may have besides is said, and not ended for one of its forwards.
q=$(free_port)
: >"$dir/home"
ssh -F "$dir/away" -fN -L "$q:$target" "$t-away"
rm "$dir/home"
run tunkill -n --config "$q"
like "what ssh_config adds is not known: --whole" "$status $out" \
    "^3 L$q: refused: .* may carry more: what its ssh_config adds is not known"
run tunkill -n --config -a "$t-away"
like "  of a tunnel that is named, it is said" "$status $out" \
    "not seen: what its ssh_config adds is not known"
mv "$dir/away" "$dir/gone"
run tunkill -n --config "$q"
like "  and where ssh -G fails" "$status $out" "^3 L$q: refused: .*: what its"
run tunps -v --config "$q"
like "  which is the evidence" "$out" "ssh -G has not told what its"
mv "$dir/gone" "$dir/away"
tunkill -q "$q"

# Two of these blanks are in a path.
cp "$dir/config" "$dir/blanks"
printf 'RemoteForward "%s" "%s"\n' "$dir/a /b" "$dir/c /d" >>"$dir/blanks"
ssh -F "$dir/blanks" -fN -L "$q:$target" "$t-blanks" 2>/dev/null
run tunkill -n --config "$q"
like "  and where its answer has two readings" "$status $out" \
    "^3 L$q: refused: .*: what its"
tunkill -q "$q"

ssh -F "$dir/top" -fN "$t-late"
is "the file is older than the tunnel: taken" \
    "$(with target,source "$t-late")" "$target config"
begin=$(stat -c %Z "/proc/$(tunps -at "$t-late")")
wait_for later $((begin + 2))
sed "s|$target|elsewhere:1|" "$dir/late" >"$dir/new"
touch -d @1 "$dir/new"
mv "$dir/new" "$dir/late"
doubted "an included file was replaced" "$t-late" \
    'ssh_config has changed since some tunnels started' \
    'its ssh_config has changed since it started'

# At the same path there is another file.
if [ "$(id -u)" -eq 0 ] && unshare --mount true 2>/dev/null; then
	mkdir "$dir/etc"
	printf '%s\n' "Host $t-mounts" "    LocalForward $(free_port) here:1" \
	    >"$dir/etc/config"
	cat "$dir/config" >>"$dir/etc/config"
	cp "$dir/etc/config" "$dir/config.mounts"
	unshare --mount -- sh -c "mount -t tmpfs none '$dir/etc' &&
	    sed 's/here:1/$target/' '$dir/config.mounts' >'$dir/etc/config' &&
	    exec ssh -F '$dir/etc/config' -fN $t-mounts" </dev/null \
	    >/dev/null 2>"$dir/err" || note "$(cat "$dir/err")"
	doubted "it has other mounts" "$t-mounts" \
	    'some tunnels see other files than we do' \
	    'its ssh_config is not known'
else
	skip "it has other mounts" "not root, or no namespaces"
fi

# Its own program answers, wherever it is, unless others can replace it.
mkdir "$dir/bin2"
cp "$(command -v ssh)" "$dir/bin2/ssh"
printf '%s\n' "Host $t-own" "    LocalForward $(free_port) $target" \
    >"$dir/own"
cat "$dir/config" >>"$dir/own"
"$dir/bin2/ssh" -F "$dir/own" -fN "$t-own"
is "its own program is asked" "$(with target,source "$t-own")" \
    "$target config"
rm "$dir/bin2/ssh"
doubted "its program was removed" "$t-own" \
    'the ssh of some tunnels cannot be asked' \
    'its own ssh cannot be asked for ssh_config'
mkdir -m 777 "$dir/bin3"
cp "$(command -v ssh)" "$dir/bin3/ssh"
"$dir/bin3/ssh" -F "$dir/own" -fN "$t-own-b" 2>"$dir/err" ||
    "$dir/bin3/ssh" -F "$dir/config" -fN -L "$(free_port):$target" "$t-own-b"
like "others can replace its program: not asked" \
    "$(tunps -anv --config "$t-own-b" 2>/dev/null)" \
    'its own ssh cannot be asked'

done_testing
