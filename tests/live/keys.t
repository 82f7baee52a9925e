#!/bin/sh
# SPDX-License-Identifier: ISC
#
# The keys of tunps --watch on tunnels that run: asking, ending, and what stays
# selected when others come and go.

. "$(dirname "$0")/sshd.sh"

require tmux
has_curses || skip_all "built without curses"
. "$top/tests/tools/tmux.sh"
sshd_start || skip_all "$sshd_why"

p=$(free_port)
background -L "$p:$target" tun-first
pid=$(tunps -t "$p")
q=$(free_port)
background -L "$q:$target" tun-second
second=$(tunps -t "$q")

terminal_start 140 14
usual=$(settings)

# starts [OPTION...]: is the list there?
starts() {
	enter "clear; tunps --watch=0.5 $*"
	wait_for shows '^..ID '
}

starts --sort=id
said "both are listed" "^  L$p "
said "  the other, too" "^  L$q "

# --- the selected row -------------------------------------------------------

keys /
keys -l "$q"
keys Enter
selects "one is selected" "L$q"
keys Escape
wait_for shows "^  L$p "
selects "  and stays so without the filter" "L$q"
m=10001
background -L "$m:$target" tun-third
said "another comes" "^. L$m "
selects "  and it is still the same" "L$q"
kill "$(tunps -t "$m")"
unsaid "  and goes" "^. L$m "
selects "  and it is still the same" "L$q"

# --- c ------------------------------------------------------------------------

keys c
said "c: asks" "^L$q: ok"
unlike "  and the list has the states of the last look" "$(screen)" \
    "^. L$q .* alive "
kill -STOP "$second"
said "one that is stopped" "^. L$q .* stopped "
said "  what it was, and when that changed" \
    "^. L$q .* stopped .* [a-z]+ +[0-9:]{8}\$"
said "  and its rates in ASCII" "^. L$q .* [_.:=+*#-]{3,} "
keys c
said "c: says what is wrong with it" "^L$q: bad: "
kill -CONT "$second"
unsaid "  and goes on" "^. L$q +[0-9]+ +stopped "

# --- K ------------------------------------------------------------------------

keys K
said "K: the plan" "^L$q: end ssh $second "
said "  and a question" "^end L$q\\? y or n$"
ok "  while it runs" alive "$second"
keys n
said "n: nothing" '^nothing was ended$'
ok "  it runs" alive "$second"
keys DC
said "delete: the question" "^end L$q\\? y or n$"
resize 130 14
keys Down
said "  stays when the size changes" "^end L$q\\? y or n$"
resize 130 3
said "  and says that there is more" "^end L$q\\? y or n  \\([0-9]+ more lines?\\)$"
keys Down
said "  which scrolls" "^ +why: named by L$q"
resize 140 14
keys Enter
said "any other key: nothing" '^nothing was ended$'
ok "  it runs" alive "$second"
keys y
unsaid "y alone: nothing" "^end "
ok "  it runs" alive "$second"

# What has the number of a process that was planned for is not ended for it.
keys K
said "the plan again" "^end L$q\\? y or n$"
kill "$second"
wait_for ended "$second"
background -L "$q:$target" tun-second
third=$(tunps -t "$q")
keys y
said "y: one with another PID is not ended" "L$q: no such tunnel\$"
ok "  it runs" alive "$third"
# The old one is shown once more, as gone.
wait_for shows "^  L$q +$third "
keys /
keys -l "$q"
keys Enter
selects "the new one" "L$q"
keys K
said "the plan for it" "^L$q: end ssh $third "
wait_for shows "^end L$q\\? y or n$"
keys y
unsaid "y: the question goes" '^end '
ok "  and it has" wait_for ended "$third"
ok "  the other has not" alive "$pid"
keys q
restored "keys" 0

# A forward of a tunnel with others is not ended without them.
m=$(free_port)
n=$(free_port)
background -L "$m:$target" -L "$n:$target" tun-pair
pair=$(tunps -t "$m")
starts "$m"
selects "one of two forwards" "L$m"
keys K
said "K: refused, with the key that ends both" ': W ends it all'
unsaid "  and no question" '^end '
keys y
keys Escape
ok "  it runs" alive "$pair"
wait_for shows '^..ID '
keys W
said "W: the plan for the whole tunnel" "^L$m: end ssh $pair "
said "  names the other forward" "L$n"
said "  and a question" "^end L$m\\? y or n$"
keys y
unsaid "y: the question goes" '^end '
ok "  and it has ended" wait_for ended "$pair"
keys q
wait_for has_modes "0 1 1"

# first_line_is_not TEXT: there has been another look since.
first_line_is_not() {
	[ "$(screen | head -n 1)" != "$1" ]
}

