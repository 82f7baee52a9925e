#!/bin/sh
# SPDX-License-Identifier: ISC
# The words of all tools: --help on one screen, misspelt options recognized,
# columns that line up whatever is in them, plain ASCII where that is all there
# is, and colours only where they are wanted.

. "$(dirname "$0")/lib.sh"
. "$top/tests/tools/sessions.sh"

tools=$(all_tools)

# wide: two columns each.  combined: an accent of its own.  emoji: joined.
{
	table_head 1000
	ssh_process 501 1000 60 'ssh -fN -L 8001:x:80 plain'
	ssh_process 502 1000 60 'ssh -fN -L 8002:x:80 \346\227\245\346\234\254\350\252\236'
	ssh_process 503 1000 60 'ssh -fN -L 8003:x:80 e\314\201t'
	ssh_process 504 1000 60 'ssh -fN -L 8004:x:80 \303\251t\303\251'
	ssh_process 505 1000 60 'ssh -fN -L 8005:x:80 \360\237\221\251\342\200\215\360\237\222\273'
	ssh_process 506 1000 60 "ssh -fN -L 8006:x:80 $(printf '\\345\\244\\247%.0s' 1 2 3 4 5 6 7 8)"
	echo socks
} >"$dir/table"

# --- help and slips -------------------------------------------------------

for tool in $tools; do
	works "$tool --help: status, nothing on standard error" "$tool" --help
	# The prompt takes the last of 24 lines.
	is "$tool --help: one screen" "$(awk 'length($0) > 79 { wide = 1 }
	    END { print NR <= 23 && !wide }' "$dir/out")" 1
	unlike "$tool --help: room after a heading" "$out" '^[a-z ]+:-'
	like "$tool --help: usage first" "$(sed 1q "$dir/out")" \
	    "^usage: $tool "
	"$tool" --options | cut -f 2 | tr ' ' '\n' | sort >"$dir/options"
	tr -s ',[| ' '[\n*]' <"$dir/out" | sort -u >"$dir/words"
	is "$tool --help: each option" \
	    "$(comm -23 "$dir/options" "$dir/words")" ""
	tr -s '[| ' '[\n*]' <"$dir/out" |
	    sed -n 's/^--\([a-z][a-z-]*\).*/\1/p' | sort -u >"$dir/long"
	while read -r word; do
		run "$tool" "--${word}x"
		[ "$status $err" = "2 $tool: --${word}x: no such option; did \
you mean --$word?" ] || echo "$word: $status $err"
	done <"$dir/long" >"$dir/wrong"
	is "$tool: each long option, one letter too many" \
	    "$(cat "$dir/wrong")" ""
	run "$tool" --no-such-word-at-all
	is "$tool: nothing like it" "$status $err" \
	    "2 $tool: --no-such-word-at-all: no such option"
done

tunps --list-columns | while read -r column _; do
	for word in "${column}x" "x$column" "$(echo "$column" |
	    sed 's/\(.\)\(.\)$/\2\1/')"; do
		run tunps --table "$dir/table" -o "$word"
		# Some slips are other columns, or as near to another.
		case $status$err in
		0*|2*"did you mean "*\?) ;;
		*) echo "$word: $status $err" ;;
		esac
	done
done >"$dir/wrong"
is "columns: a letter before, behind, and two swapped" \
    "$(cat "$dir/wrong")" ""
for word in ID Pid AGE; do
	exits "columns: $word" 0 tunps --table "$dir/table" -o "$word"
done

# --- widths ----------------------------------------------------------------

rows() {
	run tunps --table "$dir/table" -o via,pid "$@"
}

LC_ALL=C.UTF-8
if [ "$(locale charmap 2>/dev/null)" = UTF-8 ]; then
	rows
	# What joins or combines is escaped: its width is nobody's guess.
	printf 'VIA               PID
plain             501
\346\227\245\346\234\254\350\252\236            502
e\\314\\201t        503
\303\251t\303\251               504
\360\237\221\251\\342\\200\\215\360\237\222\273  505
\345\244\247\345\244\247\345\244\247\345\244\247\345\244\247\345\244\247\345\244\247\345\244\247  506
' >"$dir/want"
	is "widths in UTF-8" "$out" "$(cat "$dir/want")"
