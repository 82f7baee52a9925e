#!/bin/sh
# SPDX-License-Identifier: ISC
#
# The completions of tunps' sisters, in the real shells on a real terminal, as
# complete.t has it.

. "$(dirname "$0")/lib.sh"

command -v tmux >/dev/null || skip_all "no tmux"

# Two tunnels, one of them in front, and a master.
cat >"$dir/table" <<-'END'
	libfind-table 1
	system caps=0x7ff now=1700000000000000 uid=1000
	proc pid=1 via=comm name=init pgid=1 sid=1 ident=1 state=S comm=init
	proc pid=500 via=exe name=ssh ppid=1 pgid=500 sid=500 uid=1000 ruid=1000 ident=500 start=1699726400000000 masks=1 sigcgt=0x8000000 state=S comm=ssh
	args ssh -fN -L 8008:localhost:80 -D 1080 -L /run/u/pg.sock:/run/pg fred@server
	exe /usr/bin/ssh
	origin reparented=1 reaper=1 netns=1
	fds limit=1024
	proc pid=611 via=exe name=ssh ppid=800 pgid=611 sid=611 uid=1000 ruid=1000 ident=611 start=1699999280000000 masks=1 sigcgt=0x8000000 tty=0x8801 state=S comm=ssh
	args ssh -N -R 3000:localhost:22 alpha
	exe /usr/bin/ssh
	fds limit=1024
	proc pid=722 via=exe name=ssh ppid=1 pgid=722 sid=722 uid=1000 ruid=1000 ident=722 start=1699999280000000 masks=1 sigcgt=0x8000000 state=S comm=ssh
	args ssh -f -N -M -S /run/u/cm-gamma -L 7007:localhost:70 gamma
	exe /usr/bin/ssh
	origin reparented=1 reaper=1 netns=1
	fds limit=1024
	fd fd=3 kind=socket key=31
	fd fd=4 kind=socket key=32
	socks
	sock family=inet state=listen local=127.0.0.1:7007 key=31 known=0x87 wq=128
	sock family=unix state=listen path=/run/u/cm-gamma.PhwQHMxfm5c9Gcoc key=32 known=0x23 wq=64
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
for tool in tunadd tuncheck tunps; do
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

# silent NAME TYPED: not offered, and nothing is said.
silent() {
	terminal send-keys -l "$2"
	terminal send-keys Tab Tab
	terminal send-keys -l '; # end'
	wait_for shows '# end$'
	is "$shell: not offered: $1" \
	    "$(screen | sed 's/ *; # end/; # end/')" "\$ $2; # end"
	terminal send-keys C-u
	ready
}

tuncheck_words() {
	tab "what to check" 'tuncheck L80' 'tuncheck L8008'
	tab "also what is in front" 'tuncheck R3' 'tuncheck R3000'
	tab "after an option" 'tuncheck -xq d1' 'tuncheck -xq D1080'
	tab "a second word" 'tuncheck L8008 gam' 'tuncheck L8008 gamma'
	tabs "what it means" 'tuncheck L' 'localhost:80 via fred@server, 3d04h'
	tab "a control socket" 'tuncheck -S /run/u/c' \
	    'tuncheck -S /run/u/cm-gamma'
	tab "a file for a control socket" "tuncheck -S $dir/tab" \
	    "tuncheck -S $dir/table"
	tab "a user to check" 'tuncheck -u roo' 'tuncheck -u root'
	tabs "seconds" 'tuncheck -t ' '0\.2 '
	tabs "options of tuncheck" 'tuncheck -' 'probe: use the tunnels'
	tab "a long option of tuncheck" 'tuncheck --he' 'tuncheck --help'
}

tunadd_words() {
	tab "a master" 'tunadd L' 'tunadd L7007'
	tab "a master by its host" 'tunadd -L 1:b:2 ga' 'tunadd -L 1:b:2 gamma'
	tab "a master by its path" 'tunadd /run/u/c' 'tunadd /run/u/cm-gamma'
	silent "what is no master" 'tunadd L80'
	silent "a second master" 'tunadd L7007 gam'
	silent "a master after -S" 'tunadd -n -S /a/path gam'
	silent "a forward" 'tunadd -D L70'
	tab "a master's control socket" 'tunadd -n -S /run/u/c' \
	    'tunadd -n -S /run/u/cm-gamma'
	tabs "seconds to wait" 'tunadd -t ' '(^| )60( |$)'
	tabs "options of tunadd" 'tunadd -' 'add a remote forward'
	tab "a long option of tunadd" 'tunadd --dry' 'tunadd --dry-run'
}

# What all shells do alike.
common() {
	tuncheck_words
	tunadd_words

	mv "$dir/table" "$dir/no-table"
	for tool in tuncheck tunadd; do
		silent "anything where $tool cannot look" "$tool L7"
	done
	mv "$dir/no-table" "$dir/table"
}

# A prompt that is the same in all, and no hints before a TAB.
shell=bash
if command -v bash >/dev/null; then
	start bash --norc --noprofile -i
	wait_for shows '^\$'
	for tool in tunadd tuncheck; do
		enter ". $top/completions/$tool.bash"
	done
	ready
	common
	tab "quotes are left alone" "tuncheck -S '$dir/tab" "table'"
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
