#!/bin/sh
# SPDX-License-Identifier: ISC
#
# tunpermit --may against what a real sshd does.  Each row of permit.tsv is a
# configuration, the options of a key (LINES: whole lines, with " ;; " between
# them and names of keys as in write_keys), a request, and whether sshd 9.2 and sshd
# 10.0 have allowed it, and at the end, where it is another answer, sshd before
# 8.9; the sshd of this machine is tried as well.  Users, addresses and files are
# those that the rows name.

# shellcheck source=tests/live/apart.sh
. "$(dirname "$0")/apart.sh"
# shellcheck source=tests/tools/lib.sh
. "$(dirname "$0")/../tools/lib.sh"
has_live || skip_all 'no live system in this build'
sshd=$(command -v sshd) || skip_all 'no sshd'

rows=${PERMIT_ROWS:-$top/tests/fixtures/permit.tsv}
tab=$(printf '\t')

for address in 10.9.9.1/32 10.9.9.2/32; do
	ip addr add "$address" dev lo
done
mkdir -p /run/sshd
users alice bob gone stray typist
sed -i -e 's|^\(root:\([^:]*:\)\{4\}\)[^:]*|\1/srv/root|' -e "s|^\(alice:.*\)::/:/bin/sh|\1::/srv/home/alice:/bin/sh|" \
    -e "s|^\(bob:.*\)::/:/bin/sh|\1::/srv/home/bob:/usr/sbin/nologin|" \
    /etc/passwd
printf '%s\n' tun:x:61100:alice gone:x:61003: >>/etc/group
echo 'gone:*:19000:::::19001:' >>/etc/shadow
# shellcheck disable=SC2016 # a hash
echo "typist:$(perl -e 'print crypt("sesame", "\$6\$salt\$")'):19000::::::" \
    >>/etc/shadow
printf '#!/bin/sh\necho sesame\n' >"$dir/askpass"
chmod 755 "$dir/askpass"
printf '%s\n' '127.0.0.1 localhost db.test' '::1 localhost' >/etc/hosts
mount -t tmpfs -o mode=755 tmpfs /srv || skip_all "no /srv of its own"
for user in alice bob; do
	mkdir -p "/srv/home/$user"
	chown "$user" "/srv/home/$user"
done
mkdir -p /srv/ak /srv/chroot /srv/glob /srv/principals /srv/root /srv/s
echo ops >/srv/glob/alice.1
chmod 1777 /srv/s
ssh-keygen -q -t ed25519 -N '' -f "$dir/host_key"
ssh-keygen -q -t ed25519 -N '' -C test -f "$dir/key"
ssh-keygen -q -t rsa -b 2048 -N '' -f "$dir/rsa"
ssh-keygen -q -t ed25519 -N '' -f "$dir/ca"
cp "$dir/key.pub" /srv/none.pub
cp "$dir/key.pub" /srv/root/.tk
cp "$dir/host_key.pub" /srv/host.pub
cat "$dir/key.pub" "$dir/ca.pub" >/srv/ca.pub

export SSH_ASKPASS="$dir/askpass" SSH_ASKPASS_REQUIRE=force DISPLAY=none

new_sshd='' oldest_sshd=''
case $(ssh -V 2>&1) in
OpenSSH_[1-9][0-9]*) new_sshd=yes ;;
OpenSSH_[1-7].* | OpenSSH_8.[0-8]*) oldest_sshd=yes ;;
esac

# What connections lead to: an sshd with its banner, and a socket in s.
cat >"$dir/target" <<-END
	HostKey $dir/host_key
	Port 7001
	Port 7002
END
"$sshd" -D -f "$dir/target" -E "$dir/target.log" &
as_job alice "$top/tests/peer" deaf /srv/s/echo.sock 0 >"$dir/peer.log"
wait_for test -S /srv/s/echo.sock
wait_for grep -q 'port 7002' "$dir/target.log"