else
	skip "widths in UTF-8" "no locale C.UTF-8"
fi
LC_ALL=C
rows
is "widths in C" "$(awk '{ print index($0, $2) }' "$dir/out" | sort -u |
    wc -l | tr -d ' ')" 1
rows -v
is "C: ASCII only" "$(LC_ALL=C tr -d '\n -~' <"$dir/out" | od -An -c)" ""

e=$(printf '\303\251')
for tool in $tools; do
	"$tool" --help >"$dir/help"
	"$tool" "--$e" >>"$dir/help" 2>&1
	is "$tool: --help and errors are ASCII in C" \
	    "$(tr -d '\n -~' <"$dir/help" | od -An -c)" ""
done

# --- which colour --------------------------------------------------------

# coloured PID FORWARDS [MEMBER]...: with a connection, and a listener on 80PID.
coloured() {
	number=$1 words=$2
	shift 2
	ssh_process "$number" 1000 600 "ssh -fN $words h" "$@"
	cat <<-END
	fd fd=3 kind=socket key=${number}1
	fd fd=4 kind=socket key=${number}2
	END
	cat >>"$dir/socks" <<-END
	sock family=inet state=listen local=127.0.0.1:8$number key=${number}1 known=0x87 wq=128
	sock family=inet state=estab local=127.0.0.1:4$number peer=192.0.2.1:22 key=${number}2 known=0x9f timer=keepalive expires=7199732 lds=0 ldr=0 lar=0 rtt=8768 rx=3333 tx=3505
	END
}

{
	table_head 1000 0x7fff
	coloured 601 '-L 8601:h:80'
	coloured 602 '-L 8602:h:80' state=T
	coloured 603 '-L 8603:h:80 -L 9603:h:80'
	ssh_process 604 1000 600 'ssh -fN -L 8604:h:80 h' sigcgt=0
	ssh_process 605 1000 600 'ssh -fN -L 8605:h:80 h' |
	    sed 's/^fds .*/fds !EACCES/'
	echo socks
	cat "$dir/socks"
} >"$dir/colours"

# colours ARG...: with the numbers of the colours in place of the sequences.
colours() {
	run tunps --table "$dir/colours" --color=always -n "$@"
	echo "$out" | tr '\033' '~' | sed 's/~\[\([0-9]*\)m/<\1>/g'
}

is "the colours of forwards" "$(colours -o id,state)" "\
L8601  <32>up<39>
L8602  <33>stopped<39>
L8603  <32>up<39>
L9603  <31>unbound<39>
L8604  <31>stuck<39>
L8605  <35>hidden<39>"
is "the colours of tunnels" "$(colours -T | grep '^[0-9]')" "\
601 h  <32>up<39>  background  10m
602 h  <33>stopped<39>  background  10m
603 h  <33>partial<39>  background  10m
604 h  <31>stuck<39>  background  10m
605 h  <35>hidden<39>  background  10m"

# --- on a terminal ---------------------------------------------------------

# on_terminal COLUMNS COMMAND: what reaches a terminal so wide.
on_terminal() {
	script -qec "stty cols $1 -onlcr; $2" /dev/null </dev/null 2>&1
}

if script -qec true /dev/null </dev/null >/dev/null 2>&1; then
	esc=$(printf '\033')
	for locale in C C.UTF-8; do
		LC_ALL=$locale
		out=$(on_terminal 16 "tunps --table '$dir/table' -n -o via,pid")
		is "$locale: a narrow terminal: lines" \
		    "$(printf '%s\n' "$out" | wc -l | tr -d ' ')" 6
		like "$locale: a narrow terminal: the end of a name goes" \
		    "$(printf '%s\n' "$out" | tail -n 1)" '\+  506$'
		unlike "$locale: a narrow terminal: no line is wrapped" \
		    "$(printf '%s\n' "$out" | LC_ALL=C grep '^[ -~]*$')" \
		    '^.{17}'
	done
	like "a narrow terminal: columns that were asked for stay" \
	    "$(on_terminal 40 \
	    "NO_COLOR=1 TERM=dumb tunps --table '$dir/table' -o +heard,uid")" \
	    '^ID +STATE .*HEARD +UID +[+]'
	# One column is left over where the next character takes two.
	if [ "$(locale charmap 2>/dev/null)" = UTF-8 ]; then
		dai=$(printf '\345\244\247')
		for columns in 16 17; do
			on_terminal $columns \
			    "tunps --table '$dir/table' -n -o via,pid" |
			    tail -n 1
		done >"$dir/cut"
		is "a wide character is cut as a whole" "$(cat "$dir/cut")" \
		    "$dai$dai$dai$dai$dai+  506
