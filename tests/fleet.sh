#!/bin/sh
# SPDX-License-Identifier: ISC
#
# fleet.sh: docs/fleet.md for real, on three hosts that are namespaces: each
# has its own network, processes, name and sshd, and tunnels to the others.
# Ansible gathers the fact; node_exporter serves the numbers, to Prometheus
# where that is installed.  Needs root and Linux.
#
# All of it runs below one process that is number 1 of a PID namespace: when
# that ends, however it ends, the kernel ends the rest, networks and all.

set -u
hosts="alpha beta gamma"

die() {
	echo "fleet: $*" >&2
	exit 3
}

# address HOST: on the bridge between them.
address() {
	case $1 in
	alpha) echo 10.77.0.1 ;;
	beta) echo 10.77.0.2 ;;
	gamma) echo 10.77.0.3 ;;
	esac
}

wait_for() {
	deadline=$(($(date +%s) + 20))
	until "$@" >/dev/null 2>&1; do
		[ "$(date +%s)" -le "$deadline" ] || die "timed out: $*"
		sleep 0.1
	done
}

say() {
	printf '\n# %s\n' "$*"
}

show() {
	printf '$ %s\n' "$*"
}

# listens PORT, on this host.
listens() {
	ss -Hltn "sport = :$1" | grep -q .
}

# --- one of the hosts ----------------------------------------------------

tunnel() {
	ssh -F "$dir/config" -fN "$@" >/dev/null 2>&1 || die "ssh $*"
}

# numbers HOST: as cron would; the name changes when all is written.
numbers() {
	tunps -e --metrics >"$dir/$1/tunps.$$"
	[ $? -le 1 ] && mv "$dir/$1/tunps.$$" "$dir/$1/tunps.prom"
}

host() {
	hostname "$1"
	ip link set lo up
	wait_for test -e "$dir/$1/wired"
	ip addr add "$(address "$1")/24" dev eth0
	ip link set eth0 up
	mount -t tmpfs tmpfs /run
	mkdir /run/sshd
	"$(command -v sshd)" -D -f "$dir/sshd_config" &
	wait_for listens 22
	: >"$dir/$1/up"
	for peer in $hosts; do
		wait_for test -e "$dir/$peer/up"
	done

	case $1 in
	alpha)
		tunnel -L 5432:localhost:22 beta
		tunnel -D 1080 gamma
		;;
	beta)
		tunnel -R 2022:localhost:22 alpha
		tunnel -L 0.0.0.0:8080:localhost:22 gamma
		;;
	gamma)
		tunnel -L 5433:localhost:22 alpha
		kill -STOP "$(tunps -t 5433)"
		wait_for tunps -q --state stopped
		;;
	esac
	numbers "$1"
	if command -v prometheus-node-exporter >/dev/null; then
		prometheus-node-exporter --collector.disable-defaults \
		    --collector.textfile \
		    --collector.textfile.directory="$dir/$1" \
		    >"$dir/$1/exporter.log" 2>&1 &
	fi
	: >"$dir/$1/ready"
	exec sleep 600
}

# --- the place from where they are looked at -----------------------------

prepare() {
	for name in host_key user_key; do
		ssh-keygen -q -t ed25519 -N '' -f "$dir/$name" || die "no keys"
	done
	cat >"$dir/sshd_config" <<-END
	HostKey $dir/host_key
	KexAlgorithms curve25519-sha256
	AuthorizedKeysFile $dir/user_key.pub
	PermitRootLogin prohibit-password
	StrictModes no
	UsePAM no
	UseDNS no
	PidFile none
	Subsystem sftp internal-sftp
	SetEnv PATH=$PATH
	END
	for host in $hosts; do
		printf 'Host %s\n\tHostName %s\n' "$host" "$(address "$host")"
	done >"$dir/config"
	cat >>"$dir/config" <<-END
	Host *
	    User root
	    IdentityFile $dir/user_key
	    IdentitiesOnly yes
	    UserKnownHostsFile /dev/null
	    GlobalKnownHostsFile /dev/null
	    StrictHostKeyChecking no
	    BatchMode yes
	    ExitOnForwardFailure yes
	    LogLevel ERROR
	END
	cat >"$dir/ansible.cfg" <<-END
	[defaults]
	inventory = $dir/inventory
	interpreter_python = /usr/bin/python3
	local_tmp = $dir/ansible
	remote_tmp = $dir/ansible
	[ssh_connection]
	ssh_args = -F $dir/config
	END
	printf '%s\n' "$hosts" | tr ' ' '\n' >"$dir/inventory"
	{
		echo 'global: { scrape_interval: 1s }'
		echo 'scrape_configs:'
		echo '- job_name: node'
		echo '  static_configs:'
		for host in $hosts; do
			printf "  - { targets: ['%s:9100'], labels: %s }\n" \
			    "$(address "$host")" "{ host: $host }"
		done
	} >"$dir/prometheus.yml"
}

