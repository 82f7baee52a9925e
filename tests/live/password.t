#!/bin/sh
# SPDX-License-Identifier: ISC
#
# tunrun and passwords: typed on a terminal, from sshpass, from an askpass, by a
# user that is made for it.

. "$(dirname "$0")/sshd.sh"

[ "$(id -u)" -eq 0 ] || skip_all "not root: no user with a password"
require useradd userdel chpasswd
script -qec true /dev/null </dev/null >/dev/null 2>&1 ||
    skip_all "no script(1) of util-linux"
sshd_start || skip_all "$sshd_why"

t=tun$$
user=$t
make_users "$user" 2>"$dir/err" ||
    skip_all "no user can be made: $(cat "$dir/err")"
password="open $$ sesame"
echo "$user:$password" | chpasswd 2>"$dir/err" ||
    skip_all "no password can be set: $(cat "$dir/err")"

# This sshd takes passwords from now on, and our side has nothing else.
sed 's/^PasswordAuthentication no/PasswordAuthentication yes/' \
    "$dir/sshd_config" >"$dir/sshd_config.new"
mv "$dir/sshd_config.new" "$dir/sshd_config"
: >"$dir/sshd.log"
kill -HUP "$sshd_pid"
wait_for listening || skip_all "sshd does not start again"
sed "s/BatchMode yes/BatchMode no/; s/User .*/User $user/; /IdentityFile/d" \
    "$dir/config" >"$dir/asks"
echo "    PreferredAuthentications password" >>"$dir/asks"

# on_terminal COMMAND: run on a terminal of its own, which is seen in
# $screen; what is to be typed comes from standard input.
on_terminal() {
	timeout 100 script -qfec "$1" "$screen" >/dev/null 2>&1
}

# asked N: have we been asked so many times?
asked() {
	[ "0$(grep -c password: "$screen" 2>/dev/null)" -ge "$1" ]
}

script_done() {
	grep -q '^Script done' "$screen"
}

# said: the screen, without what a terminal adds.
said() {
	tr -d '\r' <"$screen" | sed '/^Script/d; /^$/d'
}

# Typed, the second time without a mistake.
p=$(free_port) screen=$dir/typed
{
	wait_for asked 1
	echo "close $$ sesame"
	wait_for asked 2
	echo "$password"
	wait_for script_done
} | on_terminal "tunrun -v -F '$dir/asks' -fN -L $p:$target $t-typed"
status=$?
pid=$(said | grep -x '[0-9]*')
is "typed on the terminal: the PID" "$pid" "$(holder "$p")"
is "  the ID, and 0" "$(said | tail -n 1) $status" "L$p 0"
like "  the first was wrong, which ssh says" "$(said)" \
    "Permission denied, please try again"
unlike "  nothing typed is shown" "$(said)" sesame
is "  it outlives the terminal" "$(ps -o tty= -p "$pid" | tr -d ' ')" "?"
ok "  and has let us in as that user" grep -q \
    "Accepted password for $user" "$dir/sshd.log"

# Three times wrong: ssh's own words and status.
screen=$dir/wrong
{
	for i in 1 2 3; do
		wait_for asked $i
		echo wrong
	done
	wait_for script_done
} | on_terminal "tunrun -F '$dir/asks' -fN -L $(free_port):$target $t-wrong"
is "three times wrong: ssh's own status" "$?" 255
like "  and words" "$(said)" "Permission denied .publickey,password"

# ^C instead of a password: both are interrupted, and nobody is left.
screen=$dir/never
{
	wait_for asked 1
	printf '\003'
	wait_for script_done
} | on_terminal "tunrun -F '$dir/asks' -fN -L $(free_port):$target $t-never"
is "^C at the question" "$?" 130
is "  leaves nothing" "$(pgrep -f "$t-never")" ""

# ssh asks a program where it is told to.
printf '#!/bin/sh\necho "%s"\n' "$password" >"$dir/askpass"
chmod 700 "$dir/askpass"
p=$(free_port)
SSH_ASKPASS=$dir/askpass SSH_ASKPASS_REQUIRE=force DISPLAY=none \
    run timeout 30 tunrun -F "$dir/asks" -fN -L "$p:$target" "$t-ask" \
    </dev/null
is "from an askpass" "$status $out" "0 $(holder "$p")"

# sshpass: in front, and in the background where ssh is deaf to the hang-up
# of the terminal that sshpass takes away.
if has "sshpass" sshpass; then
	echo "$password" >"$dir/secret"
	tries=0 lost=0
	while [ $tries -lt 10 ]; do
		tries=$((tries + 1))
		p=$(free_port)
		run timeout 30 tunrun -- sshpass -f "$dir/secret" nohup \
		    ssh -F "$dir/asks" -fN -L "$p:$target" "$t-pass" </dev/null
		[ "$status $out" = "0 $(holder "$p")" ] || {
			lost=$((lost + 1))
			note "$status $out $err"
		}
	done
	is "sshpass nohup ssh -f, ten times" "$lost" 0
	p=$(free_port)
	mkfifo "$dir/pid"
	tunrun -- sshpass -f "$dir/secret" ssh -F "$dir/asks" -N \
	    -L "$p:$target" "$t-front" >"$dir/pid" 2>"$dir/err" </dev/null &
	front=$!
	remember "$front"
	read -r pid <"$dir/pid"
	is "sshpass ssh, in front" "$pid" "$(holder "$p")"
	kill "$front"
	wait "$front"
	is "  ends with tunrun" "$? $(pgrep -f "$t-front")" "143 "
fi

done_testing
