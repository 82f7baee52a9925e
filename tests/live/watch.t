#!/bin/sh
# SPDX-License-Identifier: ISC
#
# tunps --watch on a terminal and off it: what is shown, what is marked, and
# that the terminal is given back however it ends.

. "$(dirname "$0")/sshd.sh"

sshd_start || skip_all "$sshd_why"

p=$(free_port)
background -L "$p:$target" tun-watch
pid=$(tunps -t "$p")

# --- lines of JSON -------------------------------------------------------

now_ms() {
	date +%s%3N
}

# watches N [ARG...]: ten looks a second until there are N lines, and how many
# milliseconds that took.
watches() {
	n_=$1
	shift
	: >"$dir/lines"
	begin=$(now_ms)
	tunps --watch=0.1 -j "$@" >"$dir/lines" &
	watcher=$!
	wait_for has_lines "$n_"
	kill "$watcher"
	wait "$watcher"
	took=$(($(now_ms) - begin))
}

has_lines() {
	[ "$(wc -l <"$dir/lines")" -ge "$1" ]
}

watches 3 "$p"
ok "one line a look" has_lines 3
ok "  and no more" [ "$(wc -l <"$dir/lines")" -le $((took / 100 + 1)) ]
bad=0
while read -r line; do
	[ "$(echo "$line" | json '.tunnels[0].pid')" = "$pid" ] || bad=$((bad + 1))
done <"$dir/lines"
is "each is an object with the tunnel" "$bad" 0
ok "  and says when" sh -c "head -n 1 '$dir/lines' | json .when >/dev/null"
tunps --watch=0.1 -j "$p" 2>"$dir/err" | head -n 1 >"$dir/lines"
is "a reader that leaves" "$(wc -l <"$dir/lines" | tr -d ' ') $(cat "$dir/err")" "1 "

# The time between two looks is not known: on a busy machine, and if there is a
# doubt, it is longer.
q=$(free_port)
ssh -F "$dir/config" -L "$q:$target" tun-rate \
    'while :; do head -c 4000 /dev/zero; sleep 0.05; done' \
    >/dev/null 2>&1 </dev/null &
source=$!
remember "$source"
wait_for listed "$q"
watches 15 -a -o rx,tx,rate "$q"
kill "$source"
like "rates are bytes a second, however often it looks" \
    "$(sed -n 's/.*"rx":\([0-9]*\),"tx":\([0-9]*\),"rate":\([0-9]*\).*/\1 \2 \3/p' \
    "$dir/lines" | awk -v seconds="$took" '
	BEGIN { seconds /= 1000 }
	NR == 1 { first = $1 + $2; next }
	{ bytes = $1 + $2 - first; sum += $3 }
	END { mean = sum / (NR - 1); all = bytes / seconds
	    fits = bytes > 0 && mean > all / 4 && mean < all * 7
	    print (fits ? "yes" : "no"), mean, all }')" '^yes'

# Processes come and go, some of them where the tunnel's number was looked for.
(
	while :; do
		sh -c : &
		sh -c : &
		wait
	done
) >/dev/null 2>&1 &
churn=$!
remember "$churn"
watches 20 -o pid "$p"
kill "$churn"
is "never missed while others come and go" \
    "$(grep -vc "\"pid\":$pid" "$dir/lines")" 0

# A program that becomes an ssh after it has been seen as something else.
q=$(free_port)
mkfifo "$dir/go"
(
	read -r _ <"$dir/go"
	exec ssh -F "$dir/config" -fN -L "$q:$target" tun-late
) >/dev/null 2>&1 &
tunps --watch=0.2 -j -o pid,via "$q" >"$dir/lines" 2>"$dir/err" &
watcher=$!
remember "$watcher"
wait_for has_lines 1
echo go >"$dir/go"
ok "found when it becomes an ssh later on" \
    wait_for grep -q tun-late "$dir/lines"
kill "$watcher"

# --- a command for each change --------------------------------------------