$dai$dai$dai$dai$dai+   506"
	fi
	LC_ALL=C
	cat >"$dir/front" <<-'END'
	libfind-table 1
	system caps=0x7ff now=1700000000000000 uid=1000
	proc pid=60 via=comm name=sh ppid=1 pgid=60 sid=60 uid=1000 ruid=1000 ident=60 start=1699990000000000 state=S comm=sh tty=34817
	args sh
	proc pid=70 via=exe name=ssh ppid=60 pgid=70 sid=60 uid=1000 ruid=1000 ident=70 start=1699999955000000 masks=1 sigcgt=0x8014007 state=S comm=ssh tty=34817
	args ssh -N -L 7000:localhost:70 front
	exe /usr/bin/ssh
	fds limit=1024
	socks
	END
	is "all are in the foreground: said" \
	    "$(on_terminal 80 "tunps --table '$dir/front'")" \
	    "tunps: 1 tunnel runs in the foreground (-a shows it)"
	is "a user that only ssh_config may name: the host is meant" \
	    "$(on_terminal 100 "tunps --table '$dir/front' fred@front")" \
	    "tunps: fred@front: no tunnel has this ID, destination or jump \
host; did you mean front?"
	is "--direct: nothing to list" \
	    "$(on_terminal 80 "tunps --table '$dir/front' --server --direct")" \
	    "tunps: no session of sshd has a remote forward or a connection \
for its client"
	{
		echo 'libfind-table 1'
		echo 'system caps=0x79ff now=1700000100000000 uid=61001'
		session 70 0 9000
		session 80 0 60
		echo socks
	} >"$dir/sessions"
	like "sessions of others: none is seen" "$(on_terminal 0 \
	    "tunps --table '$dir/sessions' --server; echo status=\$?" |
	    tr '\n' ' ')" "tunps: view incomplete: .* \
tunps: no session of sshd that is seen has a remote forward status=3"
	run tunps --table "$dir/front"
	is "all are in the foreground: to a program" "$out$status $err" \
	    "1 tunps: 1 tunnel runs in the foreground (-a shows it)"
	while IFS='|' read -r want name environment options; do
		out=$(on_terminal 80 "export TERM=xterm; unset NO_COLOR
		    $environment tunps --table '$dir/table' $options")
		case $want in
		yes) like "colour: $name" "$out" "$esc\\[31m(unbound|useless)$esc" ;;
		*) unlike "no colour: $name" "$out" "$esc" ;;
		esac
	done <<-END
	yes|a terminal||
	yes|long||-l
	yes|tree||-T
	yes|NO_COLOR, empty|NO_COLOR=|
	yes|--color|NO_COLOR=1 TERM=dumb|--color
	no|NO_COLOR|NO_COLOR=1|
	no|TERM=dumb|TERM=dumb|
	no|no TERM|env -u TERM|
	no|--color=never||--color=never -v
	no|JSON||-J
	no|raw||-r
	no|no terminal||--color=auto \| cat
	END
	like "bold: the headings" "$(on_terminal 80 "export TERM=xterm
	    unset NO_COLOR; tunps --table '$dir/table'" | sed 1q)" \
	    "^$esc\\[1mID .*$esc\\[22m\$"
	for tool in $tools; do
		out=$(on_terminal 80 "$tool --help")
		unlike "no colour: $tool --help" "$out" "$esc"
	done
else
	skip "on a terminal" "no script(1) of util-linux"
fi

done_testing
