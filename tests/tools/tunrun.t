#!/bin/sh
# SPDX-License-Identifier: ISC
#
# tunrun: options, what is run, exit codes, interruptions.  A script stands in
# for ssh; tests/live/tunrun.t has the real one.

. "$(dirname "$0")/lib.sh"

# An ssh that says how it was called, and one that leaves something behind.
mkdir "$dir/bin"
cat >"$dir/bin/ssh" <<'END'
#!/bin/sh
for word; do
	printf '<%s>' "$word"
done
echo "$TUN_LABEL"
exit "${SSH_EXIT:-9}"
END
chmod +x "$dir/bin/ssh"
PATH=$dir/bin:$PATH

usage_of tunrun

# becomes WORDS ARG...: ssh is run with these words.
becomes() {
	words=$1
	shift
	run tunrun "$@"
	is "tunrun $*" "$err, $status, $out" "$words, 9, "
}

bad ".*what is to be run"
bad ".*what is to be run" --
bad ".*what is to be run" -q -v
bad ".*needs a value" -t
bad ".*needs a value" -l
bad ".*not a time" -t soon ssh h
bad ".*not a time" -t -fN ssh h
bad ".*too long" -t 99999w ssh h
bad ".*not the name" --ssh-name a/b ssh h
bad ".*needs a value" --ssh-name
bad ".*empty label" -l '' ssh h
bad ".*no such option" --nonsense ssh h
bad ".*only after --again" --whole ssh h
bad ".*only after --again" --sessions -n ssh h
bad ".*not with --keep" --again --keep L8080
bad ".*not with --keep" --again -J
bad ".*no such option" --again -x
bad ".*no such option" -n --again -x
bad ".*no such option" -a -q --again -x

exits "--help" 0 tunrun --help
like "  to standard output" "$out" "^usage: tunrun"
like "  with auto" "$out" "-L auto:host:port"
run tunrun -V
like "-V" "$out" "^tunrun [0-9]"
sh -c 'tunrun --help >/dev/full' 2>"$dir/err"
is "output that cannot be written is an error" "$?" 3

rest_needs_live
bad ".*out of range" --again :0
becomes "<-fN><h>" ssh -fN h
becomes "<-n><-q><host>" -n -q host
becomes "<-fN><h>" -fN h
becomes "<-fN><h>" -- -fN h
becomes "<-fN><h>" -- ssh -fN h
becomes "<-fN><h>" -v -- ssh -fN h
becomes "<-qfN><h>" -qfN h
becomes "<-fN><-q><-v><h>" -q -fN -q -v h
becomes "<-fN><-t><-l><x><h>" -v -fN -t -l x h
becomes "<-D><-t><h>" -D -t h
becomes "<-fN><h>lab el" -l 'lab el' -fN h
becomes "<-fN><h>x" -vlx -fN h
becomes "<-fN><h>x" -qt5 -lx -J -fN h
becomes "<-n><-a><h>" -n -a h
becomes "<-qn><h>" -v -qn h
becomes "<-fN><h>n" -qln -fN h
becomes "<><a b><*>" ssh '' 'a b' '*'
becomes "<-o><ExitOnForwardFailure=yes><-fN><h>" --strict -fN h
becomes "<-o><ExitOnForwardFailure=yes><-fN><h>" --strict -- ssh -fN h
becomes "<-o><ExitOnForwardFailure=yes><-fN><h>" --strict env ssh -fN h
for value in "ExitOnForwardFailure=no" "exitonforwardfailure yes"; do
	becomes "<-fN><-o$value><h>" --strict -fN "-o$value" h
done

exits "its exit status is the command's" 7 tunrun sh -c 'exit 7'
exits "  128 and the signal" 137 tunrun sh -c 'kill -9 $$'
exits "a command that is not there" 127 tunrun "$dir/none"
like "  is named" "$err" "$dir/none"
exits "one that cannot be run" 126 tunrun "$dir"
run tunrun sh -c 'echo out; echo err >&2'
is "its output goes to standard error" "$out, $err" \
    ", out
err
tunrun: nothing is left in the background"
is "nothing is left: 1" "$status" 1
run tunrun -q true
is "-q" "$status, $out, $err" "1, , "
# shellcheck disable=SC2016
is "its standard input is ours" \
    "$(echo word | tunrun -q sh -c 'read -r w; echo "$w"' 2>&1)" word

# runs PID: is it there, and no zombie?
runs() {
	kill -0 "$1" 2>/dev/null &&
	    ! ps -o stat= -p "$1" | grep -q '^ *Z'
}

