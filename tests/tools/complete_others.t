#!/bin/sh
# SPDX-License-Identifier: ISC
#
# The completions of tunps' sisters.

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/shells.sh"

# Two tunnels, one of them in front, and a master.
{
	table_head 1000
	ssh_process 500 1000 273600 'ssh -fN -L 8008:localhost:80 -D 1080 -L /run/u/pg.sock:/run/pg fred@server'
	origin='' ssh_process 611 1000 720 'ssh -N -R 3000:localhost:22 alpha' \
	    ppid=800 tty=0x8801
	ssh_process 722 1000 720 \
	    'ssh -f -N -M -S /run/u/cm-gamma -L 7007:localhost:70 gamma'
	cat <<-'END'
	fd fd=3 kind=socket key=31
	fd fd=4 kind=socket key=32
	proc pid=72 name=sshd ppid=1 pgid=72 sid=72 uid=61001 ruid=61001 ident=72 start=1699999280000000 state=S comm=sshd
	fds limit=1024
	fd fd=4 kind=socket key=10
	fd fd=7 kind=socket key=11
	socks
	sock family=inet state=listen local=127.0.0.1:7007 key=31 known=0x87 wq=128
	sock family=unix state=listen path=/run/u/cm-gamma.PhwQHMxfm5c9Gcoc key=32 known=0x23 wq=64
	sock family=inet state=estab local=10.0.0.1:22 peer=10.0.0.9:51000 key=10 uid=0 known=0x83
	sock family=inet state=listen local=127.0.0.1:7022 key=11 uid=61001 known=0x83
	END
} >"$dir/table"

# A recorded table has no journal.
printf 'L9009\tlocalhost:90 via fred@server\n' >"$dir/lost"
cat >"$dir/bin/tunps" <<END
#!/bin/sh
[ "\$1" != --lost ] || exec grep "^\$3" "$dir/lost"
exec "$top/tools/tunps" --table "$dir/table" "\$@"
END

tuncheck_words() {
	tab "what to check" 'tuncheck L80' 'tuncheck L8008'
	tab "also what is in front" 'tuncheck R3' 'tuncheck R3000'
	tab "after an option" 'tuncheck -xq d1' 'tuncheck -xq D1080'
	tab "a second word" 'tuncheck L8008 gam' 'tuncheck L8008 gamma'
	tabs "what it means" 'tuncheck L' 'localhost:80 via fred@server, 3d04h'
	tab "a control socket" 'tuncheck -S /run/u/c' \
	    'tuncheck -S /run/u/cm-gamma'
	tab "a file for a control socket" "tuncheck -S $dir/tab" \
	    "tuncheck -S $dir/table"
	tab "a user to check" 'tuncheck -u roo' 'tuncheck -u root'
	tabs "seconds" 'tuncheck -t ' '0\.2 '
	tabs "options of tuncheck" 'tuncheck -' 'probe: use the tunnels'
	tab "a long option of tuncheck" 'tuncheck --he' 'tuncheck --help'
}

tunadd_words() {
	tab "a master" 'tunadd L' 'tunadd L7007'
	tab "a master by its host" 'tunadd -L 1:b:2 ga' 'tunadd -L 1:b:2 gamma'
	tab "a master by its path" 'tunadd /run/u/c' 'tunadd /run/u/cm-gamma'
	silent "what is no master" 'tunadd L80'
	silent "a second master" 'tunadd L7007 gam'
	silent "a master after -S" 'tunadd -n -S /a/path gam'
	silent "a forward" 'tunadd -D L70'
	tab "a master's control socket" 'tunadd -n -S /run/u/c' \
	    'tunadd -n -S /run/u/cm-gamma'
	tabs "seconds to wait" 'tunadd -t ' '(^| )60( |$)'
	tabs "options of tunadd" 'tunadd -' 'add a remote forward'
	tab "a long option of tunadd" 'tunadd --dry' 'tunadd --dry-run'
}

tunkill_words() {
	tab "an ID" 'tunkill L80' 'tunkill L8008'
	silent "what is there already" 'tunkill L8008 L80'
	tab "a process" 'tunkill -p 50' 'tunkill -p 500'
	tab "a signal" 'tunkill -s HU' 'tunkill -s HUP'
	tab "a state" 'tunkill --state pa' 'tunkill --state partial'
	tab "a long option" 'tunkill --who' 'tunkill --whole'
	tabs "options mean something" 'tunkill --su' 'dubious ones'
	tab "a session of sshd" 'tunkill --server 70' 'server 7022'
	tabs "no tunnels there" 'tunkill --server ' 7022 8008
	tab "a socket" "tunkill --sockets $dir/tab" \
	    "tunkill --sockets $dir/table"
}

tunpermit_words() {
	tab "whose permissions" 'tunpermit roo' 'tunpermit root'
	tab "what they may do" 'tunpermit --may log' 'tunpermit --may login'
	tab "who may" 'tunpermit --may login roo' 'may login root'
	tabs "another request" 'tunpermit --may -' 'listen on a port or path'
	tab "a long option of tunpermit" 'tunpermit --he' 'tunpermit --help'
}

tunrun_words() {
	tab "a long option of tunrun" 'tunrun --st' 'tunrun --strict'
	tabs "how long" 'tunrun -t ' '(^| )10s( |$)'
	tab "an option's value" 'tunrun -t 30' 'tunrun -t 30s'
	tab "what to keep" 'tunrun --keep L80' 'tunrun --keep L8008'
	tab "also what else" 'tunrun --keep L8008 R3' 'keep L8008 R3000'
	tab "what to start again" 'tunrun --again -n d1' 'again -n D1080'
	tab "what is lost" 'tunrun --again L90' 'again L9009'
	tab "what is lost, to be forgotten" 'tunps --forget L90' 'forget L9009'
	silent "what is lost, where it is to be kept" 'tunrun --keep L90'
	tabs "options of tunrun" 'tunrun --' '--strict'
}

# Where the shell knows how to complete ssh, tunrun passes it on.
tunrun_command() {
	tab "a host of the command" 'tunrun ssh -fN zulub' 'ssh -fN zulubox'
	tab "a host after a forward" 'tunrun ssh -fN -L 1:b:2 zulub' \
	    'ssh -fN -L 1:b:2 zulubox'
	tab "a host after two dashes" 'tunrun -v -- ssh -fN zulub' \
	    'ssh -fN zulubox'
	tab "an option of the command" 'tunrun -t 5s tunps --newe' \
	    'tunrun -t 5s tunps --newest'
	tab "a host where ssh is implied" 'tunrun -fN -L 1:b:2 zulub' \
	    'tunrun -fN -L 1:b:2 zulubox'
}

all_words() {
	tuncheck_words
	tunadd_words
	tunkill_words
	tunpermit_words
	tunrun_words
	[ "$shell" = bash ] || tunrun_command
	without_table "anything where tuncheck cannot look" 'tuncheck L7' \
	    "anything where tunadd cannot look" 'tunadd L7' \
	    "anything where tunkill cannot look" 'tunkill L7'
}

in_quotes() {
	tab "quotes are left alone" "tuncheck -S '$dir/tab" "table'"
}

mkdir "$dir/home/.ssh"
echo "Host zulubox" >"$dir/home/.ssh/config"
in_all_shells all_words in_quotes
done_testing
