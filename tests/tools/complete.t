#!/bin/sh
# SPDX-License-Identifier: ISC
#
# The completions, in the real shells on a real terminal: keys are pressed and
# the screen is read.

. "$(dirname "$0")/lib.sh"

command -v tmux >/dev/null || skip_all "no tmux"

# Two tunnels, and two more that share an ID.
cat >"$dir/table" <<-'END'
	libfind-table 1
	system caps=0x7ff now=1700000000000000 uid=1000
	proc pid=1 via=comm name=init pgid=1 sid=1 ident=1 state=S comm=init
	proc pid=500 via=exe name=ssh ppid=1 pgid=500 sid=500 uid=1000 ruid=1000 ident=500 start=1699726400000000 masks=1 sigcgt=0x8000000 state=S comm=ssh
	args ssh -fN -L 8008:localhost:80 -D 1080 -L /run/u/pg.sock:/run/pg fred@server
	exe /usr/bin/ssh
	origin reparented=1 reaper=1 netns=1
	fds limit=1024
	proc pid=611 via=exe name=ssh ppid=1 pgid=611 sid=611 uid=1000 ruid=1000 ident=611 start=1699999280000000 masks=1 sigcgt=0x8000000 state=S comm=ssh
	args ssh -f -N -R 3000:localhost:22 alpha
	exe /usr/bin/ssh
	origin reparented=1 reaper=1 netns=1
	fds limit=1024
	proc pid=722 via=exe name=ssh ppid=1 pgid=722 sid=722 uid=1000 ruid=1000 ident=722 start=1699999280000000 masks=1 sigcgt=0x8000000 state=S comm=ssh
	args ssh -f -N -R 3000:localhost:22 -P blue beta
	exe /usr/bin/ssh
	origin reparented=1 reaper=1 netns=1
	fds limit=1024
	socks
	END

# What they call is a tunps that sees that table, or none.
mkdir "$dir/bin" "$dir/home" "$dir/empty"
cat >"$dir/bin/tunps" <<END
#!/bin/sh
exec "$top/tools/tunps" --table "$dir/table" "\$@"
END
chmod +x "$dir/bin/tunps"

# As 'make install' has it.
share=$dir/share
mkdir -p "$share/bash-completion/completions" "$share/zsh/site-functions" \
    "$share/fish/vendor_completions.d"
for tool in tunkill tunps; do
	cp "$top/completions/$tool.bash" \
	    "$share/bash-completion/completions/$tool"
	cp "$top/completions/_$tool" "$share/zsh/site-functions/"
	cp "$top/completions/$tool.fish" "$share/fish/vendor_completions.d/"
done

terminal() {
	tmux -f /dev/null -S "$dir/tmux" "$@"
}

no_terminal() {
	terminal kill-server 2>/dev/null
}
at_exit no_terminal

screen() {
	terminal capture-pane -p -J | sed 's/ *$//' | grep .
}

shows() {
	screen | grep -Eq -e "$1"
}

# start SHELL ARG...: that shell, on a terminal of its own.
start() {
	env -i HOME="$dir/home" PATH="$dir/bin:$PATH" TERM=screen LC_ALL=C.UTF-8 \
	    LANG=C.UTF-8 XDG_DATA_DIRS="$share:/usr/local/share:/usr/share" \
	    INPUTRC=/dev/null PS1='$ ' SHELL=/bin/sh \
	    tmux -f /dev/null -S "$dir/tmux" new-session -d -x 120 -y 50 \
	    -c "$dir/empty" "$@"
}

stop() {
	no_terminal
	wait_for sh -c "! tmux -S '$dir/tmux' list-sessions >/dev/null 2>&1"
	rm -f "$dir/tmux"
}

# enter LINE: one for the shell itself.
enter() {
	terminal send-keys -l "$1"
	terminal send-keys Enter
}

# ready: has the shell done what it was told, and is the screen clear?
ready() {
	enter "clear; echo rea''dy"
	wait_for shows '^ready' && {
		enter clear
		wait_for sh -c "! tmux -S '$dir/tmux' capture-pane -p | grep -q ready"
	}
}

# tab NAME TYPED REGEX: what is on the screen after TYPED and TAB.
tab() {
	terminal send-keys -l "$2"
	terminal send-keys Tab
	wait_for shows "$3"
	result $? "$shell: $1" || note "$(screen)"
	terminal send-keys C-c
	ready
}

# tabs NAME TYPED REGEX [NOT]: what is listed, for which bash wants two, and
# what is not.
tabs() {
	terminal send-keys -l "$2"
	terminal send-keys Tab
	[ "${shell%%,*}" != bash ] || terminal send-keys Tab
	wait_for shows "$3" && ! shows "${4:-no such thing}"
	result $? "$shell: $1" || note "$(screen)"
	terminal send-keys C-c C-c
	ready
}