# on_change COMMAND [OPTION...]: watch until told otherwise, as $watcher.
on_change() {
	: >"$dir/lines"
	command_=$1
	shift
	tunps --watch=0.1 -j --on-change "$command_" "$@" >"$dir/lines" \
	    2>"$dir/err" &
	watcher=$!
	remember "$watcher"
	looked 2
}

# looked N: are there so many more lines?
looked() {
	wait_for has_lines $(($(wc -l <"$dir/lines") + $1))
}

has_names() {
	[ "$(wc -l <"$dir/names")" -ge "$1" ]
}

# changed TEXT: does a line of the log begin like this?
changed() {
	wait_for grep -q "^$1" "$dir/changes"
	result $? "$2" || note "$(cat "$dir/changes")"
}

# shellcheck disable=SC2016
log='printf "%s|%s|%s|%s|%s\n" "$TUN_ID" "$TUN_OLD_STATE" "$TUN_STATE" \
    "$TUN_PID" "$TUN_TARGET"'
log="$log >>'$dir/changes'; exit 3"
: >"$dir/changes"
on_change "$log" tun-watch tun-mark
m=$(free_port)
background -L "$m:$target" tun-mark
mark=$(tunps -t "$m")
changed "L$m||[a-z]*|$mark|$target\$" "--on-change: one that appears"
like "  and nothing ran at the first look" "$(head -n 1 "$dir/changes")" "^L$m\|"
kill -STOP "$pid"
changed "L$p|[a-z]*|stopped|$pid|$target\$" "another state, and the old one"
kill -CONT "$pid"
changed "L$p|stopped|[a-z]*|$pid|" "  and back"
kill "$mark"
changed "L$m|[a-z]*|gone|$mark|$target\$" "one that is gone"
wait_for grep -q 'exit status 3' "$dir/err"
is "a command that fails is said, once" "$(cat "$dir/err")" \
    "tunps: --on-change: exit status 3"
evil="h\$(touch $dir/harm)';touch $dir/harm;\`touch $dir/harm\`$(printf '\a\n.')"
m=$(free_port)
background -L "$m:$evil:1" tun-mark
changed "L$m||" "hostile bytes"
kill "$(tunps -t "$m")"
like "  are text in the environment" "$(cat "$dir/changes")" \
    "\|h.*harm.*\\\\007\\\\012\.:1\$"
changed "L$m|[a-z]*|gone|" "  until the end"
ok "  and no command" test ! -e "$dir/harm"
kill "$watcher"

# A target that is like a variable, after an ID that is longer: each command has
# the same variables.
: >"$dir/names"
on_change "env | cut -d = -f 1 | sort | tr '\\n' ' ' >>'$dir/names'
    echo >>'$dir/names'" tun-mark
for place in "$dir/a.long.path" "$(free_port)" "$dir/path"; do
	n=$(wc -l <"$dir/names")
	background -L "$place:TUN_EVIL=/tmp/x:1" tun-mark
	wait_for has_names $((n + 1))
	kill "$(tunps -t "$place")"
	wait_for has_names $((n + 2))
done
is "no value is a variable of its own" \
    "$(sort -u "$dir/names" | wc -l | tr -d ' ')" 1 ||
    note "$(cat "$dir/names")"
kill "$watcher"

# restart: ends the tunnel and starts it, between two looks.
restart() {
	stop "$watcher"
	kill -KILL "$pid"
	wait_for gone "$pid"
	background -L "$p:$target" tun-watch
	pid=$(tunps -t "$p")
	kill -CONT "$watcher"
}

: >"$dir/changes"
on_change "$log" tun-watch
restart
changed "L$p|[a-z]*|[a-z]*|$pid|$target\$" "one that was started again"
restart
changed "L$p|[a-z]*|[a-z]*|$pid|$target\$" "  and once more"
unlike "  is not gone" "$(cat "$dir/changes")" '\|gone\|'
kill "$watcher"

