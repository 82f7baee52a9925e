#!/bin/sh
# SPDX-License-Identifier: ISC
#
# Root's tools give up what no look needs before they read what others wrote,
# unless they are to start a program, which would inherit that.  Each is held
# where it reads or waits, and the kernel is asked.

. "$(dirname "$0")/lib.sh"

has_live || skip_all "no live system in this build"
[ "$(uname -s)" = Linux ] || skip_all "Linux only"
[ "$(id -u)" -eq 0 ] || skip_all "not root"
grep -q '^Seccomp:' /proc/self/status || skip_all "a kernel without seccomp"
case $(uname -m) in
x86_64|aarch64)
	filtered=2 ;;
*)	filtered=0 ;;
esac
[ "$(getconf LONG_BIT)" = 64 ] || filtered=0
# This shell may be confined itself, in a container.
kept=$(awk '/^NoNewPrivs:|^Seccomp:/ { printf "%s ", $2 }' /proc/self/status)
[ "$kept" = "0 0 " ] || skip_all "this shell is confined already"

rights() {
	awk '/^NoNewPrivs:|^Seccomp:/ { printf "%s ", $2 }' \
	    "/proc/$1/status" 2>/dev/null
}

# waits PID: it sleeps, where it is to be looked at; or it has ended.
waits() {
	case $(cat "/proc/$1/stat" 2>/dev/null) in
	*" ($tool) S "*|'')	return 0 ;;
	esac
	return 1
}

# held NAME WANT TOOL ARGS...: what it has given up by then.
held() {
	name=$1 want=$2 tool=$3
	shift 2
	"$@" >"$dir/out" 2>&1 </dev/null &
	pid=$!
	wait_for waits "$pid"
	is "$name" "$(rights "$pid")" "$want" || note "$(cat "$dir/out")"
	kill "$pid" 2>/dev/null
	wait "$pid" 2>/dev/null
}

mkfifo "$dir/table"
ours="0 0 " less="1 $filtered "
held "tunps" "$less" tunps --table "$dir/table"
held "tunps --watch" "$less" tunps --watch=60 -j
held "tunps --watch --on-change" "$less" tunps --watch=60 -j --on-change true
held "tunps --config asks ssh" "$ours" tunps --config --table "$dir/table"
held "tunkill" "$less" tunkill -n --table "$dir/table" 8080
held "tunkill --config" "$ours" \
    tunkill -n --config --table "$dir/table" 8080
held "tunkill --supervisor tells a supervisor" "$ours" \
    tunkill -n --supervisor --table "$dir/table" 8080

# A master that never says a word.
peer deaf "$dir/cm" 0 >"$dir/peer" 2>&1 &
at_exit "kill $!"
wait_for grep -q ready "$dir/peer"
chmod 600 "$dir/cm"
held "tuncheck" "$less" tuncheck -t 60 -S "$dir/cm"
held "tuncheck --config" "$ours" tuncheck --config -t 60 -S "$dir/cm"
held "tunadd" "$less" tunadd -S "$dir/cm" -L 8080:h:80

# What tunrun starts has all rights: a ProxyCommand may need sudo.
mkdir "$dir/bin"
printf '#!/bin/sh\ngrep -E "^(NoNewPrivs|Seccomp):" /proc/self/status\nexit 9\n' \
    >"$dir/bin/ssh"
chmod 755 "$dir/bin/ssh"
run tunrun "$dir/bin/ssh" -fN -L 8080:h:80 host
is "tunrun" "$(printf '%s\n' "$out" "$err" | awk '/:/ { printf "%s ", $2 }')" \
    "$ours"

# Another user has nothing to give up.
if command -v setpriv >/dev/null && chmod 755 "$dir" && mkfifo "$dir/other" &&
    chmod 666 "$dir/other"; then
	tool=tunps
	setpriv --reuid 65534 --regid 65534 --clear-groups \
	    tunps --table "$dir/other" >"$dir/out" 2>&1 </dev/null &
	pid=$!
	wait_for waits "$pid"
	is "another user's" "$(rights "$pid")" "$ours"
	kill "$pid" 2>/dev/null
	wait "$pid" 2>/dev/null
else
	skip "another user's" "no setpriv"
fi

done_testing
