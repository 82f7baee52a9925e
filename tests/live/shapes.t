#!/bin/sh
# SPDX-License-Identifier: ISC
#
# Every way a tunnel gets into the background, by a real ssh and sshd: is it
# found, and is it said where it came from?

. "$(dirname "$0")/sshd.sh"

sshd_start || skip_all "$sshd_why"

# Each case has its own destination, so that no other ssh of this machine,
# and no other case, answers to it.
# row COLUMNS SELECTOR: what tunps says of it, foreground ones included.
row() {
	tunps -a -n -r -o "$1" "$2" 2>"$dir/err" || true
}

# default_row: the same in the default view.
default_row() {
	tunps -n -r -o "$1" "$2" 2>"$dir/err" || true
}

# from_background SELECTOR: has it gone there?  ssh leaves its launcher's
# session only after the launcher is gone.
from_background() {
	[ "$(row origin "$1")" = background ]
}

# shown SELECTOR: is there a row?
shown() {
	tunps -a -q "$1" 2>/dev/null
}

p=$(free_port)
ssh -F "$dir/config" -fN -L "$p:$target" tun-fork
is "-fN -L" "$(default_row id,origin,listen,target,via,source tun-fork)" \
    "L$p background localhost:$p $target tun-fork argv"
pid=$(default_row pid tun-fork)
is "its PID is the one that listens" \
    "$(ss -Hltnp "sport = :$p" | grep -o 'pid=[0-9]*' | sort -u)" "pid=$pid"

name="ForkAfterAuthentication and LocalForward in ssh_config"
if can "$name" "this ssh has no SessionType" has_keyword SessionType=none; then
	p=$(free_port)
	cat >"$dir/config.fork" <<-END
	Host tun-config
	    ForkAfterAuthentication yes
	    SessionType none
	    LocalForward $p $target
	END
	cat "$dir/config" >>"$dir/config.fork"
	ssh -F "$dir/config.fork" tun-config
	wait_for from_background tun-config
	is "$name" "$(default_row origin,listen,target,source tun-config)" \
	    "background localhost:$p ? socket"
fi

# Standard error of a master that goes to the background stays open.
ssh -F "$dir/config" -o ControlMaster=auto -o "ControlPath=$dir/cm" \
    -o ControlPersist=60 -L "$(free_port):$target" tun-persist true \
    2>/dev/null </dev/null >/dev/null
like "ControlPersist leaves a title, which is found by its path" \
    "$(default_row id,origin,ctlpath,via "$dir/cm")" \
    "^[LM][0-9]* background $dir/cm \?$"

bash -c 'exec -a tun-name ssh "$@"' - -F "$dir/config" \
    -o ControlMaster=auto -o "ControlPath=$dir/named" -o ControlPersist=60 \
    -L "$(free_port):$target" tun-named true 2>/dev/null </dev/null >/dev/null
like "  also after another argv[0]" \
    "$(default_row id,origin,ctlpath,via "$dir/named")" \
    "^[LM][0-9]* background $dir/named \?$"

leash subreaper ssh -F "$dir/config" -fN -L "$(free_port):$target" tun-reaper
reaper=$leashed
remember "$reaper"
wait_for from_background tun-reaper
is "under a subreaper: another parent, still background" \
    "$(default_row ppid,origin tun-reaper)" "$reaper background"

sh -c "ssh -F '$dir/config' -N -L $(free_port):$target tun-shell \
    </dev/null >/dev/null 2>&1 &"
wait_for shown tun-shell
is "sh -c 'ssh -N &': its starter is gone" \
    "$(default_row origin tun-shell)" abandoned

sh -c "nohup ssh -F '$dir/config' -N -L $(free_port):$target tun-nohup \
    </dev/null >/dev/null 2>&1 &"
wait_for shown tun-nohup
is "nohup" "$(default_row origin tun-nohup)" abandoned

sh -c "setsid ssh -F '$dir/config' -N -L $(free_port):$target tun-setsid \
    </dev/null >/dev/null 2>&1 &"
wait_for shown tun-setsid
is "setsid" "$(default_row origin tun-setsid)" background

ssh -F "$dir/config" -N -L "$(free_port):$target" tun-job </dev/null \
    >/dev/null 2>&1 &
remember $!
wait_for shown tun-job
is "a job of a living script" "$(row origin tun-job)" foreground
unlike "  is not in the default view" "$(tunps -n -r -o via)" "^tun-job$"
like "  but in that of -a" "$(tunps -a -n -r -o via)" "^tun-job$"

if has "on a terminal" script; then
	script -qfc "ssh -F '$dir/config' -N -L $(free_port):$target tun-pty" \
	    /dev/null </dev/null >/dev/null 2>&1 &
	remember $!
	wait_for shown tun-pty
	is "on a terminal" "$(row origin tun-pty)" foreground
fi

if has "in a tmux pane" tmux; then
	tmux -f /dev/null -S "$dir/tmux" new-session -d \
	    "ssh -F '$dir/config' -N -L $(free_port):$target tun-tmux"
	wait_for shown tun-tmux
	is "in a tmux pane" "$(row origin tun-tmux)" foreground
	tmux -S "$dir/tmux" kill-server
