# shellcheck shell=sh disable=SC2034,SC2154
# SPDX-License-Identifier: ISC
#
# two_machines.sh: an sshd in a network namespace of its own, as if it were
# another machine.  With it come apart.sh and look.sh.
#
#	. "$(dirname "$0")/two_machines.sh"
#	two_machines 198.18.0.1 198.18.0.2

. "$(dirname "$0")/apart.sh"
. "$(dirname "$0")/look.sh"

require ip nft nsenter ss

# server COMMAND...: where the sshd is.
server() {
	nsenter --target "$sshd_pid" --net "$@"
}

# make_link OURS THEIRS: what connects the two.
make_link() {
	ip link add tun-ours type veth peer name tun-theirs \
	    netns "$sshd_pid" &&
	    ip addr add "$1/30" dev tun-ours &&
	    ip link set tun-ours up &&
	    server ip link set lo up &&
	    server ip addr add "$2/30" dev tun-theirs &&
	    server ip link set tun-theirs up
}

# older FILE SECONDS: its connections are so much longer without a word.
older() {
	awk -v more="$(($2 * 1000))" -v peer=":$sshd_port" '
	/^sock / && index($0, peer " ") && / lar=/ {
		n = split($0, field, " ")
		$0 = field[1]
		for (i = 2; i <= n; i++) {
			if (split(field[i], f, "=") == 2 && f[1] ~ /^l(ar|dr|ds)$/)
				field[i] = f[1] "=" f[2] + more
			$0 = $0 " " field[i]
		}
	}
	{ print }' "$1"
}

# two_machines OURS THEIRS: starts the sshd, and waits until it lets us in.
two_machines() {
	sshd_path=$(command -v sshd) || skip_all "no sshd"
	mkdir -p /run/sshd
	sshd_configure "$(random_port)" || skip_all "no keys"
	sed -e 's/^ListenAddress ::1/ListenAddress 0.0.0.0/' \
	    -e '/^ListenAddress 127/d' "$dir/sshd_config" >"$dir/sshd_config.2"
	sed "s/HostName 127.0.0.1/HostName $2/" "$dir/config" >"$dir/config.2"
	mv "$dir/config.2" "$dir/config"
	: >"$dir/sshd.log"
	unshare --net "$sshd_path" -D -f "$dir/sshd_config.2" -E "$dir/sshd.log" \
	    </dev/null &
	sshd_pid=$!
	wait_for grep -q '^Server listening' "$dir/sshd.log" ||
	    skip_all "sshd does not start: $(tail -n 1 "$dir/sshd.log")"
	make_link "$1" "$2" || skip_all "no veth"
	wait_for ssh -F "$dir/config" "$me" true 2>"$dir/ssh.log" ||
	    skip_all "no way to the sshd: $(cat "$dir/ssh.log")"
}
