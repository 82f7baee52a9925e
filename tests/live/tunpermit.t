#!/bin/sh
# SPDX-License-Identifier: ISC
#
# tunpermit beside its verdicts, which permit.t has: which sshd is asked, which
# files are read and as whom, and what it says when it cannot.

# shellcheck source=tests/live/apart.sh
. "$(dirname "$0")/apart.sh"
# shellcheck source=tests/tools/lib.sh
. "$(dirname "$0")/../tools/lib.sh"
has_live || skip_all 'no live system in this build'
sshd=$(command -v sshd) || skip_all 'no sshd'
tool_=tunpermit

mkdir -p /run/sshd
users alice bob
mount -t tmpfs -o mode=755 tmpfs /srv || skip_all "no /srv of its own"
for user in alice bob; do
	mkdir -p "/srv/$user/.ssh"
	chown -R "$user" "/srv/$user"
	sed -i "s|^\($user:.*\)::/:/bin/sh|\1::/srv/$user:/bin/sh|" /etc/passwd
done
# They have a password, which is never needed.
# shellcheck disable=SC2016 # a hash
hash='$6$salt$a-hash'
sed -i "s#^\(alice\|bob\):\*:#\1:$hash:#" /etc/passwd
chmod 755 "$dir"
ssh-keygen -q -t ed25519 -N '' -f "$dir/host_key"
ssh-keygen -q -t ed25519 -N '' -C one -f "$dir/one"
ssh-keygen -q -t ed25519 -N '' -C two -f "$dir/two"
keys=/srv/alice/.ssh/authorized_keys

