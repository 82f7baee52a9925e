#!/bin/sh
# SPDX-License-Identifier: ISC
#
# cookbook.sh [FILE]: docs/cookbook.md, or FILE, on standard output, with the
# output of its commands as it is now.  'make cookbook' puts it in place, and
# tests/live/cookbook.t compares.  Exit status 3: it cannot be done here.
#
# What stands between "```console" and "```" is a session.  A line with a prompt
# is a command; all other lines are output, and are replaced.
#
#	$ COMMAND		fred, on the laptop
#	server$ COMMAND		fred, on that machine; server# for root
#	ssh> COMMAND		typed after ~C into the ssh of the command before,
#				which has to be one that logs in
#
# Each machine has namespaces of its own: processes, network, mounts, name.  All
# of them end with this script.

domain=example.org

die() {
	echo "cookbook: $*" >&2
	exit 3
}

# far_pids: PIDs from here on have five digits, which no port in the book has.
far_pids() {
	echo 20000 >/proc/sys/kernel/ns_last_pid
}

# own_etc DIRECTORY: what is written to /etc from here on goes to a copy there.
own_etc() {
	{ mkdir "$1" && cp -a /etc/. "$1" && mount --bind "$1" /etc; } ||
		die "no /etc of its own"
}

# --- a machine ----------------------------------------------------------------

