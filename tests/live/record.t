#!/bin/sh
# SPDX-License-Identifier: ISC
#
# tunps --record and --table: a replay says what the live system has said.

. "$(dirname "$0")/look.sh"

[ "$(uname -s)" = Linux ] || skip_all "other systems record less"

sshd_start || skip_all "$sshd_why"
table=$dir/table

# Without what passes between two looks: times, rates and counters, and how wide
# they make a column.
timeless() {
	sed -E -e 's/"(age|heard|idle|rate|retrans|rtt|rx|tx|time|when)": ?("[^"]*"|-?[0-9.]+|null)/"\1":0/g' \
	    -e 's/[0-9]+(ms|s|m|h|d)( ago)?//g' -e 's/ +/ /g'
}

# see OPTION...: everything that tunps tells of $sel.
see() {
	tunps -a -J "$@" "$sel" 2>&1 | timeless
	tunps -a -v "$@" "$sel" 2>&1 | timeless
	tunps -a --clients "$@" "$sel" 2>&1 | timeless
}

# replayed NAME SELECTOR STATE: live and from the record, alike; a row of it
# has that state.
replayed() {
	name=$1 sel=$2 state=$3
	rm -f "$table"
	tunps -q --record "$table" "$sel" 2>"$dir/err" ||
	    note "$(cat "$dir/err")"
	see >"$dir/live"
	see --table "$table" >"$dir/replay"
	diff "$dir/live" "$dir/replay" >"$dir/diff" 2>&1
	result $? "$name" || sed 's/^/# /' "$dir/diff"
	grep -q "\"state\": *\"$state\"" "$dir/replay"
	result $? "$name: $state" || note "$(cat "$dir/replay")"
}

port=$(free_port)
TUN_LABEL=lab tunnel plain -L "$port:127.0.0.1:$sshd_port" \
    -R 0:127.0.0.1:80
replayed 'two forwards' "$me-plain" up
grep -q '"label": *"lab"' "$dir/replay"
result $? 'the label is in the record'
grep -q '^env TUN_LABEL=lab$' "$table" && ! grep -q '^env .*PATH=' "$table"
result $? 'and nothing else of the environment'

start_peer hold 1 127.0.0.1 "$port" && wait_for is_now "1 0" conns "$me-plain"
replayed 'a client that is no ssh' "$me-plain" up
grep -q "peer($peer)" "$dir/replay"
result $? 'the client has its name in the replay'
end_peer

stop "$pid"
replayed 'stopped' "$me-plain" stopped
kill -CONT "$pid"

ssh -F "$dir/config" -fN -M -S "$dir/cm" -L "$(free_port):127.0.0.1:80" \
    "$me-master" >"$dir/ssh.log" 2>&1 </dev/null
ssh -F "$dir/config" -S "$dir/cm" -fN -L "$(free_port):127.0.0.1:81" \
    "$me-client" >"$dir/ssh.log" 2>&1 </dev/null
replayed 'a master and its client' "$me-master" up

tunnel jumped -J "$me-jump" -L "$(free_port):127.0.0.1:80"
replayed 'through a jump host' "$me-jumped" up

tunnel socket -L "$dir/sock:127.0.0.1:80"
replayed 'a path' "$me-socket" up
rm "$dir/sock"
replayed 'a path that is gone' "$me-socket" detached
: >"$dir/sock"
replayed 'a path that is a file' "$me-socket" detached
rm "$dir/sock"

tunnel taken -L "$(free_port):127.0.0.1:80" -L "$port:127.0.0.1:80"
replayed 'a port that is taken' "$me-taken" taken

# fake WORD COMMAND...: what looks like a tunnel and has no connection.
fake() {
	word=$1
	shift
	mkdir "$dir/$word"
	leash "$@" mktun -d -s -x "$dir/$word/ssh" -l "$(free_port)" \
	    ssh -fN -L 8:h:9 "$me-$word"
	wait_for test -s "$dir/leashed"
}

# That there is none has to be seen twice, in the record as well.
fake closed env
replayed 'two looks' "$me-closed" closed
unleash

# A command line can name very many variables, and each takes time.
set --
names=
for i in $(seq 100); do
	set -- "$@" "V$i=x"
	names="$names\${V$i}"
done
mkdir "$dir/names"
leash env "$@" mktun -d -s -x "$dir/names/ssh" -l "$(free_port)" \
    ssh -fN -L 8:h:9 -o "IgnoreUnknown=Foo" -o "Foo=$names" "$me-names"
wait_for test -s "$dir/leashed"
tunps -aq --record "$table" "$me-names"
is 'of many variables 64 are recorded' \
    "$(tr ' ' '\n' <"$table" | sort -u | grep -c '^V[0-9]*=x$')" 64
unleash

if [ "$(id -u)" -eq 0 ] && unshare --net true 2>/dev/null; then
	fake elsewhere unshare --net sh -c 'ip link set lo up; exec "$@"' sh
	replayed 'in another network namespace' "$me-elsewhere" unbound
	unleash
	grep -q netns_id= "$table"
	result $? 'the record has the name of that namespace'
fi

if [ "$(id -u)" -eq 0 ] && setpriv --reuid 65534 true 2>/dev/null; then
	chmod 755 "$dir"
	mkdir "$dir/bin" "$dir/theirs"
	cp "$top/tools/tunps" "$dir/bin"
	chown 65534 "$dir/theirs"
	sel=$me-plain table_=$dir/theirs/table
	tunps() {
		setpriv --reuid 65534 --clear-groups "$dir/bin/tunps" "$@"
	}
	tunps -q -e --record "$table_" "$sel" 2>/dev/null
	see -e >"$dir/live"
	see -e --table "$table_" >"$dir/replay"
	unset -f tunps
	diff "$dir/live" "$dir/replay" >"$dir/diff" 2>&1
	result $? "another user's" || sed 's/^/# /' "$dir/diff"
	grep -q '"state": *"hidden"' "$dir/replay"
	result $? "another user's: hidden"
fi

# The file.
is 'the file is the user'"'"'s alone' "$(stat -c %A "$table")" \
    -rw-------
chmod 644 "$table"
tunps -q --record "$table" "$me-plain" && is 'one'"'"'s own file is written again' \
    "$(stat -c %A "$table")" -rw-------
: >"$dir/target"
ln -s target "$dir/link"
tunps -q --record "$dir/link" "$me-plain" 2>/dev/null
is 'a link is not followed' "$?$(cat "$dir/target")" 3
mkfifo "$dir/fifo"
tunps -q --record "$dir/fifo" "$me-plain" 2>/dev/null
is 'a fifo is no file' $? 3
ln "$table" "$dir/twin"
tunps -q --record "$table" "$me-plain" 2>/dev/null
is 'nor is one with another name' $? 3
tunps -q --record "$dir/none/x" 2>"$dir/err"
is 'no such directory' "$?$(cat "$dir/err")" \
    "3tunps: $dir/none/x: No such file or directory"
tunps --table "$table" --record "$dir/again" 2>/dev/null
is 'a record of a table is refused' $? 2
for option in --check --config --watch=1 --wait=1; do
	tunps --record "$dir/x" "$option" "$me-plain" >/dev/null 2>&1
	is "--record with $option is refused" "$?$(ls "$dir/x" 2>/dev/null)" 2
done

done_testing