config() {
	cat >"$dir/config" <<-END
	Port 7070
	ListenAddress 127.0.0.1
	HostKey $dir/host_key
	PasswordAuthentication no
	KbdInteractiveAuthentication no
	UsePAM no
	PidFile none
	END
	[ $# -eq 0 ] || printf '%s\n' "$@" >>"$dir/config"
}

# permit ARG...: about this file, whether an sshd runs or not.
permit() {
	run tunpermit --sshd "$sshd" -f "$dir/config" "$@"
}

# edited SCRIPT ARG...: the same, about an sshd whose words sed has changed.
cat >"$dir/edited" <<-END
	#!/bin/sh
	exec "$sshd" "\$@" 2>&1 | sed -f "$dir/script"
END
chmod 755 "$dir/edited"
edited() {
	echo "$1" >"$dir/script"
	shift
	run tunpermit --sshd "$dir/edited" -f "$dir/config" "$@"
}

# keys_of USER FILE: the text on standard input becomes the user's file.
keys_of() {
	cat >"$2"
	chown "$1" "$2"
	chmod 600 "$2"
}

# --- what cannot be asked -----------------------------------------------------

config
run tunpermit alice
is "no sshd runs: said" "$err $status" "tunpermit: no sshd listens here: say \
which program to ask 3"
cp "$top/tools/tunpermit" "$dir/tunpermit"
run setpriv --reuid alice --clear-groups "$dir/tunpermit" --sshd "$sshd" \
    -f "$dir/config" alice
is "not root: said" "$err $status" "tunpermit: only root can ask sshd for its \
settings, and read the keys of others 3"
permit nobody-of-that-name
is "no such user" "$err $status" "tunpermit: no user nobody-of-that-name 3"
permit 'a,b'
is "a name that would be another key of the client" "$err $status" \
    "tunpermit: a user name with a comma or blank cannot be asked about 3"
config 'PermitOpne any'
permit alice
like "an error of sshd is passed on" "$err" \
    "^tunpermit: $dir/config.*PermitOpne"
is "  in one line, with 3" "$(wc -l <"$dir/err" | tr -d ' ') $status" "1 3"
# A parent that ignores SIGCHLD hides the exit status of sshd.
run perl -e '$SIG{CHLD} = "IGNORE"; exec @ARGV' tunpermit --sshd "$sshd" \
    -f "$dir/config" --may -L db:1 bob
like "  and where its exit status is lost" "$err $status" 'PermitOpne 3$'
config 'HostKey /srv/none'
sed -i '/host_key/d' "$dir/config"
run perl -e '$SIG{CHLD} = "IGNORE"; exec @ARGV' tunpermit --sshd "$sshd" \
    -f "$dir/config" --may -L db:1 bob
is "no settings are no defaults" "$status" 3
config
printf '#!/bin/sh\necho ran >%s\n' "$dir/ran" >"$dir/mine"
chmod 777 "$dir/mine"
run tunpermit --sshd "$dir/mine" -f "$dir/config" alice
is "a program that others can replace" "$err $status" \
    "tunpermit: others than root can replace that sshd: it is not run 3"
ok "  was not run" [ ! -e "$dir/ran" ]

bad '--may: give a request ' --may alice
bad 'a request needs --may in front$' -L db:1 alice
bad '--may: one request at a time$' --may -L db:1 -R 2 alice
bad '-C: addr=x: no address$' -C addr=x alice
bad '-C: port=1: a client has ' -C port=1 alice
bad '-C: lport=0: bad port$' -C lport=0 alice
bad '-f: x: the path has to begin with /$' -f x alice
bad '--pid: x: no PID$' --pid x alice
bad '-q: only with --may$' -q alice
bad '-J and -q exclude each other$' --may -J -q login alice

# --- files of keys --------------------------------------------------------------

permit -n alice
like "no file: no login" "$out" \
    '^alice +- .* no login: no key, and no login by password$'
{
	echo "# a comment"
	echo "restrict,port-forwarding,permitopen=\"db:5432\" $(cat "$dir/one.pub")"
	echo "bogus $(cat "$dir/two.pub")"
	cat "$dir/two.pub"
	echo "restrict $(cat "$dir/two.pub")"
} | keys_of alice "$keys"
permit -nv alice
is "the lines that have keys" "$(echo "$out" | grep -c '^alice')" 4
like "what one may open, and that all may be listened on" "$out" \
    '^alice +one +db:5432 +any +'
like "  which is said" "$out" '    listen: permitopen leaves every -R open'
like "the place of the key" "$out" "    key $keys:2\$"
like "an option that sshd does not know" "$out" \
    '    login: no: unknown key option'
like "a later line of a key that is there" "$out" \
    '    an earlier line of the same key decides'
like "the account can change its own file" "$out" \
    "    writable: the account can change $keys"
permit --may -L web:80 alice
is "any of its keys will do" "$out $status" \
    "alice: yes: default 0"
permit -J --may -R 2022 alice
is "JSON: the answer" "$(echo "$out" | json .may) $status" "true 0"

# What both lists leave, where no text shows it, and no entry twice.
echo 'permitlisten="*.1:7101",permitopen="db:1"'" $(cat "$dir/one.pub")" |
    keys_of alice "$keys"
config 'PermitListen 10.9.*:7101' 'PermitOpen *:1 db:*'
permit -n alice
like "two patterns are both shown, an entry once" "$out" \
    '^alice +one +db:1 +10\.9\.\*&\*\.1:7101 '
permit --may -R 10.9.1.1:7101 alice
is "  what both contain is permitted" "$status" 0

config 'Port 22' 'PermitTunnel yes' 'Match LocalPort 22' 'PermitOpen none'
permit -C lport=22 --may -L db:1 alice
is "a port of the client's, also if it is 22" "$status" 4
permit --may -L db:1 alice
is "  without it, the first one of the settings" "$status" 0
echo "tunnel=\"3\" $(cat "$dir/one.pub")" | keys_of alice "$keys"
permit --may -w 3:4 alice
is "-w: the server's unit counts" "$out $status" \
    "alice: no: key tunnel ($keys:1) 4"
permit --may -w 3 alice
like "  and only root can make a device" "$out $status" \
    '^alice: no: permitted, but only root .* 4$'
if can "  or its owner has it" "no tun" ip tuntap add tun3 mode tun user alice
then
	mknod -m 666 /srv/tun c 10 200
	mount --bind /srv/tun /dev/net/tun
	permit --may -w 3 alice
	is "  of which it is not known, in a network of our own" "$status" 3
	mount -t sysfs sysfs /sys
	for unit in 3 any 4:3 3:any; do
		permit --may -w "$unit" alice
		is "  or its owner has it: -w $unit" "$status" 0
	done
	umount /sys /dev/net/tun
fi

# release N ARG...: about an sshd that says it is of that release.
release() {
	script="s/sshd version OpenSSH_[0-9.]*/sshd version OpenSSH_$1/"
	shift
	edited "$script" "$@"
}
echo "restrict $(cat "$dir/one.pub")" >/srv/root.keys
config 'PermitTunnel yes' 'AuthorizedKeysFile /srv/root.keys'
release 10.5 --may -w 3 root
is "restrict forbids no device" "$out $status" \
    "root: yes: PermitTunnel ($dir/config:8) 0"
release 10.5 -nv root
like "  which is said" "$out" '^    device: '
release 10.6 --may -w 3 root
is "  before OpenSSH 10.6" "$out $status" \
    "root: no: key restrict (/srv/root.keys:1) 4"
release 10.6 -nv root
unlike "  and nothing more is said then" "$out" '^    device: '
cat "$dir/one.pub" >/srv/root.keys
config 'PermitTunnel yes' 'AuthorizedKeysFile /srv/root.keys' \
    'DisableForwarding yes'
release 10.3 --may -w 3 root
is "nor does DisableForwarding" "$status" 0
release 10.4 --may -w 3 root
is "  before OpenSSH 10.4" "$out $status" \
    "root: no: DisableForwarding ($dir/config:10) 4"

# A type that this program does not know, but that is in the key itself.
echo "ssh-new AAAAB3NzaC1uZXcAAAABeA== new" | keys_of alice "$keys"
config
permit -nv alice
like "a key of an unknown type" "$out" \
    '    login: no: PubkeyAcceptedAlgorithms$'

# --- certificates ---------------------------------------------------------------

ssh-keygen -q -t ed25519 -N '' -C ca1 -f "$dir/ca1"
ssh-keygen -q -t ed25519 -N '' -C ca2 -f "$dir/ca2"
ssh-keygen -q -s "$dir/ca2" -I test -n alice "$dir/one.pub"
{
	echo "cert-authority $(cat "$dir/ca1.pub")"
	echo "cert-authority,restrict $(cat "$dir/ca2.pub")"
} | keys_of alice "$keys"
permit --cert "$dir/one-cert.pub" --may login alice
is "the line of the CA that has signed it" "$out $status" \
    "alice: yes: the key ($keys:2) 0"
permit --cert "$dir/one-cert.pub" --may -L db:1 alice
is "  and not one of another CA" "$status" 4
permit --may -L db:1 alice
like "without the certificate it is not known" "$out $status" \
    '^alice: \?: key cert-authority: .* 3$'

if can "a certificate of OpenSSH 10.6" "no such type of key" \
    ssh-keygen -q -t mldsa44-ed25519 -N '' -f "$dir/newest"; then
	ssh-keygen -q -s "$dir/ca2" -I test -n alice "$dir/newest.pub"
	permit --cert "$dir/newest-cert.pub" --may login alice
	is "a certificate of OpenSSH 10.6" "$out $status" \
	    "alice: yes: the key ($keys:2) 0"
fi

{
	echo "cert-authority,principals=\"bob\",restrict $(cat "$dir/ca2.pub")"
	echo "cert-authority,principals=\"alice\" $(cat "$dir/ca2.pub")"
} | keys_of alice "$keys"
permit --may -L db:1 alice
like "which line of a CA decides, too" "$out $status" '^alice: \?: .* 3$'
{
	echo "cert-authority $(cat "$dir/two.pub")"
	echo "restrict $(cat "$dir/two.pub")"
} | keys_of alice "$keys"
permit -nv alice
unlike "a key that is also a CA is two" "$out" 'an earlier line'
{
	echo "permitlisten=\"[::1]/7101\" $(cat "$dir/two.pub")"
	cat "$dir/two.pub"
} | keys_of alice "$keys"
permit --may login alice
case $(ssh -V 2>&1) in
OpenSSH_[1-7].* | OpenSSH_8.[0-8]*)
	like "a line that ends no session before OpenSSH 8.9" "$out $status" \
	    '^alice: yes: the key .* 0$' ;;