interrupt() {
	rm -f "$dir/pids"
	tunrun "$@" >"$dir/out" 2>&1 &
	tunrun=$!
	wait_for test -s "$dir/pids"
	kill -s "$signal" "$tunrun"
	wait "$tunrun"
	status=$?
	left=
	# shellcheck disable=SC2013
	for pid in $(cat "$dir/pids"); do
		! runs "$pid" || left="$left $pid"
	done
	out=$(cat "$dir/out")
}

# shellcheck disable=SC2016
tree='sleep 1000 & a=$!; (sleep 1000 & echo $! >'$dir'/b); echo $a $(cat '$dir'/b) $$ >'$dir'/pids.new; mv '$dir'/pids.new '$dir'/pids; '
for signal in TERM HUP; do
	interrupt sh -c "$tree wait"
	is "$signal: ends all it has started" "$left, $out" ", "
	is "  and dies of it" "$status" "$((128 + $(kill -l "$signal" 2>/dev/null |
	    grep -x '[0-9]*' || case $signal in HUP) echo 1 ;; *) echo 15 ;; esac)))"
done

signal=TERM
interrupt -t 60 sh -c "$tree exit 0"
is "  also what has gone to the background" "$left, $status" ", 143"
interrupt sh -c "trap '' TERM HUP; $tree while :; do sleep 1; done"
is "  also what does not listen to it" "$left, $status" ", 143"

# What is left and known to be no tunnel is named: nobody else knows it.
# shellcheck disable=SC2016
run tunrun sh -c 'sleep 1000 >/dev/null 2>&1 & echo $! >"$0"' "$dir/left"
is "what is left and is no tunnel is named" "$status, $out, $err" "1, , \
tunrun: what is left in the background is not known to be a tunnel: process \
$(cat "$dir/left") (sleep)"
kill "$(cat "$dir/left")"

# Also if the command fails.
# shellcheck disable=SC2016
run tunrun sh -c 'sleep 1000 >/dev/null 2>&1 & echo $! >"$0"; exit 7' \
    "$dir/left"
is "what a command leaves that fails is named" "$status, $out, $err" "7, , \
tunrun: the command has failed and left in the background: process \
$(cat "$dir/left") (sleep)"
kill "$(cat "$dir/left")"
# shellcheck disable=SC2016
run tunrun --strict sh -c 'sleep 1000 >/dev/null 2>&1 & echo $! >"$0"; exit 7' \
    "$dir/left"
is "  --strict: ended" "$status, $out, $err" "7, , tunrun: ended again"
exits "  it is gone" 1 runs "$(cat "$dir/left")"

# A look that fails, after ssh has been started.
if has "tunrun cannot look" prlimit; then
	cat >"$dir/bin/few" <<-'END'
	#!/bin/sh
	prlimit --pid "$PPID" --nofile=5:5
	exec sleep 1000
	END
	mkdir "$dir/few"
	mv "$dir/bin/few" "$dir/few/ssh"
	chmod +x "$dir/few/ssh"
	PATH=$dir/few:$PATH run tunrun ssh -N h
	is "tunrun cannot look" "$status, $out, $err" \
	    "3, , tunrun: cannot look: Too many open files"
	is "  and ends what it has started" "$(pgrep -x -f 'sleep 1000')" ""
fi

# A signal that its starter has blocked.
run timeout 10 perl -MPOSIX -e 'sigprocmask(SIG_BLOCK,
    POSIX::SigSet->new(SIGCHLD)); exec @ARGV' tunrun -q true
is "its starter has blocked SIGCHLD" "$status" 1

# A command that is not there at all leaves no zombies, and no child but ours
# is waited for.
is "a starter's own children are not ours" \
    "$(sh -c 'sleep 1000 & s=$!; exec 3>&1; tunrun -q true; kill -0 $s && \
    echo lives; kill $s')" lives

# Nor are they where tunrun takes the place of their parent.
rm -f "$dir/before"
sh -c 'sleep 1000 & echo $! >"$0"; exec tunrun sleep 1000' "$dir/before" \
    2>"$dir/err" &
tunrun=$!
wait_for pgrep -P "$tunrun" -x sleep >/dev/null
before=$(cat "$dir/before")
theirs() {
	pgrep -P "$tunrun" -x sleep | grep -vx "$before"
}
wait_for theirs >/dev/null
sleep=$(theirs)
kill "$tunrun"
wait "$tunrun"
is "a child that was there before lives on" "$? $(runs "$before" &&
    echo lives) $(runs "$sleep" && echo lives)" "143 lives "
kill "$before"

done_testing
