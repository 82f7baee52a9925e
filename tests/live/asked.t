#!/bin/sh
# SPDX-License-Identifier: ISC
#
# Asking the server's kernel, where what is seen is not enough: data waits for
# its acknowledgement, or the last word is so recent that the link may have
# been cut after it.  Nothing is well that has not answered after the question.
# In a network namespace of our own, with an sshd whose port is cut by nft.

. "$(dirname "$0")/apart.sh"
. "$(dirname "$0")/look.sh"

require ip nft ss timeout
sshd_start || skip_all "$sshd_why"

cut_link || skip_all "nft makes no rules here"
restore

# info PID WORD: of its connection to the sshd, the number after "WORD:".
info() {
	ss -Htnpio "dport = :$sshd_port" | awk -v pid="pid=$1," -v word="$2:" '
	index($0, pid) { ours = 1; next }
	ours {
		for (i = 1; i <= NF; i++)
			if (index($i, word) == 1) {
				sub(/^[a-z_]*:/, "", $i)
				sub(/\/.*/, "", $i)
				print $i
			}
		exit
	}'
}
at_least() {
	[ "$(info "$2" "$3")" -ge "$1" ] 2>/dev/null
}

# link WORD ARGS...: a tunnel to an echo; its port in $p.
echo_port=$(free_port)
peer echo "$echo_port" >"$dir/echo" 2>&1 </dev/null &
remember $!
wait_for test -s "$dir/echo"
link() {
	word=$1
	shift
	p=$(free_port)
	tunnel "$word" -L "127.0.0.1:$p:127.0.0.1:$echo_port" "$@"
}
# busy WORD: one with a channel in use.
busy() {
	link "$1"
	start_peer hold 1 127.0.0.1 "$p" x
	comes_to "  a channel" 1 conns "$me-$1"
	end_peer
	comes_to "  which ends" 0 conns "$me-$1"
}

# asked WORD [OPTION...]: its state after its server was asked; ms in $took, the
# evidence in $said.
asked() {
	word=$1
	shift
	said=$(ask -p "$@" "$me-$word")
	took=$(printf '%s\n' "$said" | sed -n 's/.* in \([0-9]*\) ms$/\1/p')
	answer=$(printf '%s\n' "$said" | cut -d ' ' -f 2)
}

# transport PID: the settings of its connection, which comes first.
transport() {
	peer settings "$1" | head -n 1
}

answers='kernel has answered'

# --- the last word is recent

link fresh
asked fresh -t 60000
is "heard of just now, it is asked all the same" "$answer" alive
like "and answers" "$said" "$answers"
ok "before its time is over ($took ms)" test "$took" -lt 50000
exits "--check: well" 0 tunps --check -q "$me-fresh"
settings=$(transport "$pid")
cut_link
asked fresh
is "cut after a recent word: broken" "$answer" broken
unlike "nobody says that it has answered" "$said" "$answers"
ok "after 3 s, not much later ($took ms)" test "$took" -lt 20000
n=0
while [ "$n" -lt 5 ]; do
	n=$((n + 1))
	run tunps --check -q "$me-fresh"
	like "asked again and again it is never well ($n)" "$status" '^[34]$'
done
asked fresh
like "so many in vain that no more may be sent: not known" "$answer" '^\?$'
like "and why" "$said" 'could not be asked'
is "its settings are as they were" "$(transport "$pid")" "$settings"
restore
# Its own next packet is the first chance to hear of it again.
start_peer hold 1 127.0.0.1 "$p" x
end_peer
asked fresh
is "restored and used: alive" "$answer" alive

# --- data waits: the link is cut before the question

busy early
early=$pid
settings=$(transport "$pid")
cut_link
start_peer hold 1 127.0.0.1 "$p" hello
wait_for at_least 1 "$pid" unacked
asked early
like "data waits, and is not acknowledged" "$answer" '^(\?|stalled)$'
unlike "nobody says that it has answered" "$said" "$answers"
like "but that data waits" "$said" 'not acknowledged'
ok "known after all of the 3 s ($took ms)" test "$took" -ge 2900
is "its settings were left alone" "$(transport "$pid")" "$settings"
wait_for at_least 5000 "$pid" lastack
exits "--check: bad after so many tries" 4 tunps --check -q "$me-early"
exits "tuncheck -x: the same" 4 tuncheck -x -q "$p"
restore
wait_for not at_least 1 "$early" unacked
end_peer

# --- data waits: the link comes back while we wait

busy heals
cut_link
start_peer hold 1 127.0.0.1 "$p" hello
wait_for at_least 1 "$pid" unacked
ask -p -t 60000 "$me-heals" >"$dir/heals" &
asking=$!
# The question has begun once a second look was taken, 1 s after the first.
wait_for at_least 1300 "$pid" lastack
restore
wait "$asking"
like "acknowledged before the time is over" "$(cat "$dir/heals")" \
    " alive .*$answers"
end_peer

# --- data waits: one direction only

busy oneway
cut_link out
start_peer hold 1 127.0.0.1 "$p" hello
wait_for at_least 1 "$pid" unacked
asked oneway
like "what the server says is no answer while it acknowledges nothing" \
    "$answer" '^(\?|stalled)$'
restore
wait_for not at_least 1 "$pid" unacked
end_peer

# --- data that waits in our own queue: the server's window is closed

busy window
server=$(serving "$(local_port "$pid")")
for process in $server; do
	stop "$process"
done
start_peer hold 1 127.0.0.1 "$p" hello
asked window
is "a server that is stopped: its kernel acknowledges" "$answer" alive
for process in $server; do
	kill -CONT "$process"