# What all shells do alike.
common() {
	tab "an ID" 'tunps L80' 'tunps L8008'
	tab "an ID in lower case" 'tunps d1' 'tunps D1080'
	tab "an ID with an @ in it" 'tunps R3000@a' 'tunps R3000@alpha'
	tab "a port after a colon" 'tunps :80' 'tunps :8008'
	tab "a destination" 'tunps fred@' 'tunps fred@server'
	tab "a label" 'tunps @b' 'tunps @blue'
	tab "a path" 'tunps /run/u/p' 'tunps /run/u/pg\.sock'
	tab "a path's ID" 'tunps L/run/u/p' 'tunps L/run/u/pg\.sock'
	tab "a PID" 'tunps 61' 'tunps 611'
	tabs "what it means" 'tunps 80' 'tunps 8008'
	tabs "what they mean" 'tunps L' 'localhost:80 via fred@server, 3d04h'
	tab "not twice" 'tunps R3000@alpha R3000@' 'alpha R3000@beta'
	tabs "only what an option allows" 'tunps -D ' D1080 L8008
	tab "a long option" 'tunps --newe' 'tunps --newest'
	tabs "options mean something" 'tunps --olde' 'running for so long'
	tabs "a short option" 'tunps -' 'PIDs only'
	tab "a column" 'tunps -o sup' 'tunps -o supervisor'
	tab "a second column" 'tunps -o pid,sup' 'tunps -o pid,supervisor'
	tabs "columns mean something" 'tunps -o pid,r' 'round trip to the server'
	tab "a column to be added" 'tunps -o +sup' 'tunps -o \+supervisor'
	tab "a column to sort by" 'tunps --sort=-sup' 'tunps --sort=-supervisor'
	tab "a state" 'tunps --state pa' 'tunps --state partial'
	tab "a state after =" 'tunps --state=pa' 'tunps --state=partial'
	tab "a second state" 'tunps --state up,pa' 'tunps --state up,partial'
	tab "a user" 'tunps -u roo' 'tunps -u root'
	tab "a process" 'tunps -p 50' 'tunps -p 500'
	tab "a host" 'tunps --expect alp' 'tunps --expect alpha'
	tab "a file" "tunps --table $dir/tab" "tunps --table $dir/table"

	tab "tunkill: an ID" 'tunkill L80' 'tunkill L8008'
	tab "tunkill: not twice" 'tunkill R3000@alpha R3000@' 'alpha R3000@beta'
	tab "tunkill: a process" 'tunkill -p 50' 'tunkill -p 500'
	tab "tunkill: a signal" 'tunkill -s HU' 'tunkill -s HUP'
	tab "tunkill: a state" 'tunkill --state pa' 'tunkill --state partial'
	tab "tunkill: a long option" 'tunkill --who' 'tunkill --whole'
	tabs "tunkill: options mean something" 'tunkill --su' 'dubious ones'
	tab "tunkill: a socket" "tunkill --sockets $dir/tab" \
	    "tunkill --sockets $dir/table"

	mv "$dir/table" "$dir/no-table"
	terminal send-keys -l 'tunps L8'
	terminal send-keys Tab Tab
	terminal send-keys -l '; # end'
	wait_for shows '# end$'
	is "$shell: nothing is said where it cannot look" \
	    "$(screen | sed 's/ *; # end/; # end/')" "\$ tunps L8; # end"
	mv "$dir/no-table" "$dir/table"
	terminal send-keys C-c
	ready
}

# A prompt that is the same in all, and no hints before a TAB.
shell=bash
if command -v bash >/dev/null; then
	start bash --norc --noprofile -i
	wait_for shows '^\$'
	enter ". $top/completions/tunps.bash"
	enter ". $top/completions/tunkill.bash"
	ready
	common
	tab "quotes are left alone" "tunps --table '$dir/tab" "table'"
	stop

	package=/usr/share/bash-completion/bash_completion
	shell="bash, with bash-completion"
	if [ -r $package ]; then
		start bash --norc --noprofile -i
		wait_for shows '^\$'
		enter ". $package"
		ready
		common
		stop
	else
		skip "$shell" "no bash-completion"
	fi
else
	skip "$shell" "no bash"
fi

shell=zsh
if command -v zsh >/dev/null; then
	start zsh -f -i
	wait_for shows '^\$'
	enter "fpath=($share/zsh/site-functions \$fpath); PS1='\$ '"
	enter "autoload -Uz compinit && compinit -u -D; unsetopt promptsp; LISTMAX=999"
	ready
	common
	stop
else
	skip "$shell" "no zsh"
fi

shell=fish
if command -v fish >/dev/null; then
	start fish -i
	wait_for shows '.'
	enter "function fish_prompt; echo -n '\$ '; end"
	enter "function fish_right_prompt; end; set -g fish_autosuggestion_enabled 0"
	ready
	common
	stop
else
	skip "$shell" "no fish"
fi

done_testing