# A filter about the state: what leaves the list is not gone.
: >"$dir/changes"
on_change "$log" --state stopped tun-watch
kill -STOP "$pid"
changed "L$p|[a-z][a-z]*|stopped|" "--state: comes into the list"
kill -CONT "$pid"
changed "L$p|stopped|[a-z]*|$pid" "  and leaves it"
kill -STOP "$pid"
wait_for tunps -q --state stopped "$p"
looked 2
restart
changed "L$p|stopped|[a-z]*|$pid" "  also by another process"
unlike "  and is not gone" "$(cat "$dir/changes")" '\|gone\|'
kill "$watcher"

# A command that hangs, and more changes than can wait.
many=
for m in $(seq 110); do
	many="$many -L $dir/many.$m:$target"
done
# shellcheck disable=SC2016
on_change 'echo $$ >>"'"$dir/hung"'"; trap "" TERM; read _ <"'"$dir/go"'"' tun-mark
# One look is to see them all.
stop "$watcher"
# shellcheck disable=SC2086
background $many tun-mark
kill -CONT "$watcher"
wait_for grep -q dropped "$dir/err"
is "what cannot wait is dropped, which is said" \
    "$(grep -o '[0-9]* dropped' "$dir/err")" "10 dropped"
ok "  and the watch goes on" looked 3
is "  with one command at a time" "$(wc -l <"$dir/hung" | tr -d ' ')" 1
hung=$(cat "$dir/hung")
runner=$(ps -o ppid= -p "$hung" | tr -d ' ')
kill "$watcher"
wait "$watcher" 2>/dev/null
ok "ended with the watch: a hung command" wait_for gone "$hung"
ok "  and what ran it" wait_for gone "$runner"
is "  and no other was started" "$(wc -l <"$dir/hung" | tr -d ' ')" 1
kill "$(tunps -t tun-mark)"

if has "never connects, sends or signals" strace; then
	: >"$dir/lines"
	strace -f -qq -e trace=connect,sendto,sendmsg,kill -e signal=none \
	    -o "$dir/trace" "$(command -v tunps)" --watch=0.2 -j \
	    -o id,state "$p" >"$dir/lines" &
	tracer=$!
	ok "looks while traced" wait_for has_lines 2
	kill "$(pgrep -P "$tracer")"
	wait "$tracer"
	# The C library may ask nscd(8) for the names of users.
	is "never connects, sends or signals" \
	    "$(grep -v -e AF_NETLINK -e /nscd/ "$dir/trace")" ""
fi

# --- on a terminal -------------------------------------------------------

if ! command -v tmux >/dev/null; then
	skip "on a terminal" "no tmux"
	done_testing
	exit
fi

. "$top/tests/tools/tmux.sh"
terminal_start 120 20
# No curses knows this terminal, so that no keys but q are taken.
enter "TERM=plain; clear() { printf '\\033[H\\033[2J'; }"
# ncurses leaves a piece of memory where it does not know the terminal.
echo leak:new_prescr >"$dir/lsan"
enter "export LSAN_OPTIONS=suppressions=$dir/lsan:print_suppressions=0"
usual=$(settings)

# starts [OPTION...]: is it on the screen?
starts() {
	enter "clear; tunps $*"
	wait_for shows "^. L$p "
}

ok "shows the tunnel" starts --watch=30 "$p"
is "on the alternate screen, without a cursor" "$(modes)" "1 0 0"
ok "says how often" shows '^[0-9:]{8}  1 tunnel, every 30s  \(q ends\)$'
unlike "nothing is marked at first" "$(screen | sed 1d)" '^[-+*]'
terminal send-keys x
terminal send-keys q
restored "q" 0
unlike "keys are not shown" "$(screen)" '^x'

starts --watch=30 "$p"
terminal send-keys C-c
restored "interrupt" 130
for signal in TERM:143 HUP:129 QUIT:131; do
	starts --watch=30 "$p"
	watcher=$(in_terminal)
	kill -s "${signal%:*}" "$watcher"
	restored "SIG${signal%:*}" "${signal#*:}"
