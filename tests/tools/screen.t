#!/bin/sh
# SPDX-License-Identifier: ISC
#
# The keys of tunps --watch, on a recorded table, and the terminal after it.

. "$(dirname "$0")/lib.sh"

require tmux
has_curses || skip_all "built without curses"
. "$top/tests/tools/tmux.sh"

# Thirty tunnels, L8001 to L8030, the first of them the youngest.
uid=$(id -u)
{
	table_head "$uid"
	for i in $(seq 1 30); do
		n=$(printf %02d "$i")
		ssh_process "2$n" "$uid" "$((i * 60))" \
		    "ssh -fN -L 80$n:host$n:80 server$((i % 3))"
	done
	ssh_process 301 "$uid" 60 'ssh -fN -L 9000:evil\033[31m\012host:80 serv\303\251r9'
	origin='' ssh_process 302 "$uid" 60 'ssh -N -L 9001:front:80 server9' \
	    ppid=303
	ssh_process 304 4242 60 'ssh -fN -L 9002:other:80 server9'
	echo 'proc pid=303 via=comm name=bash pgid=303 sid=303 ident=303 state=S comm=bash'
	echo socks
} >"$dir/table"

terminal_start 100 12
usual=$(settings)

# starts [OPTION...]: is the list there?
starts() {
	enter "clear; tunps --table '$dir/table' --watch=30 $*"
	wait_for shows '^  ID '
}

# --- moving ---------------------------------------------------------------

ok "shows the list" starts --
is "on the alternate screen, without a cursor" "$(modes)" "1 0 1"
said "  with a heading" '^[0-9:]{8}  31 tunnels, every 30s  \(q ends, \? helps\)$'
said "  and what is below" '^\(22 more lines\)$'
selects "the first row is selected" L8001
keys Down
selects "down" L8002
keys j
selects "j" L8003
keys k Up
selects "k and up" L8001
keys Up
selects "not above the first" L8001
keys NPage
selects "page down" L8009
keys End
selects "end" L9000
said "  scrolls" '^  L8030 '
unsaid "  and nothing is below" 'more lines'
keys j
selects "not below the last" L9000
like "hostile bytes are escaped" "$(screen)" 'evil\\033\[31m\\012host'
keys PPage
selects "page up" L8023
keys g
selects "home" L8001

# --- mouse, clipboard -----------------------------------------------------------

# As xterm sends them: the button, the column and the line, each one byte.
terminal send-keys -l "${escape}[M \$%${escape}[M#\$%"
selects "a click selects" L8003
terminal send-keys -l "${escape}[Ma\$%"
selects "the wheel moves" L8006
terminal send-keys -l "${escape}[M\`\$%"
selects "  and back" L8003
terminal set -s set-clipboard on
keys x
said "x: says so" '^sent to the clipboard: what starts L8003$'
clipped() {
	[ "$(terminal show-buffer)" = "$(tunps --table "$dir/table" \
	    --export=sh L8003)" ]
}
ok "  and it is there" wait_for clipped
keys g

# --- another size ----------------------------------------------------------

keys j j j j
selects "five down" L8005
resize 20 5
said "20x5: the selected row is seen" '^  L8005 '
is "  in five lines" "$(screen | wc -l | tr -d ' ')" 5
unlike "  none of them longer" "$(screen)" '.{21}'
resize 8 1

resize 100 12
said "as large as before: all columns" '^  L8005 .* AGE|^  ID .* AGE'
selects "  and the same row" L8005

resize 140 12
said "wider: more to the right of the rows" ' AGE +RATE +WAS +CHANGED$'
resize 100 12
unsaid "  where there is room" 'CHANGED'

# --- stopped, ended ---------------------------------------------------------

keys C-z
wait_for has_modes "0 1 1"
is "stopped: the screen" "$(modes)" "0 1 1"
is "stopped: settings" "$(settings)" "$usual"
enter fg
wait_for has_modes "1 0 1"
said "goes on: the list" '^  L8005 '
selects "  with the same row" L8005
keys q
wait_for has_modes "0 1 1"
is "goes on and ends: settings" "$(settings)" "$usual"

starts --
keys q
restored q 0
starts --
keys C-c
restored interrupt 130
for signal in TERM:143 HUP:129 QUIT:131; do
	starts
	kill -s "${signal%:*}" "$(in_terminal)"
	restored "SIG${signal%:*}" "${signal#*:}"
done
starts --
keys C-z
wait_for has_modes "0 1 1"
ends_stopped "ended while it was stopped"
is "ended while it was stopped: settings" "$(settings)" "$usual"

# --- filter -----------------------------------------------------------------

