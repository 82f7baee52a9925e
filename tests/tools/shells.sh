# shellcheck shell=sh
# SPDX-License-Identifier: ISC
#
# shells.sh: completions in the real shells on a real terminal: keys are
# pressed and the screen is read.  A test sources it after lib.sh, writes the
# processes that there are to $dir/table, and says what all shells do alike:
#
#	in_all_shells COMMAND [COMMAND-OF-BASH-ALONE]

require tmux

. "$top/tests/tools/tmux.sh"

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
cp "$top/completions/_tun" "$share/zsh/site-functions/"
for tool in $(all_tools); do
	cp "$top/completions/tun.bash" \
	    "$share/bash-completion/completions/$tool"
	cp "$top/completions/tun.fish" \
	    "$share/fish/vendor_completions.d/$tool.fish"
done

# A fish that starts for the first time reads all pages of the system, for half a
# minute, unless it finds the directory of what it learns there (of 3 and 4).
mkdir -p "$dir/home/.local/share/fish/generated_completions" \
    "$dir/home/.cache/fish/generated_completions"

# start SHELL ARG...: that shell, on a terminal of its own.
start() {
	terminals=$((terminals + 1))
	at_exit 'terminal kill-server 2>/dev/null'
	env -i HOME="$dir/home" PATH="$dir/bin:$PATH" TERM=screen LC_ALL=C.UTF-8 \
	    LANG=C.UTF-8 XDG_DATA_DIRS="$share:/usr/local/share:/usr/share" \
	    INPUTRC=/dev/null PS1='$ ' SHELL=/bin/sh \
	    tmux -f /dev/null -S "$dir/tmux$terminals" new-session -d -x 120 -y 50 \
	    -c "$dir/empty" "$@"
}

end_shell() {
	terminal kill-server 2>/dev/null
}

is_clear() {
	[ "$(screen)" = '$' ]
}

# ready: has the shell done what it was told, and does it wait on an empty
# screen?  What is typed before it does is shown twice.
ready() {
	enter "clear; echo rea''dy"
	wait_for shows '^ready' && {
		enter clear
		wait_for is_clear
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

# enter_after_tab NAME TYPED REGEX: what the command prints that TAB has made.
enter_after_tab() {
	terminal send-keys -l "$2"
	terminal send-keys Tab
	terminal send-keys Enter
	wait_for shows "$3"
	result $? "$shell: $1" || note "$(screen)"
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

# without_table NAME TYPED ...: nothing is offered where tunps cannot look.
without_table() {
	mv "$dir/table" "$dir/no-table"
	while [ $# -gt 0 ]; do
		silent "$1" "$2"
		shift 2
	done
	mv "$dir/no-table" "$dir/table"
}

# A prompt that is the same in all, and no hints before a TAB.

in_bash() {
	start bash --norc --noprofile -i
	wait_for shows '^\$'
	enter ". $top/completions/tun.bash"
	ready
	"$1"
	[ $# -eq 1 ] || "$2"
	end_shell
}

in_bash_with_package() {
	start bash --norc --noprofile -i
	wait_for shows '^\$'
	enter ". $package"
	ready
	"$1"
	end_shell
}

in_zsh() {
	start zsh -f -i
	wait_for shows '^\$'
	enter "fpath=($share/zsh/site-functions \$fpath); PS1='\$ '"
	enter "autoload -Uz compinit && compinit -u -D; unsetopt promptsp; LISTMAX=999"
	ready
	"$1"
	end_shell
}

in_fish() {
	start fish -i
	wait_for shows '.'
	enter "function fish_prompt; echo -n '\$ '; end"
	enter "function fish_right_prompt; end; set -g fish_autosuggestion_enabled 0"
	ready
	"$1"
	end_shell
}

in_all_shells() {
	package=/usr/share/bash-completion/bash_completion
	for shell in bash zsh fish; do
		if command -v $shell >/dev/null; then
			"in_$shell" "$@"
		else
			skip "$shell" "no $shell"
		fi
	done
	shell="bash, with bash-completion"
	if [ -r $package ] && command -v bash >/dev/null; then
		in_bash_with_package "$1"
	else
		skip "$shell" "no bash-completion"
	fi
}