*)
	like "a line that ends each session decides" "$out $status" \
	    '^alice: no: sshd ends each session .* 4$' ;;
esac

# Over all keys, yes goes before what is not known, and unused lines say nothing.
{
	echo "cert-authority $(cat "$dir/ca1.pub")"
	cat "$dir/two.pub"
} | keys_of alice "$keys"
permit --may -L db:1 alice
is "a later key that may decides, whatever is not known of others" \
    "$out $status" "alice: yes: default 0"
{
	echo "restrict $(cat "$dir/two.pub")"
	cat "$dir/two.pub"
} | keys_of alice "$keys"
permit --may -L db:1 alice
is "a later line of the same key does not" "$out $status" \
    "alice: no: key restrict ($keys:1) 4"

# --- more files -----------------------------------------------------------------

# As many as there may be, and bytes that are no text.
{
	i=0
	while [ $i -lt 10000 ]; do
		i=$((i + 1))
		echo "# $i"
	done
	head -c 100000 /dev/urandom
	printf '\n\033[31mx\000y\n'
	cat "$dir/one.pub"
} | keys_of alice "$keys"
permit -n alice
is "10,000 lines, and what is no text" \
    "$(echo "$out" | grep -c '^alice +one\|^alice  one') $status" "1 0"
unlike "  nothing of it reaches the terminal" "$out$err" "$(printf '\033')"