# serve: an sshd of the configuration, which goes on if it has that already.
served=
serve() {
	if [ "$config" = "$served" ]; then
		: >"$dir/sshd.log"
		return
	fi
	[ -z "$served" ] || end_server
	served=$config
	: >"$dir/sshd.log"
	"$sshd" -D -f "$dir/config" -o "ListenAddress 0.0.0.0:2200" \
	    -E "$dir/sshd.log" &
	server=$!
	wait_for started
	listens=''
	! grep -q '^Server listening' "$dir/sshd.log" || listens=yes
}

end_server() {
	kill "$server" 2>/dev/null
	wait "$server" 2>/dev/null
}

started() {
	grep -q '^Server listening' "$dir/sshd.log" ||
	    ! kill -0 "$server" 2>/dev/null
}

# try REQUEST WHAT USER ADDRESS: a real sshd and a real client; 0 it is allowed,
# 4 it is not, 3 sshd does not start.
try() {
	serve
	if [ -z "$listens" ]; then
		real=3
	elif attempt "$@"; then
		real=0
	else
		real=4
	fi
	sessions=$(pgrep -P "$server")
	wait_for no_session
}

# No session of the last row has its port still.
no_session() {
	for pid in $sessions; do
		! kill -0 "$pid" 2>/dev/null || return
	done
}

# become_client WORDS...: what follows the destination is in $command.
become_client() {
	# shellcheck disable=SC2086
	exec timeout 60 ssh -F /dev/null -p 2200 -i "$identity" -b "$address" \
	    $by -o StrictHostKeyChecking=no -o LogLevel=DEBUG2 \
	    -o UserKnownHostsFile=/dev/null -o IdentitiesOnly=yes \
	    -o ExitOnForwardFailure=yes ${certificate:+-o \
	    CertificateFile="$certificate"} "$@" "$user@$address" $command \
	    2>"$dir/client.log" </dev/null
}

client() {
	(become_client "$@")
}

# client_until REGEX WORDS...: in the background, until its log has that.
client_until() {
	regex=$1
	shift
	rm -f "$dir/client.log"
	become_client -N "$@" >/dev/null &
	job=$!
	wait_for said "$regex"
	grep -Eq "$regex" "$dir/client.log"
	found=$?
}

said() {
	grep -Eqs "$1" "$dir/client.log" || ! kill -0 "$job" 2>/dev/null
}

end_client() {
	kill "$job" 2>/dev/null
	wait "$job" 2>/dev/null
	return "$found"
}

attempt() {
	request=$1 what=$2 user=$3 address=$4 command=
	rm -f "$dir/l.sock" /srv/s/r.sock
	case $request$what in
	-L/*)
		client_until 'Entering interactive' -L "$dir/l.sock:$what"
		wait_for test -S "$dir/l.sock" || return
		nc -U -w 1 "$dir/l.sock" </dev/null >/dev/null 2>&1
		wait_for said 'open confirm|open failed'
		grep -q 'open confirm' "$dir/client.log"
		found=$?
		end_client ;;
	-[LD]*)
		client -W "$what" | grep -q '^SSH-' ;;
	-R*)
		case $what in
		/*) to=/srv/s/echo.sock ;;
		*) to=localhost:7001 ;;
		esac
		client_until 'remote forward success' -R "$what:$to"
		end_client ;;
	-w*)
		client_until 'open confirm|open failed' -w "$what"
		grep -q 'open confirm' "$dir/client.log"
		found=$?
		end_client ;;
	login*)
		command=true
		client >/dev/null
		grep -q 'Exit status [0-9]' "$dir/client.log" ;;
	shell*)
		command='echo got'
		[ "$(client)" = got ] ;;
	pty*)
		command='echo got'
		client -tt | grep -q got &&
		    ! grep -q 'request failed' "$dir/client.log" ;;
	esac
}

# write_config TEXT: its lines are separated by " ; ".
write_config() {
	{
		[ "$1" = - ] || printf '%s\n' "$1" |
		    sed -n 's/ ; /\n/g; s/Match .*//; p' | grep . || true
		cat <<-END
		HostKey $dir/host_key
		KexAlgorithms curve25519-sha256
		AuthorizedKeysFile /srv/ak/%u
		PasswordAuthentication no
		KbdInteractiveAuthentication no
		UsePAM no
		LogLevel VERBOSE
		PidFile none
		END
		[ -z "$new_sshd" ] || echo "PerSourcePenalties no"
		[ "$1" = - ] || printf '%s\n' "$1" | sed 's/ ; /\n/g' |
		    sed -n '/^Match/,$p'
	} >"$dir/config"
}

