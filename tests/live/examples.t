#!/bin/sh
# SPDX-License-Identifier: ISC
#
# The examples of the pages and the table of README, each as it is printed there, in
# a world made for them: processes, network, users, home and temporary files of its own, so
# that no tunnel, port or file of this machine is meant by what they say.

if [ "${1:-}" != --inside ]; then
	. "$(dirname "$0")/../tools/lib.sh"

	[ "$(uname -s)" = Linux ] || skip_all "namespaces are Linux's"
	[ "$(id -u)" -eq 0 ] || skip_all "not root"
	require autossh ip sshd unshare
	unshare --net --pid --fork --mount-proc true 2>/dev/null ||
		skip_all "no namespaces can be made"
	# The sources may be in a directory that is about to be hidden.
	# shellcheck disable=SC2016 # that shell's words
	unshare --net --mount --pid --fork --kill-child --mount-proc \
	    sh -c 'mount --bind "$1" /mnt &&
	    exec sh /mnt/tests/default_signals.sh \
	    sh /mnt/tests/live/examples.t --inside' sh "$top"
	exit
fi

home=$(getent passwd 0 | cut -d : -f 6)
for place in /dev/shm /run /tmp /var/lib /var/tmp "$home"; do
	[ ! -d "$place" ] || mount -t tmpfs tmpfs "$place" || exit 1
done
cd /mnt || exit 1
. tests/tools/lib.sh
. tests/live/sshd.sh
HOME=$home
export HOME

# --- the world they speak of ----------------------------------------------

ip link set lo up
# All of it: whoever makes a user meanwhile takes a passwd of ours away.
cp -a /etc "$dir/etc"
sed -i '/^fred:/d; /^alice:/d' "$dir/etc/passwd" "$dir/etc/shadow"
for user in fred:x:54321 alice:x:54322; do
	echo "$user:54321::/tmp:/bin/sh" >>"$dir/etc/passwd"
done
mount --bind "$dir/etc" /etc || skip_all "no /etc of its own"
chmod 755 "$dir"

sshd_start || skip_all "$sshd_why"
mkdir -p "$HOME/.ssh/cm" /run/user/1000 /var/lib/prometheus/node-exporter
chmod 700 "$HOME/.ssh" "$HOME/.ssh/cm"
{
	printf 'Host server bastion db host\n\tHostName 127.0.0.1\n'
	sed '/User root/d' "$dir/config"
} >"$HOME/.ssh/config"

# What the examples have and a machine may not have.
mkdir "$dir/bin" "$dir/work"
for program in mail psql; do
	printf '#!/bin/sh\nexit 0\n' >"$dir/bin/$program"