# prepare NAME: a home of fred, an sshd with one key for all machines, and the
# files of tests/cookbook/ if there are any for it.
prepare() {
	hostname "$1"
	ip link set lo up
	mount -t tmpfs -o mode=755 tmpfs /home || die "no /home of its own"
	mkdir -m 700 /home/fred /home/fred/.ssh
	cp "$dir/key" /home/fred/.ssh/id_ed25519
	cp "$dir/key.pub" /home/fred/.ssh/authorized_keys
	mkdir -p /run/sshd
	own_etc "$dir/etc.$1"
	rm -rf /etc/ssh
	mkdir /etc/ssh
	cp "$dir/key" /etc/ssh/ssh_host_ed25519_key
	printf '* %s\n' "$(cat "$dir/key.pub")" >/etc/ssh/ssh_known_hosts
	cat >/etc/ssh/sshd_config <<-'END'
	Include /etc/ssh/sshd_config.d/*.conf
	KexAlgorithms curve25519-sha256
	UsePAM no
	PasswordAuthentication no
	KbdInteractiveAuthentication no
	PrintMotd no
	PrintLastLog no
	END
	[ ! -d "$top/tests/cookbook/$1" ] || cp -R "$top/tests/cookbook/$1/." /
	chown -R fred: /home/fred
	far_pids
}

if [ "${1:-}" = --machine ]; then
	set -eu
	name=$2 address=$3
	ip addr add "$address/24" dev eth0
	ip link set eth0 up
	prepare "$name"
	if [ "$name" = server ]; then
		# Another user, and another key of fred.
		mkdir -m 700 /home/device /home/device/.ssh
		cp "$dir/device.pub" /home/device/.ssh/authorized_keys
		chown -R device: /home/device
		printf '%s %s\n' 'restrict,port-forwarding,permitlisten="2022"' \
		    "$(cat "$dir/device.pub")" >>/home/fred/.ssh/authorized_keys
	fi
	"$(command -v sshd)" -E "$dir/$name.log"
	for port in 5901 5432 80 3128; do
		"$top/tests/peer" echo "$port" &
	done
	: >"$dir/$name.up"
	exec sh "$dir/$name"
fi

# --- all of them --------------------------------------------------------------

top=$(cd "$(dirname "$0")/.." && pwd)

if [ "${1:-}" != --inside ]; then
	[ "$(id -u)" -eq 0 ] || die "needs root"
	for tool in bash ip nsenter setpriv script ssh sshd unshare; do
		PATH=$PATH:/usr/sbin:/sbin command -v $tool >/dev/null ||
			die "no $tool"
	done
	[ -x "$top/tests/peer" ] || die "tests/peer is not built"
	exec unshare --net --mount --pid --uts --fork --kill-child \
	    --mount-proc sh "$top/tests/default_signals.sh" \
	    sh "$top/tests/cookbook.sh" --inside \
	    "${1:-$top/docs/cookbook.md}"
fi
book=$2

dir=$(mktemp -d "${TMPDIR:-/tmp}/cookbook.XXXXXX") || exit 3
trap 'umount -l /etc; rm -rf "$dir"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
LC_ALL=C PATH=$dir/bin:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin
export LC_ALL PATH dir top
unset COLUMNS NO_COLOR TUN_LABEL XDG_STATE_HOME 2>/dev/null

chmod 755 "$dir"
mkdir "$dir/bin"
cp "$top"/tools/tun*[a-z] "$dir/bin" 2>/dev/null
rm -f "$dir"/bin/*.*
mount -t tmpfs tmpfs /run || die "no /run of its own"
own_etc "$dir/etc"
# A user of the machine may have that name.
sed -i '/^fred:/d; /^device:/d' /etc/passwd /etc/shadow /etc/group
printf '%s:*:%d:%d::/home/%s:/bin/sh\n' fred 61001 61001 fred \
    device 61002 61002 device >>/etc/passwd
printf '%s:x:%d:\n' fred 61001 device 61002 >>/etc/group
ssh-keygen -q -t ed25519 -N '' -C fred@laptop -f "$dir/key"
ssh-keygen -q -t ed25519 -N '' -C device -f "$dir/device"

# wait_for COMMAND...: until it succeeds, a minute at most.
wait_for() {
	deadline=$(($(date +%s) + 60))
	until "$@"; do
		[ "$(date +%s)" -le "$deadline" ] || {
			echo "cookbook: waited too long: $*" >&2
			exit 1
		}
		sleep 0.05
	done
}

ip link add switch type bridge || die "no bridge"
ip addr add 192.0.2.1/24 dev switch
ip link set switch up
{
	printf '127.0.0.1 localhost\n192.0.2.1 laptop.%s laptop\n' $domain
	n=10
	for machine in server desktop bastion db; do
		n=$((n + 1))
		echo "192.0.2.$n $machine.$domain $machine"
	done
} >/etc/hosts
while read -r address name _; do
	machine=${name%%.*}
	case $address in
	*.1)	continue ;;
	esac
	mkfifo "$dir/$machine"
	ip netns add "$machine" || die "no network namespaces"
	ip link add "to-$machine" type veth peer name eth0 netns "$machine" ||
		die "no veth"
	ip link set "to-$machine" master switch up
	nsenter --net="/run/netns/$machine" unshare --mount --pid --uts --fork \
	    --kill-child --mount-proc sh "$top/tests/cookbook.sh" --machine \
	    "$machine" "$address" >"$dir/$machine.out" 2>&1 &
done </etc/hosts
as_fred="setpriv --reuid fred --regid fred --clear-groups"
as_fred="$as_fred env -C /home/fred HOME=/home/fred USER=fred"
(prepare laptop) || die "no laptop"
mkfifo "$dir/laptop"
# Open for reading, too: a machine ends with its last writer.
exec 3<>"$dir/laptop" 4<>"$dir/server" 5<>"$dir/desktop" 6<>"$dir/bastion" \
    7<>"$dir/db"
"$(command -v sshd)" -E "$dir/laptop.log"
$as_fred sh "$dir/laptop" >"$dir/laptop.out" 2>&1 &
for machine in server desktop bastion db; do
	wait_for test -e "$dir/$machine.up"
done

# What stands for vncviewer(1): it connects, and stays when it was answered.
cat >"$dir/bin/vncviewer" <<'END'
#!/bin/bash
exec 3<>"/dev/tcp/localhost/$((5900 + ${1##*:}))"
echo >&3
read -r _ <&3
: >"$HOME/.ready"
read -r _ <&3
END
chmod 755 "$dir/bin/vncviewer"

# --- the sessions -------------------------------------------------------------

# run_on FD COMMAND: by the shell that reads from there.  A command in the
# background says that it is ready.  Of a connection through a tunnel both ends
# are closed before the next command counts them.
run_on() {
	closed=:
	case $2 in
	*'ssh -p 2022 '*)
		# shellcheck disable=SC2016
		closed='until [ -z "$(ss -Htn sport = :2022)" ]; do
		    sleep 0.05
		done' ;;
	esac
	rm -f "$dir/free/done" /home/fred/.ready
	printf '{ %s\n} </dev/null >>"%s" 2>&1\n%s\n: >"%s"\n' "$2" \
	    "$dir/free/said" "$closed" "$dir/free/done" >&"$1"
	wait_for test -e "$dir/free/done"
	case $2 in
	*'&')	wait_for test -e /home/fred/.ready ;;
	esac
	cat "$dir/free/said"
	: >"$dir/free/said"
}

# log_in COMMAND: an ssh on a terminal, until its shell waits.
log_in() {
	: >"$dir/free/typescript"
	$as_fred script -qafc "$1" "$dir/free/typescript" <"$dir/free/keys" \
	    >/dev/null 2>&1 &
	logged_in=$!
	exec 8>"$dir/free/keys"
	wait_for grep -q '^\$ ' "$dir/free/typescript"
}

# escape TEXT: after ~C; what ssh says to that.
escape() {
	printf '\r~C' >&8
	wait_for grep -q 'ssh> ' "$dir/free/typescript"
	printf '%s\r' "$1" >&8
	wait_for grep -q 'orwarding.*[.]' "$dir/free/typescript"
	tr -d '\r' <"$dir/free/typescript" | grep orwarding
	: >"$dir/free/typescript"
}

log_out() {
	[ -n "$logged_in" ] || return 0
	printf '\r~.' >&8
	exec 8>&-
	wait "$logged_in"
	logged_in=
}

command_() {
	case $1 in
	'$ ssh '*' '*)
		run_on 3 "${1#* }" ;;
	'$ ssh '*)
		log_in "${1#* }" ;;
	'$ '*)
		run_on 3 "${1#* }" ;;
	'server$ '*)
		run_on 4 "$as_fred sh -c '${1#* }'" ;;
	'server# '*)
		run_on 4 "${1#* }" ;;
	'bastion# '*)
		run_on 6 "${1#* }" ;;
	'ssh> '*)
		escape "${1#* }" ;;
	esac
}

mkdir -m 777 "$dir/free"
mkfifo "$dir/free/keys"
touch "$dir/free/said" "$dir/free/typescript"
chmod 666 "$dir"/free/*
logged_in='' session=
while IFS= read -r line; do
	case $session$line in
	'```console')
		session=+ ;;
	'+```')
		session=
		log_out ;;
	+'$ '*|+'server$ '*|+'server# '*|+'bastion# '*|+'ssh> '*)
		;;
	+*)
		continue ;;
	esac
	printf '%s\n' "$line"
	[ -z "$session" ] || command_ "$line"
done <"$book"