# What only root may read is not read for a user.
cat "$dir/two.pub" >/srv/secret
chmod 600 /srv/secret
rm "$keys"
ln -s /srv/secret "$keys"
permit -n alice
like "a link to what the user may not read" "$out" \
    "no login: sshd ignores $keys: Permission denied\$"
unlike "  and its key is not shown" "$out" ' two '
rm "$keys"
keys_of bob /srv/bob/.ssh/authorized_keys <"$dir/two.pub"
ln -s /srv/bob/.ssh/authorized_keys "$keys"
permit -n alice
like "a link to another user's" "$out" \
    "no login: sshd ignores $keys: (Permission denied|StrictModes: .*)\$"
rm "$keys"
mkfifo "$keys"
permit -n alice
like "a FIFO" "$out" "no login: sshd ignores $keys: it is not a regular file\$"
rm "$keys"
keys_of alice "$keys" <"$dir/one.pub"
chmod 777 /srv/alice/.ssh
permit -n alice
like "a directory that others may write to" "$out" \
    'sshd ignores .*: StrictModes: .* /srv/alice/.ssh$'
chmod 700 /srv/alice/.ssh
config 'AuthorizedKeysCommand /bin/false' 'AuthorizedKeysCommandUser nobody'
permit alice
like "AuthorizedKeysCommand is named" "$err" \
    '^tunpermit: AuthorizedKeysCommand may give more keys: it was not run$'

like "  and may permit what no other key does" "$out" '^alice +- +\? +\? '
keys_of alice "$keys" <<-END
	restrict $(cat "$dir/one.pub")
END
permit --may -L db:1 alice
is "  which is not known" "$out $status" "alice: ?: AuthorizedKeysCommand \
may give more keys: it was not run 3"
permit -o AllowTcpForwarding=no --may -L db:1 alice
is "  unless no key may" "$status" 4
config "TrustedUserCAKeys $dir/ca1.pub"
permit --may -L db:1 alice
is "certificates of TrustedUserCAKeys: likewise" "$status" 3
permit --may login root
is "  for root, too" "$status" 3
# A certificate of such a CA, where not all that decides was read.
rm "$keys"
config 'TrustedUserCAKeys /proc/self/mem'
permit --cert "$dir/one-cert.pub" --may login alice
like "a file of CAs that cannot be read" "$out $status" \
    '^alice: \?: /proc/self/mem: .* 3$'
config 'UseDNS yes' "TrustedUserCAKeys $dir/ca2.pub" \
    'AuthorizedPrincipalsFile /srv/principals'
echo 'from="*.example" alice' >/srv/principals
permit --cert "$dir/one-cert.pub" --may login alice
like "a name that a principal asks for" "$out $status" \
    '^alice: \?: key from, .* 3$'
permit -C host=a.example --cert "$dir/one-cert.pub" --may login alice
is "  given" "$status" 0
permit -C host=a.org --cert "$dir/one-cert.pub" --may login alice
is "  another" "$status" 4
yes 'bob # and 16 MiB more' | head -c 16777216 >/srv/principals
echo alice >>/srv/principals
permit --cert "$dir/one-cert.pub" --may login alice
like "principals that were not read to the end" "$out $status" \
    '^alice: \?: AuthorizedPrincipalsFile: .* 3$'
