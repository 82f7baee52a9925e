# shellcheck shell=sh
# SPDX-License-Identifier: ISC
#
# sessions.sh: sessions of sshd for recorded tables.  Source it after lib.sh.

# Two sessions, with their sockets; 61001 and 61002 are nobody's names.
sockets() {
	cat <<-'END'
	socks
	sock family=inet state=listen local=0.0.0.0:22 key=1 uid=0 known=0x83
	sock family=inet state=listen local=127.0.0.1:2022 key=11 uid=61001 known=0x83
	sock family=inet6 state=listen local=[::1]:2022 key=12 uid=61001 known=0x83
	sock family=inet state=listen local=0.0.0.0:3000 key=21 uid=61002 known=0x83
	sock family=inet6 state=listen local=[::]:3000 key=22 uid=61002 known=0x83
	sock family=inet state=listen local=127.0.0.1:3001 key=23 uid=61002 known=0x83
	sock family=inet state=listen local=127.0.0.5:3001 key=26 uid=61002 known=0x83
	sock family=inet6 state=listen local=[::]:3001 key=24 uid=61002 known=0x83
	sock family=inet state=listen local=127.0.0.1:6010 key=25 uid=61002 known=0x83
	sock family=inet state=estab local=10.0.0.1:22 peer=10.0.0.9:51000 key=10 uid=0 known=0x83
	sock family=inet state=estab local=127.0.0.1:2022 peer=127.0.0.1:40000 key=13 uid=61001 known=0x83
	sock family=inet6 state=estab local=[::1]:2022 peer=[::1]:40001 key=14 uid=61001 known=0x83
	sock family=unix state=listen path=/run/\033[31mdb key=15 uid=61001 known=0x3
	sock family=inet state=estab local=10.0.0.1:40500 peer=10.0.0.5:5432 key=16 uid=61001 known=0x93 rx=7 tx=8
	sock family=inet6 state=listen local=[::]:22 key=2 uid=0 known=0x83
	sock family=inet6 state=estab local=[2001:db8::1]:22 peer=[2001:db8::9]:52000 key=20 uid=0 known=0x83
	END
}

# session PID UID AGE KEY...: one of sshd's, with these sockets; without any
# its descriptors may not be read.
session() {
	echo "proc pid=$1 name=sshd ppid=1 pgid=$1 sid=$1 uid=$2 ruid=$2" \
	    "ident=$1 start=$((1700000100 - $3))000000 state=S comm=sshd"
	shift 3
	if [ $# -eq 0 ]; then
		echo 'fds !EACCES'
		return
	fi
	echo 'fds limit=1024'
	for key; do
		echo "fd fd=$((key + 3)) kind=socket key=$key"
	done
}

# two_sessions: the table of them as root sees it.
two_sessions() {
	echo 'libfind-table 1'
	echo 'system caps=0x79ff now=1700000100000000 uid=0'
	session 70 0 9000 1 2
	session 100 61001 3600 10 11 12 13 14 15 16
	session 40 61002 45 20 21 22 23 24 25 26
	sockets
}