done
command -v jq >/dev/null || printf '#!/bin/sh\ncat\n' >"$dir/bin/jq"
chmod 755 "$dir"/bin/*
PATH=$dir/bin:$PATH
cd "$dir/work" || exit 1
: >secret

# there SELECTOR SSH-ARGS...: that tunnel, unless it is there.
there() {
	tunps -q "$1" 2>/dev/null && return
	shift
	"$@" </dev/null >"$dir/log" 2>&1 || note "$*: $(cat "$dir/log")"
}

none() {
	! tunps -aeq
}

# nothing: as on a machine where nobody has started anything.
nothing() {
	tunkill -a --whole --sessions --supervisor -u 0 -q
	wait_for none || note "still there: $(tunps -ae)"
}

two() {
	there L8018 ssh -fN -L 8008:localhost:80 -L 8018:localhost:80 server
}

database() {
	there L5432 ssh -fN -L 5432:db-staging:5432 bastion
}

supervised() {
	nothing
	there L8008 autossh -f -M 0 -N -L 8008:localhost:80 server
	wait_for tunps -q L8008
}

reverse() {
	there R2022 ssh -fN -R 2022:localhost:22 server
	wait_for tunps -q --server 2022
}

to_bastion() {
	there "$HOME/.ssh/cm/fred@bastion" ssh -fNM \
	    -S "$HOME/.ssh/cm/fred@bastion" -D 1080 fred@bastion
}

to_server() {
	there L8080 ssh -fNM -S "$HOME/.ssh/cm-server" -L 8080:localhost:80 \
	    server
}

# prepare PAGE TEXT: what the example speaks of; the exit status to $want, of
# its last command.  What watches until it is interrupted is only read.
prepare() {
	want=0 shell=sh
	case $1 in
	tunadd)
		nothing
		to_server
		;;
	tunrun)
		nothing
		;;
	tunnels)
		two
		there /run/user/1000/pg.sock ssh -fN \
		    -L /run/user/1000/pg.sock:/run/pg.sock server
		;;
	*)
		two
		database
		to_bastion
		;;
	esac
	case $1:$2 in
	tunps:*--on-change*)
		shell='sh -n' ;;
	tunps:*--lost*)
		kill -s KILL "$(tunrun ssh -fN -L 8011:localhost:80 server)"
		wait_for tunps -q --lost ;;
	tunps:*--exposed*)
		there L8090 ssh -fN -L '*:8090:localhost:80' server ;;
	tunps:*--suspect*|tunkill:*--idle*|tunkill:*"-u fred"*|\
	tunkill:*"--server --stale"*)
		want=1 ;;		# nothing of the kind
	tunrun:*--again*)
		database
		there @payroll env TUN_LABEL=payroll ssh -fN \
		    -L 5433:db:5432 bastion ;;
	tunps:*--server*)
		reverse ;;
	tuncheck:*cm-server*)
		to_server ;;
	tunkill:*5901*)
		there L5901 ssh -fN -L 5901:localhost:5901 server ;;
	tunkill:*"-a -R"*)
		reverse ;;
	tunkill:*--newest*)
		# After the master, in a second of its own.
		tunkill -q ":8018" --whole
		two ;;
	tunkill:*--sockets*)
		ssh -fNM -S "$HOME/.ssh/cm/dead" server </dev/null >/dev/null 2>&1
		kill -s KILL "$(tunps -t -S "$HOME/.ssh/cm/dead")"
		# A new one could be that of a master that is starting.
		wait_for tunkill --sockets -n >"$dir/log" ;;
	tunkill:*--supervisor*)
		supervised ;;
	tunkill:*"-J L8008"*)
		nothing
		there L8008 ssh -fN -L 8008:localhost:80 server ;;
	esac
}

# --- what they are --------------------------------------------------------

# examples PAGE: one file each, $dir/PAGE.1 and so on: what a reader types,
# and in .out what is printed below it.
examples() {
	cat "$top/tools/$1".[17] | sed -n '/^\.Sh DESCRIPTION/,/^\.Sh SEE/p' |
	    sed 's/\\(dq/"/g; s/\\-/-/g; s/\\&//g; s/\\e/\\/g' |
	    awk -v name="$dir/$1." '
	function flush(	i, typed) {
		n++
		for (i = 1; i <= lines; i++)
			typed = typed || line[i] ~ /^[$#] /
		for (i = 1; i <= lines; i++)
			if (sub(/^[$#] /, "", line[i]) || !typed ||
			    line[i - 1] ~ /\\$/)
				print line[i] >(name n)
			else
				print line[i] >(name n ".out")
		lines = 0
	}
	/^\.Dl / { sub(/^\.Dl /, ""); line[++lines] = $0; flush(); next }
	/^\.Bd / { on = 1; next }
	/^\.Ed/ { on = 0; flush(); next }
	on { line[++lines] = $0 }'
}

# shape OUTPUT: as it is, but numbers where a page has 4711 for a process.
shape() {
	if grep -q 4711 "$dir/$page.$i.out"; then
		echo "$1" | sed 's/[0-9][0-9]*/N/g'
	else
		echo "$1"
	fi
}

for page in tunps tuncheck tunadd tunkill tunrun tunnels; do
	examples "$page"
	i=1
	while [ -f "$dir/$page.$i" ]; do
		text=$(cat "$dir/$page.$i")
		prepare "$page" "$text"
		# Where all only look, all have to find something.
		set -- "$dir/$page.$i"
		case $page in
		tunps|tunnels) set -- -e "$@" ;;
		esac
		# shellcheck disable=SC2086
		run timeout 60 $shell "$@" </dev/null
		is "$page: $(echo "$text" | tr '\n' ';')" "$status" "$want" ||
			note "$out$err"
		unlike "  nothing wrong with its words" "$err" \
		    'such option|exclude|wrong|usage|not found'
		[ ! -f "$dir/$page.$i.out" ] ||
			is "  its output" "$(shape "$out")" \
			    "$(shape "$(cat "$dir/$page.$i.out")")"
		i=$((i + 1))
	done
	[ "$i" -gt 1 ]
	result $? "$page has examples"