keys_of alice "$keys" <"$dir/one.pub"
config "RevokedKeys $dir/two.pub"
permit --may -L db:1 alice
is "RevokedKeys with another key" "$out $status" "alice: yes: default 0"
ssh-keygen -q -k -f "$dir/krl" "$dir/two.pub"
permit -o "RevokedKeys=$dir/krl" --may -L db:1 alice
like "  as ssh-keygen writes it: not known" "$out $status" \
    '^alice: \?: RevokedKeys .* 3$'

cp "$dir/two.pub" "$dir/other keys"
permit -o "RevokedKeys=\"$dir/other keys\"" --may -L db:1 alice
like "  a path with a blank, of an option" "$out $status" \
    '^alice: (yes: default 0|\?: RevokedKeys .* 3)$'

# OpenSSH 10.3 and later have several files.
# revoked FILE: also the keys in that file.
revoked() {
	edited "s|evoked[Kk]eys $dir/two.pub|& $1|" --may login alice
}
revoked "$dir/host_key.pub"
is "RevokedKeys, two files: other keys" "$status" 0
revoked "$dir/one.pub"
like "  the second has the key" "$out $status" '^alice: no: RevokedKeys .* 4$'
revoked "$dir/none"
is "  there is no second" "$status" 4
revoked "$dir/krl"
is "  it is not known whether the second has it" "$status" 3
revoked "$dir/krl $dir/one.pub"
is "  but the third has" "$status" 4
config 'UseDNS yes' 'Match Host *.example' 'AllowTcpForwarding no'
permit --may -L db:1 alice
like "a name that the configuration asks for" "$err $status" \
    "^tunpermit: UseDNS is yes, .* 3\$"
permit -C host=a.example --may -L db:1 alice
is "  given" "$status" 4
config 'UseDNS yes'
{
	echo "from=\"*.example\",restrict $(cat "$dir/one.pub")"
	cat "$dir/one.pub"
} | keys_of alice "$keys"
permit --may -L db:1 alice
like "a name that a key asks for" "$out $status" '^alice: \?: key from, .* 3$'
permit -C host=a.org --may -L db:1 alice
is "  given" "$out $status" "alice: yes: default 0"
{
	echo "from=\"*.example\",restrict $(cat "$dir/one.pub")"
	cat "$dir/two.pub"
} | keys_of alice "$keys"
permit --may -L db:1 alice
is "  is of no matter for another key" "$out $status" "alice: yes: default 0"

