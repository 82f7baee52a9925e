# shellcheck shell=sh disable=SC2034,SC2154
# SPDX-License-Identifier: ISC
#
# tmux.sh: a terminal with a shell in it, for a test that has sourced lib.sh.

# terminal COMMAND...: of tmux(1).
terminal() {
	tmux -f /dev/null -S "$dir/tmux$terminals" "$@"
}

# terminal_start WIDTH HEIGHT [LOCALE]: on a socket of its own, since a server
# that was told to end removes its socket later on.
terminals=0
terminal_start() {
	terminals=$((terminals + 1))
	at_exit 'terminal kill-server 2>/dev/null'
	env -i HOME="$dir" PATH="$PATH" TERM=screen LC_ALL="${3:-C}" PS1='$ ' \
	    XDG_STATE_HOME="$XDG_STATE_HOME" \
	    tmux -u -f /dev/null -S "$dir/tmux$terminals" \
	    new-session -d -x "$1" -y "$2" bash --norc --noprofile -i
	wait_for shows '^\$'
}

# resize WIDTH HEIGHT: tmux does it in its own time.
resize() {
	terminal resize-window -x "$1" -y "$2"
	wait_for has_size "$1" "$2"
}

has_size() {
	[ "$(stty size <"$(terminal display-message -p '#{pane_tty}')")" = \
	    "$2 $1" ]
}

# screen: what is on it, without empty lines; a line that was wrapped is one.
screen() {
	terminal capture-pane -p -J | sed 's/ *$//' | grep .
}

# shows REGEX: does some line match?
shows() {
	screen | grep -Eq -e "$1"
}

# hides REGEX: does none?
hides() {
	! shows "$1"
}

# enter LINE: one for the shell there.
enter() {
	terminal send-keys -l "$1"
	terminal send-keys Enter
}

# keys KEY...: as tmux(1) names them.
keys() {
	terminal send-keys "$@"
}

# modes: is the alternate screen on, is the cursor, does it wrap?
modes() {
	terminal display-message -p '#{alternate_on} #{cursor_flag} #{wrap_flag}'
}

has_modes() {
	[ "$(modes)" = "$1" ]
}

# settings: what stty(1) says there, on one line.
settings() {
	rm -f "$dir/stty"
	enter "stty -a >'$dir/stty.part'; mv '$dir/stty.part' '$dir/stty'"
	wait_for [ -f "$dir/stty" ]
	paste -sd ' ' "$dir/stty" | sed 's/rows [0-9]*; columns [0-9]*;//'
}

# restored NAME STATUS: the terminal is as it was when $usual was taken, and the
# program has ended with that status.
restored() {
	wait_for has_modes "0 1 1"
	enter 'echo status=$?'
	wait_for shows "^status=$2\$"
	result $? "$1: ends with status $2" || note "$(screen)"
	is "$1: the screen, the cursor and wrapping" "$(modes)" "0 1 1"
	is "$1: settings" "$(settings)" "$usual"
}

# in_terminal: the PID of what the shell there runs.  What has ended is not meant:
# bash 5.2 does not always wait for a stopped job that is killed, and goes on to
# call it stopped.
in_terminal() {
	terminal list-panes -F '#{pane_pid}' |
	    xargs ps -o stat=,pid= --ppid | awk '$1 !~ /^Z/ { print $2 }'
}

nothing_in_terminal() {
	[ -z "$(in_terminal)" ]
}

# ends_stopped NAME: what was stopped there can be ended.
ends_stopped() {
	enter 'kill %1'
	ok "$1" wait_for nothing_in_terminal
}

# selected: the ID in the line that is shown in reverse.
escape=$(printf '\033')
selected() {
	terminal capture-pane -p -e | grep -E "$escape\[([0-9]+;)*7m" |
	    sed "s/$escape\[[0-9;]*m//g; s/^[-+* ]*\([^ ]*\) .*/\1/"
}

# selects NAME ID: the row that is selected, after a key.
selects() {
	wait_for is_selected "$2"
	result $? "$1" || note "selected: $(selected), want $2"
}

is_selected() {
	[ "$(selected)" = "$1" ]
}

# said NAME REGEX: some line comes to match.
said() {
	wait_for shows "$2"
	result $? "$1" || note "$(screen)" "want: /$2/"
}

# unsaid NAME REGEX: no line matches any more.
unsaid() {
	wait_for hides "$2"
	result $? "$1" || note "$(screen)" "want: not /$2/"
}