# A plan that comes while a filter is typed is shown when that has ended.
mkdir "$dir/slow"
cp "$top/tools/tunps" "$dir/slow"
mkfifo "$dir/plan"
cat >"$dir/slow/tunkill" <<END
#!/bin/sh
read -r _ <"$dir/plan"
tunkill "\$@"
status=\$?
: >"$dir/planned"
exit \$status
END
chmod 755 "$dir/slow/tunkill"
enter "clear; $dir/slow/tunps --watch=0.5 $p"
wait_for shows "^  L$p "
keys K /
wait_for shows '^/$'
echo go >"$dir/plan"
wait_for [ -f "$dir/planned" ]
wait_for first_line_is_not "$(screen | head -n 1)"
keys -l y
said "a plan while a filter is typed: the filter goes on" '^/y$'
keys Enter
said "  and the question comes after it" "^end L$p\\? y or n$"
keys n
said "  n: nothing" '^nothing was ended$'
ok "  it runs" alive "$pid"
keys q
wait_for has_modes "0 1 1"

# --- other rows, other names of ssh -------------------------------------------

# A copy, since the name is that of the file.
cp "$(command -v ssh)" "$dir/otherssh"
n=$(free_port)
"$dir/otherssh" -F "$dir/config" -fN -L "$n:$target" tun-other \
    >/dev/null 2>&1
other=$(tunps -t --ssh-name otherssh "$n")
remember "$other"
starts --ssh-name=otherssh "$n"
keys K
said "--ssh-name: tunkill finds it, too" "^L$n: end .*$other "
wait_for shows "^end L$n\\? y or n$"
keys y
ok "  and ends it" wait_for ended "$other"
keys q
wait_for has_modes "0 1 1"

if is_root "--server"; then
	n=$(free_port)
	background -R "$n:$target" tun-served
	served=$(tunps --server -t "$n")
	starts --server "$n"
	keys a
	said "--server: a has no other rows" '^all sessions are shown$'
	keys e
	said "  nor has e" '^-u, -p or --server says whose are shown$'
	keys x
	said "  x: there is no command" '^a session of sshd has no command$'
	keys c
	said "  c: asks the client" "^R$n: ok"
	keys K
	said "  K: the plan is about the session" "^R$n: end .*$served "
	said "  and a question" "^end R$n\\? y or n$"
	keys y
	ok "  y: it has ended" wait_for ended "$served"
	keys q
	wait_for has_modes "0 1 1"
fi

# --- a thousand looks ----------------------------------------------------------

# looked N: that many more.
looked() {
	terminal send-keys -N "$1" r
	keys '?'
	WAIT_SECONDS=60 wait_for shows '^up k, down j'
	keys q
	wait_for hides '^up k, down j'
}

# resident: the memory of the program, in kB.
resident() {
	ps -o rss= -p "$watcher" | tr -d ' '
}

if ! sanitized "$top/tools/tunps"; then
	starts
	watcher=$(in_terminal)
	looked 100
	before=$(resident)
	looked 1000
	after=$(resident)
	ok "a thousand looks: no more memory" [ $((after - before)) -le 256 ] ||
		note "before: $before kB, after: $after kB"
	keys q
	wait_for has_modes "0 1 1"
fi

# --- a look that fails -------------------------------------------------------

if is_root "a look that fails"; then
	starts "$p"
	watcher=$(in_terminal)
	mount -t tmpfs none /proc
	said "a look that fails: is said" '^cannot look: '
	said "  and the list stays" "^. L$p "
	# A look may have it open just then.
	wait_for umount /proc 2>/dev/null
	unsaid "  until the next one" '^cannot look: '
	keys q
	wait_for has_modes "0 1 1"
fi

# --- the terminal goes ---------------------------------------------------------

# It ends by itself or by SIGHUP.  A signal while ASan's leak detector looks stops
# both for ever.
enter 'export ASAN_OPTIONS=detect_leaks=0'
starts "$p"
watcher=$(in_terminal)
helper=$(ps -o pid= --ppid "$watcher" | tr -d ' ')
terminal kill-server
ok "the terminal goes: it ends" wait_for ended "$watcher"
ok "  and its helper" wait_for ended "$helper"

# Where SIGHUP is ignored, too.
terminal_start 110 14
enter "trap '' HUP; clear; tunps --watch=0.5 $p"
wait_for shows "^  L$p "
watcher=$(in_terminal)
terminal kill-server
ok "without SIGHUP: it ends" wait_for ended "$watcher"

if locale -a 2>/dev/null | grep -qx C.utf8; then
	terminal_start 140 14 C.UTF-8
	starts "$p"
	said "in a locale of UTF-8: rates in blocks" "^. L$p .* ▁▁"
	keys q
	wait_for has_modes "0 1 1"
fi

done_testing