# What we cannot read is not absent: a name that is too long for us, not for sshd.
deep=/srv/alice
while [ ${#deep} -lt 600 ]; do
	deep=$deep/a-directory-in-a-deep-tree-of-the-user
done
mkdir -p "$deep"
keys_of alice "$deep/keys" <"$dir/one.pub"
chown -R alice /srv/alice
keys_of alice "$keys" <"$dir/one.pub"
config "AuthorizedKeysFile $deep/keys"
permit --may -L db:1 alice
like "a file that could not be read" "$out $status" \
    '^alice: \?: .*/keys: cannot be read as alice: .* 3$'
config "AuthorizedKeysFile $deep/keys $keys"
permit --may -L db:1 alice
is "  may have a line that decides before those of the next file" "$status" 3
config "AuthorizedKeysFile $keys $deep/keys"
permit --may -L db:1 alice
is "  but not before those of the last one" "$status" 0
keys_of alice "$keys" <<-END
	restrict $(cat "$dir/one.pub")
END
permit --may -L db:1 alice
is "  and may have a key that is not restricted" "$status" 3
permit -J alice
is "  JSON: not complete" "$(echo "$out" | json .complete)" false

# Keys that are of no use bind nobody who has a password.
keys_of alice "$keys" <<-END
	expiry-time="20200101" $(cat "$dir/one.pub")
END
config
permit --may login alice
is "a key that is of no use" "$status" 4
sed -i 's/^PasswordAuthentication no/PasswordAuthentication yes/' "$dir/config"
permit --may login alice
is "  binds nobody who has a password" "$out $status" \
    "alice: yes: login without a key 0"
config
sed -i '/^KbdInteractive/d' "$dir/config"
printf '%s\n' 'KbdInteractiveAuthentication yes' \
    'ChallengeResponseAuthentication yes' >>"$dir/config"
permit --may login alice
is "  nobody asks for one without PAM" "$status" 4
if can "  as PAM does" "no PAM in this sshd" eval \
    "$sshd -T -f $dir/config -o UsePAM=yes | grep -q '^usepam yes'"; then
	sed -i 's/^UsePAM.*/UsePAM yes/' "$dir/config"
	permit --may login alice
	is "  as PAM does" "$out $status" \
	    "alice: yes: login without a key 0"
fi

# A key's options bind that key alone; an account without a password has no such
# login, unless PAM knows one.
echo "no-port-forwarding $(cat "$dir/one.pub")" | keys_of alice "$keys"
config
sed -i 's/^PasswordAuthentication no/PasswordAuthentication yes/' "$dir/config"
permit --may -L db:1 alice
is "a login by password is not bound by a key" "$out $status" "alice: yes: \
default, with a password, which no option of a key restricts 0"
permit -J --may -L db:1 alice
is "  JSON: how" "$(echo "$out" | json .by)" password
permit -n alice
like "  and a row of its own" "$out" '^alice +- +any +any +both +yes'
permit -o PermitOpen=none --may -L db:1 alice
is "  which the settings do bind" "$status" 4
sed -i "s|^alice:[^:]*:|alice:*:|" /etc/passwd
permit --may -L db:1 alice
is "  nor is it a way without a password" "$out $status" \
    "alice: no: key no-port-forwarding ($keys:1) 4"
if $sshd -T -f "$dir/config" -o UsePAM=yes | grep -qi '^usepam yes'; then
	printf '%s\n' '@include some-auth' 'account required pam_ldap.so' \
	    >/etc/pam.d/sshd
	printf '%s\n' '-auth [success=1 default=ignore] pam_unix.so nullok' \
	    'auth requisite pam_deny.so # pam_ldap.so' >/etc/pam.d/some-auth
	permit -o UsePAM=yes --may -L db:1 alice
	is "  nor one of PAM that asks shadow(5) alone" "$status" 4
	echo 'auth sufficient pam_ldap.so' >>/etc/pam.d/some-auth
	permit -o UsePAM=yes --may -L db:1 alice
	is "  with other modules it is not known" "$out $status" \
	    "alice: ?: whether the user has a password is not known 3"
	permit -o UsePAM=yes -o AuthenticationMethods=publickey --may -L db:1 \
	    alice
	is "  and of no account where it is not enough" "$status" 4
fi
sed -i "s|^alice:[^:]*:|alice:$hash:|" /etc/passwd
keys_of alice "$keys" <"$dir/one.pub"

# Which methods let a user in.
keys_of alice "$keys" <<-END
	restrict $(cat "$dir/one.pub")
END
config 'PasswordAuthentication yes' 'AuthenticationMethods publickey'
sed -i '/^PasswordAuthentication no/d' "$dir/config"
rm /srv/bob/.ssh/authorized_keys
permit -n alice
unlike "AuthenticationMethods publickey: a password is not enough" "$out" \
    password
permit --may login bob
is "  nor without a key" "$status" 4
sed -i 's/^\(AuthenticationMethods\).*/\1 publickey,password password/' \
    "$dir/config"
permit --may login bob
is "  a list of passwords alone" "$out $status" \
    "bob: yes: login without a key 0"
sed -i 's/^\(AuthenticationMethods\).*/\1 password/' "$dir/config"
permit -n alice
like "  and a key is not enough where none is asked for" "$out" \
    '^alice +one .* no login: AuthenticationMethods$'
config 'HostbasedAuthentication yes'
permit --may -L db:1 alice
like "who comes from a trusted host is bound by no key" "$out $status" \
    '^alice: \?: HostbasedAuthentication .* 3$'
permit -o AuthenticationMethods=publickey --may -L db:1 alice
is "  unless the key has to be there" "$status" 4

keys_of alice "$keys" <"$dir/one.pub"
config "AuthorizedKeysFile /srv/none"
cp "$dir/two.pub" /srv/two
permit -n -o AuthorizedKeysFile=/srv/two alice
like "an option beats the file" "$out" '^alice +two '
permit -o PermitOpen=db:1 --may -L db:2 alice
unlike "  and has no line in it" "$out" "$dir/config"
config
set --
while [ $# -lt 400 ]; do
	set -- "$@" -o LogLevel=INFO
done
permit "$@" -o PermitOpen=db:1 --may -L db:2 alice
is "of 201 options the last one counts, too" "$out $status" "alice: no: PermitOpen 4"

# --- ports that only root may have --------------------------------------------

low=/proc/sys/net/ipv4/ip_unprivileged_port_start
if can "a low port" "no $low" [ -w "$low" ]; then
	echo 80 >"$low"
	permit --may -R 79 alice
	like "a low port" "$out $status" '^alice: no: permitted, but only root .* 4$'
	permit --may -R 80 alice
	case $(ssh -V 2>&1) in
	OpenSSH_[1-8].* | OpenSSH_9.[0-7]*)
		is "  sshd before 9.8 has a limit of its own" "$status" 4 ;;
	*)
		is "  one that the kernel gives to all" "$status" 0 ;;
	esac
	echo 1024 >"$low"
fi

# --- a file system that never answers ------------------------------------------

# bounded ARG...: 137 is that tunpermit has waited for it.
bounded() {
	run timeout -s KILL 20 tunpermit --sshd "$sshd" -f "$dir/config" "$@"
}

hung=/srv/hung
mkdir "$hung" "$dir/bin"
cp "$top/tests/rival" "$dir/bin"
if can "a hung shell" "no /dev/fuse" eval '(: <>/dev/fuse) 2>/dev/null' &&
    start_rival root hang "$hung"; then
	sed -i "s|:/srv/alice:/bin/sh|:/srv/alice:$hung/sh|" /etc/passwd
	bounded --may login alice
	like "a hung shell" "$out $status" \
	    "^alice: \?: $hung/sh cannot be looked at: .* 3\$"
	bounded --may login bob
	unlike "  of another user" "$out $err $status" hung
	sed -i "s|:/srv/alice:$hung/sh|:/srv/alice:/bin/sh|" /etc/passwd
	bounded -o "ChrootDirectory=$hung" --may login alice
	like "a hung ChrootDirectory" "$out $status" \
	    "^alice: \?: $hung/bin/sh cannot be looked at: .* 3\$"
	bounded -o "TrustedUserCAKeys=$hung/ca" --cert "$dir/one-cert.pub" \
	    -o AuthorizedKeysFile=none --may login alice
	like "a hung file of CAs" "$out $status" "^alice: \?: $hung/ca: .* 3\$"
	end_rival
	umount -l "$hung" 2>/dev/null
fi

# --- a running one ---------------------------------------------------------------

config 'PermitOpen db:1'
"$sshd" -D -f "$dir/config" -o PermitListen=7101 -E "$dir/sshd.log" &
pid=$!
wait_for grep -q '^Server listening' "$dir/sshd.log"
run tunpermit -n alice
like "the sshd that listens is asked, with its -f and -o" "$out" \
    '^alice +one +db:1 +\*:7101 '
run tunpermit --may -R 7102 alice
like "an option has no file" "$out" '^alice: no: PermitListen'
is "  and the answer is a status" "$status" 4
unlike "  of which nothing has changed" "$err" changed
echo '# changed' >>"$dir/config"
touch -d '+1 hour' "$dir/config"
run tunpermit --may -L db:1 alice
like "a file that has changed since sshd has read it" "$out|$err|$status" \
    "^alice: yes: .*\|tunpermit: $dir/config was changed after .*\|0\$"
run tunpermit -J --may -L db:1 alice
is "  JSON: not complete" "$(echo "$out" | json .complete) $status" "false 0"
run tunpermit -f "$dir/config" --may -L db:1 alice
unlike "  which says nothing of a file that is given" "$err" changed
sed 's/7070/7071/' "$dir/config" >"$dir/config.2"
"$sshd" -D -f "$dir/config.2" -E "$dir/sshd.log.2" &
other=$!
wait_for grep -q '^Server listening' "$dir/sshd.log.2"
run tunpermit alice
like "two: which one?" "$err $status" '^tunpermit: several sshd listen here: .* 3$'
run tunpermit -n --pid "$other" alice
like "this one" "$out" '^alice +one +db:1 +any '
kill "$pid" "$other"
wait "$pid" "$other" 2>/dev/null
done_testing