# certify WORDS...: makes the client's certificate.
certify() {
	ssh-keygen -q -s "$dir/ca" -I test -n alice -V always:forever "$@" \
	    "$dir/key.pub"
	certificate=$dir/key-cert.pub
}

# blob FILE: the key without its type.
blob() {
	cut -d ' ' -f 2 "$1"
}

# write_keys OPTIONS USER
write_keys() {
	certificate='' extra=${1#*(} options=${1#*)} identity=$dir/key
	rm -f "/srv/principals/$2" "$dir/key-cert.pub"
	case $1 in
	CERT*)
		# shellcheck disable=SC2086
		certify ${extra%%)*}
		printf '%s %s\n' "${options# }" "$(cat "$dir/ca.pub")" ;;
	TRUST*)
		# shellcheck disable=SC2086
		certify ${extra%%)*}
		printf '# the principals\n\n%s \n' "${options# }" \
		    >"/srv/principals/$2" ;;
	LINES*)
		case $1 in
		*@RSA*) identity=$dir/rsa ;;
		esac
		printf '%b\n' "${1#LINES }" | sed "s| ;; |\n|g
		    s|@KEY|ssh-ed25519 $(blob "$dir/key.pub")|g
		    s|@CA|ssh-ed25519 $(blob "$dir/ca.pub")|g
		    s|@CUT|ssh-ed25519 $(blob "$dir/key.pub" | cut -c 1-48)|g
		    s|@ED25519|$(blob "$dir/key.pub")|g
		    s|@RSA|$(blob "$dir/rsa.pub")|g" ;;
	-)	cat "$dir/key.pub" ;;
	*)	printf '%s %s\n' "$1" "$(cat "$dir/key.pub")" ;;
	esac >"/srv/ak/$2"
}

# read_request TEXT: the request of a row, with user=U, addr=A and by=password
# behind it.
read_request() {
	set -f
	# shellcheck disable=SC2086
	set -- $1
	set +f
	request=$1 what=${2:-} user=alice address=127.0.0.1 by='-o BatchMode=yes'
	for word; do
		case $word in
		by=password)
			by='-o PubkeyAuthentication=no
			    -o NumberOfPasswordPrompts=1' ;;
		user=*) user=${word#user=} ;;
		addr=*) address=${word#addr=} ;;
		esac
	done
}

# ask: what tunpermit says of the row.
ask() {
	host=
	case $config in
	*UseDNS\ yes*) host=,host=localhost ;;
	esac
	case $request in
	-[LRwD]) set -- "$request" "$what" ;;
	*)	set -- "$request" ;;
	esac
	run tunpermit --sshd "$sshd" -f "$dir/config" -C "addr=$address$host" \
	    --may ${certificate:+--cert "$certificate"} "$@" "$user"
}

number=1
while IFS=$tab read -r config options_ wanted old new rule _ _ oldest; do
	[ "$config" != config ] || continue
	number=$((number + 1))
	want=${new_sshd:+$new}${oldest_sshd:+$oldest}
	case ${want:-$old} in
	yes) want=0 ;;
	no) want=4 ;;
	*) want=3 ;;
	esac
	write_config "$config"
	read_request "$wanted"
	write_keys "$options_" "$user"
	ask
	try "$request" "$what" "$user" "$address"
	is "row $number: $wanted | $config | $options_" "$status $real" \
	    "$want $want" || note "$out $err; decides: $rule; \
$(tail -n 3 "$dir/sshd.log")"
done <"$rows"
end_server
done_testing