done

starts --watch=30 "$p"
terminal send-keys C-z
wait_for has_modes "0 1 1"
is "stopped: the screen" "$(modes)" "0 1 1"
is "stopped: settings" "$(settings)" "$usual"
enter fg
wait_for has_modes "1 0 0"
ok "goes on: shows the tunnel again" wait_for shows "^  L$p "
terminal send-keys q
# The status that was asked for went with the job.
wait_for has_modes "0 1 1"
is "goes on and ends: settings" "$(settings)" "$usual"

starts --watch=30 "$p"
terminal send-keys C-z
wait_for has_modes "0 1 1"
ends_stopped "ended while it was stopped"
is "ended while it was stopped: settings" "$(settings)" "$usual"

starts --watch=30 -o id,cmd "$p"
unlike "wide enough" "$(screen)" '\+$'
resize 60 20
wait_for shows '^  L.*\+$'
result $? "narrower: is cut anew, at once" || note "$(screen)"
resize 120 20
terminal send-keys q
restored "size" 0

starts --watch=30 -a -v
resize 120 3
ok "lower: says that there is more" wait_for shows '^\([0-9]+ more lines\)$'
resize 120 20
terminal send-keys q
restored "height" 0

# Marks stay until the next look, so they are looked for in all that was written.
# Nothing else changes meanwhile.
: >"$dir/written"
terminal pipe-pane "exec cat >>'$dir/written'"
# was_shown REGEX: did some line match, then or now?
was_shown() {
	sed "s/$escape\[[0-9;?]*[A-Za-z]//g" "$dir/written" | grep -Eq -e "$1"
}
# marks NAME REGEX: a line comes to match.
marks() {
	wait_for was_shown "$2"
	result $? "$1" || note "$(cat "$dir/written")"
}
tunps --check -q "$p"
enter "clear; tunps --watch=2 tun-watch tun-mark"
wait_for shows "^  L$p "
m=$(free_port)
background -L "$m:$target" tun-mark
marks "a new one is marked" "^\\+ L$m "
like "  and bold" "$(cat "$dir/written")" "$escape\\[1m\\+ L$m "
wait_for shows "^  L$m "
result $? "  only once" || note "$(screen)"
kill -STOP "$pid"
marks "one that says something else is marked" "^\\* L$p .* stopped "
kill -CONT "$pid"
kill "$(tunps -t "$m")"
marks "one that is gone is shown once more" "^- L$m "
wait_for hides " L$m "
result $? "  and then no more" || note "$(screen)"
terminal send-keys q
wait_for has_modes "0 1 1"

: >"$dir/written"
enter "clear; NO_COLOR=1 tunps --watch=2 tun-watch tun-mark"
wait_for shows "^  L$p "
background -L "$m:$target" tun-mark
marks "NO_COLOR: marked" "^\\+ L$m "
unlike "  but not bold" "$(cat "$dir/written")" "$escape\\[1m"
terminal send-keys q
wait_for has_modes "0 1 1"

kill "$(tunps -t "$m")"
wait_for hides " L$m "
enter "clear; tunps --watch=0.5 --on-change 'tty; echo seen; exit 9' tun-watch tun-mark"
wait_for shows "^  L$p "
background -L "$m:$target" tun-mark
ok "--on-change: a command that fails is said on the screen" \
    wait_for shows 'every 0.5s; --on-change: exit status 9'
unlike "  its output is not shown" "$(screen)" 'seen|not a tty'
kill "$(tunps -t "$m")"
terminal send-keys q
wait_for has_modes "0 1 1"

enter "clear; TERM=dumb tunps --watch; echo status=\$?"
ok "a terminal that cannot" wait_for shows '^status=2$'
ok "  says so" shows '^tunps: --watch: this terminal cannot'

done_testing