done
end_peer

# --- a probe that a packet filter sends elsewhere

link probe
probe=$p socks=$(free_port)
tunnel socks -D "127.0.0.1:$socks"
ok "out of use" wait_for tunps -q --idle 2 "$probe"
# target [SECONDS]: what is said of it, in that time.
target() {
	tuncheck -P -t "${1:-3}" "$probe" 2>&1 | tail -n 1 | sed "s/^L$probe: //"
}
unseen='target not known: it was not seen to accept that connection'
is "not sent elsewhere it answers" "$(target)" "target answers"
# serve HOST PORT PERL: runs it for each connection, which is C.
serve() {
	perl -MSocket -e '
		socket(S, PF_INET, SOCK_STREAM, 0);
		setsockopt(S, SOL_SOCKET, SO_REUSEADDR, 1);
		bind(S, sockaddr_in($ARGV[1], inet_aton($ARGV[0]))) &&
		    listen(S, 5) or die "$!";
		alarm(600);
		while (accept(C, S)) { eval $ARGV[2]; }
	' "$@" </dev/null >/dev/null 2>&1 &
	remember $!
	wait_for port_taken "$2"
}
# elsewhere PORT WHERE...: its connections go there.
elsewhere() {
	what_=$1
	shift
	nft -f - <<-END
	table ip elsewhere {
	 chain output {
	  type nat hook output priority -100
	  tcp dport $what_ $*
	 }
	}
	END
}
back() {
	nft delete table ip elsewhere 2>/dev/null
}
speaks=$(free_port) ends=$(free_port) mute=$(free_port)
serve 127.0.0.1 "$speaks" 'syswrite(C, "220 hello\r\n"); push(@c, \*C); sleep(1)'
serve 127.0.0.1 "$ends" 'close(C)'
serve 127.0.0.1 "$mute" 'sleep(1)'
serve 127.0.0.2 "$probe" 'close(C)'
if elsewhere "$probe" redirect to ":$speaks" 2>"$dir/nft.err"; then
	is "sent to who speaks: not known" "$(target)" "$unseen"
	back
	elsewhere "$probe" redirect to ":$ends"
	is "to who ends it at once" "$(target)" "$unseen"
	back
	elsewhere "$probe" redirect to ":$mute"
	is "to who says nothing" "$(target 0.5)" "$unseen"
	back
	elsewhere "$probe" dnat to "127.0.0.2:$probe"
	is "to the same port of another address" "$(target)" "$unseen"
	back
	elsewhere "$probe" redirect to ":$(free_port)"
	is "to where nobody listens" "$(target)" \
	    "target not known: a connection to where it listens failed"
	back
	elsewhere "$socks" redirect to ":$ends"
	run tuncheck -P -t 30 -v "$socks"
	unlike "a round trip by somebody else is none" "$out" 'server answers'
	like "and why" "$out" 'not seen to accept'
	back
	elsewhere "$socks" redirect to ":$mute"
	run tuncheck -P -t 0.5 "$socks"
	unlike "nor is the silence of somebody else" "$out" 'not answer'
	back
	run tuncheck -P -t 30 "$socks"
	like "not sent elsewhere it is one" "$out" 'server answers'
else
	skip "a probe that is sent elsewhere" "$(cat "$dir/nft.err")"
fi
is "not sent elsewhere any more it answers" "$(target)" "target answers"

# A target that drops packets: what comes meanwhile is the reply to a keepalive.
ip route add 203.0.113.0/24 dev lo
hole=$(free_port)
tunnel hole -L "127.0.0.1:$hole:203.0.113.1:80" -o ServerAliveInterval=2
ok "out of use" wait_for tunps -q --heard 1 "$hole"
run tuncheck -P -t 3 "$hole"
like "a keepalive is no answer of its target" "$(echo "$out" | tail -n 1)" \
    "^L$hole: target (is silent|not known: .* in use)"

stop "$(pid_of "$me-probe")"
is "of a tunnel that is not well it says so" "$(target)" \
    "target not tried: its tunnel is stopped"
kill -CONT "$(pid_of "$me-probe")"

# --- killed while it asks

# SIGKILL at random moments of a question whose answer does not come.
settings_now() {
	for process in $all; do
		transport "$process"
	done
}
all='' words=''
for n in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
	link "k$n"
	all="$all $pid" words="$words $me-k$n"
done
before=$(settings_now)
restored() {
	[ "$(settings_now)" = "$before" ]
}
killed=0 wrong=0
for round in 1 2 3 4 5; do
	cut_link
	# After the two looks, which are a second apart, and before the answer.
	times=$(awk -v seed="$$$round" 'BEGIN {
		srand(seed)
		for (i = 0; i < 20; i++)
			printf "%.3f ", 1.1 + 1.5 * rand()
	}')
	running=''
	for word in $words; do
		timeout --signal=KILL "${times%% *}" ask -p "$word" \
		    >/dev/null 2>&1 &
		running="$running $!" times=${times#* }
	done
	for process in $running; do
		wait "$process" 2>/dev/null
		[ $? -ne 137 ] || killed=$((killed + 1))
	done
	wait_for restored || wrong=$((wrong + 1))
	restore
	# Heard of again, or no more keepalives could be sent.
	# shellcheck disable=SC2086 # words
	ask -p $words >/dev/null
done
note "killed $killed times"
is "killed at random moments: settings that stay changed" "$wrong" 0
ok "most of the 100 came before the answer" test "$killed" -ge 60

done_testing