done

# --- the table of README --------------------------------------------------

# pid ID: the process of that tunnel, as its socket says and not as tunps.
pid() {
	ss -Hltnp "sport = :${1#?}" | grep -o 'pid=[0-9]*' | sort -u |
	    sed 's/pid=//'
}

to_fred() {
	there L8080 ssh -fNM -S "$HOME/.ssh/cm-fred" -L 8080:localhost:80 \
	    -L 8081:localhost:80 fred@server
}

# recipe TEXT: what it is about, and to $want what it has to answer: a line
# of that form.
recipe() {
	case $1 in
	*"user,pid,ppid,cmd")
		want="^root +$(pid L5432) +[0-9]+ +ssh -fN -L 5432:" ;;
	"tunps -t --newest")
		want="^$(pid L8028)\$" ;;
	"tunps -t -d,")
		want="^([0-9]+,)*$(pid L5432)(,[0-9]+)*\$" ;;
	"tunps -t 5432")
		want="^$(pid L5432)\$" ;;
	"tunps 5432")
		want="^L5432 +$(pid L5432) .* db-staging:5432 +bastion " ;;
	"tunps fred@server")
		want="^L8080 +$(pid L8080) " ;;
	"tunps -R")
		want="^R2022 .* localhost:22 +server " ;;
	"tunps -T db")
		want="ssh .*-W .*bastion" ;;
	*"id,origin,supervisor")
		want="^L8018 +supervised +autossh [0-9]+\$" ;;
	"tunps -M -o pid,ctlpath")
		want="^$(pid L8080) +$HOME/.ssh/cm-fred\$" ;;
	"tuncheck fred@server")
		want="$(pid L8080).*cm-fred|cm-fred.*$(pid L8080)" ;;
	"tunps --server 2022")
		want="^R2022 .* localhost:2022 " ;;
	"tunps --server --direct")
		want="^C[0-9]+ .* 127\.0\.0\.1:" ;;
	"tunps --lost")
		kill -s KILL "$(tunrun ssh -fN -L 8011:localhost:80 server)"
		wait_for tunps -q --lost L8011
		want="^L8011 " ;;
	tunadd*)
		want="^L8008\$" ;;
	pid=*)	tunkill -q --whole -S "$HOME/.ssh/cm-fred" # has the port
		text="$text && ps -o args= -p \"\$pid\""
		want="^ssh -fN -L 8008:localhost:80 host\$" ;;
	"tunkill L8008")
		text="$text && ss -Hltn 'sport = :8008' | wc -l"
		want="^0\$" ;;
	"tunkill L8080")
		to_fred
		text="$text && ! ss -Hltn 'sport = :8080' | grep . &&
		    tunps -M -n -o via"
		want="^fred@server\$" ;;
	"tunkill --server 2022")
		reverse
		text="$text && ! tunps -q --server 2022 && echo ended"
		want="^ended\$" ;;
	"tunkill --stale -n")
		text="! $text && echo none"
		want="^none\$" ;;	# all is well here
	"tunps -v L8008")
		there L8008 ssh -fN -L 8008:localhost:80 host
		want="^    tunnel [a-z]* because " ;;
	tunpermit)
		want="^root .* any +any " ;;
	"tunpermit --may"*)
		want=": yes: " ;;
	"tunps -J")
		want='"version": 1' ;;
	*)	want="what is that?" ;;
	esac
}

nothing
there L5432 ssh -fN -L 5432:db-staging:5432 bastion
to_fred
there R2022 ssh -fN -R 2022:localhost:22 server
there L8018 autossh -f -M 0 -N -L 8018:localhost:80 server
wait_for tunps -q L8018
there L8028 ssh -fN -J bastion -L 8028:localhost:80 db
# shellcheck disable=SC2016 # those are README's
sed -n 's/^| .* | `\(.*\)` |$/\1/p' "$top/README.md" >"$dir/recipes"
while read -r text <&3; do
	name=$text
	recipe "$text"
	run timeout 60 sh -c "$text" </dev/null
	is "README: $name" "$status" 0 || note "$err"
	like "  its answer" "$out" "$want"
done 3<"$dir/recipes"
ok "README has recipes" [ "$(wc -l <"$dir/recipes")" -gt 15 ]
nothing

done_testing
