#!/bin/sh
# SPDX-License-Identifier: ISC
# What other processes write must not reach a terminal as it is, nor break a
# line, a field, a JSON text or a command line.
# shellcheck disable=SC2016

. "$(dirname "$0")/lib.sh"

# table NAME: a table of the lines on standard input.
table() {
	{
		table_head 1000
		cat
		echo socks
	} >"$dir/$1"
}

# clean NAME FILE: only printable ASCII, newlines, and completion's tabs.
clean() {
	is "$1" "$(LC_ALL=C tr -d '\n\t -~' <"$2" | od -An -c)" ""
}

# --- every kind of byte, in every kind of output --------------------------

{
	ssh_process 501 1000 60 'ssh -fN -L 8001:\033]0;owned\007:80 fred@h\033[2Jst'
	ssh_process 502 1000 60 'ssh -fN -L 8002:a\012b:80 h\012M1\040\0401\040\040up'
	ssh_process 503 1000 60 'ssh -fN -L 8003:x:80 -o x=y\302\233m h\377\303st'
	ssh_process 504 1000 60 'ssh -fN -L 8004:x:80 h\342\200\256tsoh'
	ssh_process 505 1000 60 'ssh -fN -L 8005:x:80 h\303\251t\303\251'
	ssh_process 506 1000 60 'ssh -fN -L 8006:x:80 back\134slash\011tab'
	in_directory '/tmp/\033[31m\040\177'
	ssh_process 507 1000 60 'ssh -fN -L 8007:x:80 h\300\200\355\240\200\364\220\200\200'
} | table bytes

for locale in C C.UTF-8; do
	LC_ALL=$locale
	for option in -O -Orn -T -v -Ov -l -J -j '--complete='; do
		run tunps --table "$dir/bytes" $option
		is "$locale $option: matches" "$status" 0
		if [ $locale = C ] || [ "$option" = -J ] ||
		    [ "$option" = -j ]; then
			clean "$locale $option: ASCII" "$dir/out"
		fi
		unlike "$locale $option: no control characters" \
		    "$(tr '\n\t' '  ' <"$dir/out")" '[[:cntrl:]]'
	done
	run tunps --table "$dir/bytes" -n -o pid,via
	is "$locale: one line each" "$(wc -l <"$dir/out" | tr -d ' ')" 7
	like "$locale: escape sequence" "$out" '^501  fred@h\\033\[2Jst$'
	like "$locale: newline" "$out" '^502  h\\012M1  1  up$'
	like "$locale: not UTF-8" "$out" '^503  h\\377\\303st$'
	like "$locale: direction" "$out" '^504  h\\342\\200\\256tsoh$'
	like "$locale: backslash and tab" "$out" \
	    '^506  back\\134slash\\011tab$'
	like "$locale: overlong, surrogate, too large" "$out" \
	    '^507  h\\300\\200\\355\\240\\200\\364\\220\\200\\200$'
done
LC_ALL=C

# --- texts to start from ---------------------------------------------------

{
	ssh_process 601 1000 60 "ssh -fN -S /\\134\\047\\012x -L 8001:a:80 h -P \"\""
	ssh_process 602 1000 60 'ssh -fN -i /\342\200\256k -L 8002:a:80 h'
	ssh_process 603 1000 60 'ssh -fN -i /\377 -L 8003:a:80 h$(>ran)`>ran`;>ran'
	ssh_process 604 1000 60 'ssh -fN -i a\012 -L 8004:a:80 h\033[2J'
} | table words
run tunps --table "$dir/words" --export=sh
clean "--export=sh: ASCII" "$dir/out"
is "  one command a tunnel" "$(grep -c '^[^#]' "$dir/out")" 4
like "  an empty word at the end" "$out" " h -P ''\\)\$"