wire() {
	ip link set lo up
	ip link add fleet type bridge
	ip addr add 10.77.0.254/24 dev fleet
	ip link set fleet up
	for host in $hosts; do
		mkdir "$dir/$host"
		unshare --net --pid --fork --mount-proc --uts --ipc \
		    sh "$top/tests/fleet.sh" --host "$host" &
		wait_for pgrep -f -P "$!" -- "--host $host"
		pid=$(pgrep -f -P "$!" -- "--host $host")
		ip link add "to-$host" type veth peer name eth0 netns "$pid"
		ip link set "to-$host" master fleet up
		: >"$dir/$host/wired"
	done
	for host in $hosts; do
		wait_for test -e "$dir/$host/ready"
	done
}

gather() {
	say "The Ansible fact: what each host forwards, and how it is."
	command -v ansible-playbook >/dev/null || {
		echo "(skipped: no ansible)"
		return
	}
	cat >"$dir/play.yml" <<-'END'
	- hosts: all
	  gather_facts: no
	  tasks:
	  - setup: { gather_subset: [local], fact_path: "{{ facts }}" }
	  - debug:
	      msg: "{{ tunnels.tunnels | map(attribute='forwards') | flatten
	        | map(attribute='id') | join(' ') }}"
	  - debug:
	      msg: "{{ item.via }} is {{ item.state }}"
	    loop: "{{ tunnels.tunnels | rejectattr('state', 'in', good) }}"
	    loop_control: { label: "{{ item.pid }}" }
	  - assert: { that: [tunnels.complete, tunnels.tunnels], quiet: yes }
	  vars:
	    tunnels: "{{ ansible_local.tunnels }}"
	    good: [up, quiet, alive]
	END
	show ansible-playbook -e facts=docs/fleet play.yml
	ANSIBLE_CONFIG=$dir/ansible.cfg ANSIBLE_NOCOLOR=1 HOME=$dir \
	    ansible-playbook -e facts="$top/docs/fleet" "$dir/play.yml" ||
	    failed=1
}

query() {
	show promtool query instant http://localhost:9090 "'$1'"
	promtool query instant http://localhost:9090 "$1" | grep -v '^ *$'
}

has_samples() {
	promtool query instant http://localhost:9090 \
	    'count(ssh_tunnel_scan_complete) == 3' | grep -q '=> 3'
}

monitor() {
	say "The numbers, as node_exporter serves them."
	command -v prometheus-node-exporter >/dev/null || {
		echo "(skipped: no prometheus-node-exporter)"
		return
	}
	for host in $hosts; do
		url=http://$(address "$host"):9100/metrics
		show "curl -s $url | grep ^ssh_tunnel_forwards  # $host"
		python3 -c 'import sys, urllib.request as r
sys.stdout.buffer.write(r.urlopen(sys.argv[1]).read())' "$url" >"$dir/served"
		grep '^ssh_tunnel_forwards' "$dir/served" || failed=1
		grep -q '^node_textfile_scrape_error 0' "$dir/served" || failed=1
	done

	say "All hosts at once, in Prometheus."
	if ! command -v prometheus >/dev/null ||
	    ! command -v promtool >/dev/null; then
		echo "(skipped: no prometheus)"
		return
	fi
	prometheus --config.file="$dir/prometheus.yml" \
	    --storage.tsdb.path="$dir/tsdb" \
	    --web.listen-address=127.0.0.1:9090 >"$dir/prometheus.log" 2>&1 &
	wait_for has_samples
	query 'ssh_tunnels > 0'
	query 'ssh_tunnel_forwards_exposed > 0'
	query 'ssh_tunnels{class=~"stale|suspect"} > 0' | tee "$dir/bad"
	grep -q 'host="gamma".*=> 1 ' "$dir/bad" || failed=1
}

hub() {
	prepare
	wire
	failed=0
	gather
	monitor
	say "The hosts end with this script."
	exit $failed
}

case ${1:-} in
--host)	host "$2" ;;
--hub)	hub ;;
'')	;;
*)	echo "usage: fleet.sh" >&2; exit 2 ;;
esac

[ "$(id -u)" -eq 0 ] || die "needs root"
for tool in unshare ip ss ssh sshd pgrep python3; do
	command -v $tool >/dev/null || die "no $tool"
done
top=$(cd "$(dirname "$0")/.." && pwd)
[ -x "$top/tools/tunps" ] || die "no tools/tunps: make"
PATH=$top/tools:$PATH:/usr/sbin:/sbin
dir=$(mktemp -d "${TMPDIR:-/tmp}/fleet.XXXXXX") || exit 3
export top dir PATH
trap 'rm -rf "$dir"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
unshare --net --mount --pid --fork --kill-child --mount-proc \
    sh "$top/tests/fleet.sh" --hub