fi

if command -v autossh >/dev/null; then
	p=$(free_port)
	AUTOSSH_PATH=$(command -v ssh) autossh -M 0 -f -F "$dir/config" -N \
	    -L "$p:$target" tun-auto
	wait_for shown tun-auto
	auto=$(row ppid tun-auto)
	is "autossh -f -M 0" \
	    "$(default_row id,origin,supervisor tun-auto)" \
	    "L$p supervised autossh\\040$auto"
	remember "$auto"

	p=$(free_port) m=$(free_port)
	autossh -M "$m" -f -F "$dir/config" -N -L "$p:$target" tun-monitor
	wait_for shown tun-monitor
	is "autossh -M PORT: its monitor pair is not the user's" \
	    "$(default_row id tun-monitor)" "L$p"
	remember "$(row ppid tun-monitor | head -n 1)"
else
	skip "autossh -f -M 0" "no autossh"
	skip "autossh -M PORT" "no autossh"
fi

p=$(free_port)
ssh -F "$dir/config" -J tun-hop -fN -L "$p:$target" tun-jump 2>/dev/null
wait_for from_background tun-jump
is "-J: one tunnel" "$(default_row id,origin tun-jump)" "L$p background"
is "  its jump host names it, and no tunnel of its own" "$(row id tun-hop)" "L$p"
like "  but part of it" "$(tunps -J tun-jump)" '"helpers": \[$|"helpers": \[[^]]'

ssh -F "$dir/config" -J tun-hop1,tun-hop2 -fN -L "$(free_port):$target" \
    tun-jumps 2>/dev/null
is "two hops: still one" \
    "$(tunps -a -c tun-jumps; tunps -a -c tun-hop1; tunps -a -c tun-hop2)" \
    "1
1
1"

ln -s "$(command -v ssh)" "$dir/mytun"
"$dir/mytun" -F "$dir/config" -fN -L "$(free_port):$target" tun-link
wait_for from_background tun-link
remember "$(default_row pid tun-link)"
is "started through a link of another name" \
    "$(default_row origin tun-link)" background

cp "$(command -v ssh)" "$dir/ssh"
"$dir/ssh" -F "$dir/config" -fN -L "$(free_port):$target" tun-upgraded
rm "$dir/ssh"
wait_for from_background tun-upgraded
is "its program was replaced" "$(default_row origin tun-upgraded)" background

p=$(free_port)
ssh -F "$dir/config" -f -L "$p:$target" tun-command sleep 60
is "-f with a command" "$(default_row id,origin tun-command)" \
    "L$p background"

p=$(free_port)
ssh -F "$dir/config" -fN -R "$p:$target" tun-remote
is "-R: the other side listens" \
    "$(default_row id,kind,listen,target tun-remote)" \
    "R$p remote tun-remote:$p $target"

p=$(free_port)
ssh -F "$dir/config" -fN -D "$p" tun-dynamic
is "-D" "$(default_row id,kind,listen,target tun-dynamic)" \
    "D$p dynamic localhost:$p socks"

ssh -F "$dir/config" -fN -L "$dir/l.sock:$target" tun-unix
is "-L on a path" "$(default_row id,listen tun-unix)" \
    "L$dir/l.sock $dir/l.sock"

# A tunnel whose parent lives is in the foreground, also without a terminal.
# tunps says how many there are, also without one.
q=$(free_port) r=$(free_port)
lives() {
	what=$1 command=$2
	shift 2
	setsid sh -c "$command ssh -F '$dir/config' -N $* tun-lives; :" \
	    </dev/null >/dev/null 2>&1 &
	remember $!
	wait_for shown tun-lives || return
	remember "$(row pid tun-lives)"
	run tunps tun-lives
	is "below $what: not listed, and said" "$status $err" \
	    "1 tunps: tun-lives: runs in the foreground (-a shows it)"
	fails "  with -q not said" 1 "" tunps -q tun-lives
	like "  -J and -t say so, too" "$(tunps -J tun-lives 2>&1 >/dev/null
	    )$(tunps -t tun-lives 2>&1)" \
	    "foreground .-a shows it.tunps: .*foreground .-a shows it."
	is "  with -a it is listed" "$(tunps -a -nro origin tun-lives)" \
	    foreground
	like "  tunkill takes it" "$(tunkill -n tun-lives)" ": end ssh"
	works "  and ends it" tunkill tun-lives
}
lives timeout "timeout 600" -L "$q:$target"
lives nice "nice" -R "$r:$target"
lives nohup "nohup" -D "$r"
lives env "env A=1" -L "$dir/lives.sock:$target"

is "a client without forwards is no tunnel" \
    "$(ssh -F "$dir/config" tun-plain "tunps=$(command -v tunps); \
    PATH=$PATH; tunps -a -q tun-plain; echo \$?" 2>/dev/null)" 1

done_testing