# What each shell makes of it, when it is run and when it is typed.
mkdir "$dir/bin"
printf '#!/bin/sh\nprintf "<%%s>" "$@"; echo\n' >"$dir/bin/ssh"
chmod +x "$dir/bin/ssh"
grep -v '^#' "$dir/out" >"$dir/commands"
want=$(cd "$dir" && PATH=$dir/bin:$PATH sh "$dir/commands" | od -An -c)
like "  the words" "$want" '342 200 256'
for shell in dash bash zsh; do
	command -v $shell >/dev/null || { skip "$shell" "no $shell"; continue; }
	is "  $shell reads the same" "$(cd "$dir" && PATH=$dir/bin:$PATH \
	    $shell "$dir/commands" | od -An -c)" "$want"
	(cd "$dir" && PATH=$dir/bin:$PATH HOME=$dir $shell -i <"$dir/out" \
	    >/dev/null 2>&1)
	ok "  $shell obeys no comment" test ! -e "$dir/ran"
done

if script -qec true /dev/null </dev/null >/dev/null 2>&1; then
	is "  on a terminal, the same text" "$(script -qec "stty -onlcr
	    tunps --table '$dir/words' --export=sh" /dev/null </dev/null)" "$out"
	for locale in C C.UTF-8; do
		shown=$(LC_ALL=$locale script -qec "stty -onlcr
		    tunps --table '$dir/words' --export=config" /dev/null \
		    </dev/null)
		like "$locale: a line that cannot be shown is a comment" \
		    "$shown" '^# only a file .* IdentityFile "/.342.200.256k"$'
		like "$locale:   and so are bytes" "$shown" '^# only .*"/.377"$'
	done
else
	skip "on a terminal" "no script(1)"
fi

run tunps --table "$dir/bytes" -n -o via -p 505
is "C: letters beyond ASCII are escaped" "$out" 'h\303\251t\303\251'
if [ "$(LC_ALL=C.UTF-8 locale charmap 2>/dev/null)" = UTF-8 ]; then
	LC_ALL=C.UTF-8
	run tunps --table "$dir/bytes" -n -o via -p 505
	is "UTF-8: letters are letters" "$out" "$(printf 'h\303\251t\303\251')"
	LC_ALL=C
else
	skip "UTF-8: letters are letters" "no such locale"
fi

# --- fields and words ----------------------------------------------------

run tunps --table "$dir/bytes" -rn -o pid,target,via,cwd,cmd
is "raw: five fields each" "$(awk 'NF != 5' "$dir/out")" ""
like "raw: blanks within" "$out" '^502 a\\012b:80 h\\012M1\\040\\0401\\040'
like "raw: UTF-8 is escaped" "$out" '^505 x:80 h\\303\\251t\\303\\251 '

{
	ssh_process 601 1000 60 'ssh -fN -L 8001:x:80 -o x=a\040b "" h'
	ssh_process 602 1000 60 'ssh -fN -L 8002:x:80 -o x=it\047s\040-L\0409:y:1 h'
	ssh_process 603 1000 60 'ssh -fN -L 8003:x:80 -o x=\012-L\0129:y:1 h'
	in_directory -
	ssh_process 604 1000 60 'ssh -fN -L 8004:x:80 h'
	ssh_process 605 1000 60 'ssh -fN -L 8005:x:80 \077'
	ssh_process 606 1000 60 'not-ssh -fN -L 8006:x:80 h'
	ssh_process 607 1000 60 '\055\055 -fN -L 8007:x:80 h'
} | table words
run tunps --table "$dir/words" -n -o pid,cmd
like "a word with a blank is quoted" "$out" \
    "^602  ssh -fN -L 8002:x:80 -o 'x=it'\\\\134''s -L 9:y:1' h$"
run tunps --table "$dir/words" -n -o id
unlike "no forward out of a word" "$out" 'L9'
like "whatever argv[0] says" "$out" '^L8006$'
run tunps --table "$dir/words" -rn -o via -p 605
is "raw: a text that is just a question mark" "$out" '\077'
run tunps --table "$dir/words" -rn -o cwd -p 604
is "raw: a text that is just a dash" "$out" '\055'

# --- JSON ----------------------------------------------------------------

run tunps --table "$dir/bytes" -J
ok "JSON: valid" sh -c "json <'$dir/out'"
is "JSON: escape sequence" "$(json '.tunnels[0].host' <"$dir/out")" \
    "$(printf 'h\033[2Jst')"
is "JSON: newline" "$(json '.tunnels[1].cmd[4]' <"$dir/out")" \
    "$(printf 'h\nM1  1  up')"
is "JSON: not UTF-8" "$(json '.tunnels[2].host' <"$dir/out")" \
    "$(printf 'h\357\277\275\357\277\275st')"
is "JSON: exact bytes" "$(json '.tunnels[2].host_b64' <"$dir/out")" aP/Dc3Q=
is "JSON: exact words" "$(json '.tunnels[2].cmd_b64[0]' <"$dir/out")" c3No
is "JSON: UTF-8 needs no twin" \
    "$(json '.tunnels[4].host_b64' <"$dir/out"; echo $?)" 1
is "JSON: UTF-8" "$(json '.tunnels[4].host' <"$dir/out")" \
    "$(printf 'h\303\251t\303\251')"
run tunps --table "$dir/words" -J
is "JSON: an empty word" "$(json '.tunnels[0].cmd[6]' <"$dir/out")" ""
is "JSON: words stay apart" "$(json '.tunnels[0].cmd[#]' <"$dir/out")" 8
tunps --table "$dir/bytes" -j | while read -r line; do
	printf '%s\n' "$line" | json >/dev/null || echo "$line"
done >"$dir/bad"
is "JSON lines: each is valid" "$(cat "$dir/bad")" ""

# --- completion ----------------------------------------------------------

{
	ssh_process 701 1000 60 'ssh -fN -L 8001:x:80 $(touch\040owned)'
	ssh_process 702 1000 60 'ssh -fN -L 8002:x:80 `id`'
	ssh_process 703 1000 60 'ssh -fN -L 8003:x:80 a;b'
	ssh_process 704 1000 60 'ssh -fN -L 8004:x:80 -- -oProxyCommand=id'
	ssh_process 705 1000 60 'ssh -fN -L 8005:x:80 plain'
	ssh_process 706 1000 60 'ssh -fN -L /tmp/a\011b:x:80 plain2'
} | table words
run tunps --table "$dir/words" --complete ''
is "completion: value, tab, text" "$(awk -F '\t' 'NF != 2' "$dir/out")" ""
is "completion: plain words only" \
    "$(cut -f 1 "$dir/out" | grep -v '^[A-Za-z0-9@:./#_+=,%-]*$')" ""
is "completion: no options" "$(grep '^-' "$dir/out")" ""
like "completion: plain destinations" "$out" '^plain	destination$'

# --- messages ------------------------------------------------------------

run tunps "$(printf '@a\033[31m')" --table "$dir/words"
is "a selector with an escape sequence" "$status$out" 1
unlike "  is not repeated" "$err" "$(printf '\033')"
run tunps -o "$(printf 'x\ny\033[31mzzzzzz')"
is "a column in a message" "$err" \
    'tunps: -o: no column x\012y\033[31mzzzzzz; see --list-columns'
run tunps --table "$(printf '%s/\033[31m' "$dir")"
like "a file in a message" "$err" '\\033\[31m: No such file or directory$'

# --- a real process ------------------------------------------------------

if has "a real process" mktun &&
    can "a real process" "no live system in this build" has_live; then
	leash mktun -ds -x "$dir/ssh" "$(printf 's\033[31msh')" -fN \
	    -L 8008:localhost:80 -o "$(printf 'x=a\n-L\n9:x:1')" '' \
	    "$(printf 'h\377st')"
	wait_for test -s "$dir/leashed"
	pid=$(cat "$dir/leashed")
	run tunps -n -o pid,cmd -p "$pid"
	like "a real process: its words" "$out" \
	    "^ *$pid  s\\\\033\\[31msh -fN -L 8008:localhost:80 -o 'x=a"
	clean "a real process: ASCII" "$dir/out"
	run tunps -J -p "$pid"
	is "a real process: its argv" \
	    "$(json '.tunnels[0].cmd[5]' <"$dir/out" | od -An -c)" \
	    "$(printf 'x=a\n-L\n9:x:1\n' | od -An -c)"
	unleash
fi

done_testing