starts --
keys /
keys -l HOST1
said "a filter, as it is typed" '^/HOST1$'
unsaid "  leaves rows out" 'L8001'
said "  and rows with the text in" '^  L8010 '
selects "  of which one is selected" L8010
keys 9 BSpace
said "  a character is taken off" '^/HOST1$'
keys Enter
said "  and says how many" '^/HOST1: 10 of 31$'
keys k
selects "keys move again" L8018
keys Escape
said "ESC shows all" '^  L8020 |^\([0-9]+ more lines\)$'
selects "  with the same row selected" L8018
keys /
keys -l 'nothing has this'
unsaid "no row has it" '^  L80'
said "  which is said" '^no line has this text$'
keys Escape
said "  and back" '^  L80'

# --- order and views ----------------------------------------------------------

keys g s
said "s: by the first column" '^sorted by id$'
keys s
said "s: by the next" '^sorted by pid$'
selects "  with the same row selected" L8001
keys S
said "S: from the end" '^sorted by pid, from the end$'
keys g
selects "  the last is the first" L9000
keys a
said "a: in the foreground, too" '^with those in the foreground$'
said "  and more rows" '32 tunnels'
keys a e
said "e: of all users" '^of all users$'
keys G
keys g
said "  and their rows" '^  L9002 '
keys e
unsaid "e: only one's own" 'L9002'
keys q
restored "views" 0

# --- evidence and help ---------------------------------------------------------

starts --
keys j Enter
said "enter: the evidence for the row" '^    origin background because '
said "  below it" '^  L8002 '
keys j
below() {
	screen | grep -A1 "^  $1 " | sed -n 2p | grep -q '^    origin'
}
ok "  and below the next" wait_for below L8003
keys v
unsaid "v: not any more" '^    origin'
keys '?'
said "?: help" '^/ .*only rows with a text'
said "  and how to leave it" '^q: back  \([0-9]+ more lines\)$'
resize 90 12
keys j
said "  stays when the size changes" '^/ .*only rows with a text'
resize 30 12
said "  with its lines made anew" '^    a text; ESC ends it$'
resize 100 12
keys q
said "  and back" '^  L8003 '
keys g
resize 40 8
said "a heading that fits" '^[0-9:]{8}  31 tunnels  \(q ends\)$'
keys v
said "evidence of more lines than the screen" '^    origin background '
said "  its first" '^  L8001 '
unsaid "  and not its last" 'may not be read'
keys j
unsaid "  down scrolls in it" '^  L8001 '
keys NPage NPage
said "  and page down, to its last" 'may not be read$'
keys j
said "  behind which the next row is" '^  L8002 '
keys k
said "up: the first lines of the one before" '^  L8001 '
keys G
said "end: the first lines of the last" '^  L9000 '
keys G
said "  and once more: its last" 'may not be read$'
resize 20 5
said "  and on the smallest" '^[0-9:]{8}  31 tunnels$'
keys v /
keys -l abcdefghijklmnopqrstuvwxyz
said "what is typed is longer than the line: its end" '^/[+]jklmnopqrstuvwxyz$'
said "a line that is cut has a mark" '^no line has this te[+]$'
keys Escape
resize 100 12
keys q
restored "pages" 0

ok "-v: evidence for all" starts -v
keys NPage
unsaid "  a page down moves on" '^  L8001 '
said "  by no more lines than are seen" '^  L8002 '
keys PPage
said "  and a page up, back" '^  L8001 '
keys G
said "  scrolls by lines" 'L9000'
keys q
restored "evidence" 0

# --- colours ----------------------------------------------------------------

# colours: what is bold or coloured, of all that is shown.
colours() {
	terminal capture-pane -p -e | grep -E "$escape\[([0-9]+;)*(1|3[0-7])[;m]"
}
coloured() {
	colours | grep -q '31m.*unbound'
}
starts --
ok "states have colours" wait_for coloured
keys q
wait_for has_modes "0 1 1"
enter "clear; NO_COLOR=1 tunps --table '$dir/table' --watch=30"
wait_for shows '^  ID '
is "NO_COLOR: nothing is bold or coloured" "$(colours)" ""
selects "  and a row is selected" L8001
keys q
wait_for has_modes "0 1 1"

enter "clear; tunps --table '$dir/table' --watch=30 nobody"
said "no rows" '^no tunnels$'
keys j k G Enter c / x Enter
keys Escape
keys q
restored "no rows" 1

# --- wide characters ----------------------------------------------------------

if locale -a 2>/dev/null | grep -qx C.utf8; then
	terminal kill-server
	terminal_start 100 12 C.UTF-8
	starts --
	keys /
	keys -l 'RVér9'
	said "a filter of wide characters, as it is typed" '^/RVér9$'
	selects "  finds them" L9000
	keys BSpace BSpace BSpace
	said "  one is taken off as a whole" '^/RV$'
	keys Escape
	keys q
	wait_for has_modes "0 1 1"
else
	skip "wide characters" "no C.UTF-8"
fi

done_testing
