#!/bin/sh
# SPDX-License-Identifier: ISC
#
# tunps --export: what it prints starts the same tunnel again, by sh, by ssh
# and as far as systemd can be asked.

. "$(dirname "$0")/sshd.sh"

sshd_start || skip_all "$sshd_why"
t=tun$$

# shows COLUMNS HOST: one line a forward.
shows() {
	tunps -a -n -r -o "$1" "$2" 2>"$dir/err" | sort
}

# words_of HOST: its command line, one word a line.
words_of() {
	tr '\0' '\n' <"/proc/$(tunps -t "$1")/cmdline"
}

end_it() {
	pid=$(tunps -a -t "$1")
	kill "$pid"
	wait_for gone "$pid"
}

# By sh: relative names, blanks, quotes and a label.
mkdir "$dir/a dir"
cp "$dir/config" "$dir/a dir/it's a config"
p=$(free_port) d=$(free_port)
(cd "$dir/a dir" && TUN_LABEL="my \$label" ssh -F "it's a config" -fN \
    -L "$p:$target" -D "$d" -L "./it's.sock:$target" \
    -o 'SetEnv="X=a  b"' "$t-sh")
before=$(shows id,label,cwd,target "$t-sh")
words=$(words_of "$t-sh")
tunps --export=sh "$t-sh" >"$dir/sh" 2>"$dir/err"
end_it "$t-sh"
rm -f "$dir/a dir/it's.sock"
sh "$dir/sh"
like "a tunnel to export" "$before" "^L$p "
is "sh: the same tunnel" "$(shows id,label,cwd,target "$t-sh")" "$before"
is "  of the same words" "$(words_of "$t-sh")" "$words"
is "  in one command" "$(grep -vc '^#' "$dir/sh")" 1
end_it "$t-sh"

# By ssh, which has keywords for -f and -N from 8.7 on.
by_ssh() {
	p=$(free_port) d=$(free_port) r=$(free_port)
	ssh -F "$dir/config" -fN -L "$p:$target" -L "$dir/c.sock:$target" -D "$d" \
	    -R "$r:$target" -o ServerAliveInterval=15 "$t-conf"
	before=$(shows kind,listen,target "$t-conf" | sed "s/$t-conf://")
	tunps --export=config "$t-conf" >"$dir/host" 2>"$dir/err"
	end_it "$t-conf"
	rm -f "$dir/c.sock"
	name=$(sed -n 's/^Host //p' "$dir/host")
	cat "$dir/host" >"$dir/new"
	sed '1,2d' "$dir/config" >>"$dir/new"
	ssh -F "$dir/new" -p "$sshd_port" -o HostName=127.0.0.1 "$name"
	is "config: the same forwards" \
	    "$(tunps -anr --config -o kind,listen,target "$name" 2>"$dir/err" |
	    sed "s/$name://" | sort)" "$before"
	is "  and ssh -G reads its options" \
	    "$(ssh -G -F "$dir/host" "$name" 2>/dev/null |
	    grep -c '^serveraliveinterval 15$')" 1
	end_it "$name"
}
if has_keyword SessionType=none; then
	by_ssh
else
	skip "config" "this ssh has no SessionType: $(ssh -V 2>&1)"
fi

# What ssh_config had goes into the block with --config.
p=$(free_port)
printf '%s\n' "Host $t-had" "    LocalForward $p $target" >"$dir/had"
cat "$dir/config" >>"$dir/had"
ssh -F "$dir/had" -fN "$t-had"
like "a forward of ssh_config is a remark without --config" \
    "$(tunps --export=config "$t-had" 2>"$dir/err")" "^# it also listens for L$p"
like "  and a line with it" \
    "$(tunps --export=config --config "$t-had" 2>"$dir/err")" \
    "^    LocalForward $p $target\$"

# hostile_units: what systemd thinks of units with such words in them, as
# \ooo; of one that is broken it has to think badly.
# shellcheck disable=SC2016 # dollars are words here
hostile_units() {
	# Before 250 systemd has no name for what would be mounted at a longer
	# one.
	long=250
	[ "$(systemd-analyze --version | awk '{ print int($2); exit }')" \
	    -ge 250 ] || long=240
	{
		echo 'libfind-table 1'
		echo 'system caps=0x7ff now=1700000000000000 uid=1000'
		n=8000
		for word in "it's" 'a\040b' 'say\040\042hi\042' '50%' '%n%%' '$HOME' \
		    '${HOME}' '$$' 'back\134slash' '\134' 'tab\011x' 'new\012line' \
		    '\012[Service]\012ExecStart=/bin/false' '\033[31m' '\177' \
		    '\303\251t\303\251' '#x' ';' '|' '""' "''" '@+-:!x' '-' \
		    "$(printf "%0${long}d" 0)"; do
			n=$((n + 1))
			cat <<-EOT
			proc pid=$n via=exe name=ssh ppid=1 pgid=$n sid=$n uid=1000 ruid=1000 ident=$n start=1699726400000000 masks=1 sigcgt=0x8014007 state=S comm=ssh
			args ssh -fN -L $n:localhost:80 -o SetEnv=$word -i $word h -- $word end
			env TUN_LABEL=$word
			exe /usr/bin/ssh
			cwd /tmp/$word
			origin reparented=1 reaper=1 netns=1
			fds limit=1024
			EOT
		done
		echo socks
	} >"$dir/table"
	mkdir "$dir/units"
	tunps --table "$dir/table" --export=systemd 2>"$dir/err" |
	    awk -v dir="$dir/units" '
		/^# process / { file = dir "/" $3 + 0 ".service" }
		{ print >file }'
	is "  of hostile words: as many units" \
	    "$(find "$dir/units" -type f | wc -l)" "$((n - 8000))"
	run systemd-analyze verify --man=no "$dir"/units/*.service
	is "  nothing against them" \
	    "$(printf '%s\n' "$err" | grep -F '.service' | head)" ""
	is "  not one word lost" \
	    "$(cat "$dir"/units/*.service | grep -c '^ExecStart=.* h -- ..* end$')" \
	    "$((n - 8000))"
	sed 's/^ExecStart=/&"/' "$dir/units/8001.service" >"$dir/units/bad.service"
	run systemd-analyze verify --man=no "$dir/units/bad.service"
	like "  but against a broken one" "$err" 'bad\.service'
}

# By systemd.  A word that ssh ignores, since it may expand % and $ in others.
p=$(free_port)
(cd "$dir/a dir" && ssh -F "$dir/config" -fN -L "$p:$target" \
    -o IgnoreUnknown=TestWord -o 'TestWord=50%$y' "$t-unit")
tunps --export=systemd "$t-unit" >"$dir/tun.service" 2>"$dir/err"
like "systemd: its directory" "$(cat "$dir/tun.service")" \
    "^WorkingDirectory=$dir/a dir\$"
# shellcheck disable=SC2016
like "  % and \$ mean nothing" "$(cat "$dir/tun.service")" \
    '"TestWord=50%%\$\$y"'
unlike "  it stays in front" "$(cat "$dir/tun.service")" " -f"
if has "systemd-analyze verify" systemd-analyze; then
	run systemd-analyze verify --man=no "$dir/tun.service"
	case $err in
	*"ailed to"*initialize*|*"ailed to"*manager*|*"ailed to connect"*)
		skip "systemd-analyze verify" "it cannot run here" ;;
	*)
		is "systemd-analyze verify" \
		    "$(printf '%s\n' "$err" | grep -F "tun.service")" ""
		hostile_units
		;;
	esac
fi

# What cannot be known is a comment.
ssh -F "$dir/config" -o ControlMaster=auto -o "ControlPath=$dir/cm" \
    -o ControlPersist=60 -L "$(free_port):$target" "$t-mux" true \
    2>/dev/null </dev/null >/dev/null
for format in sh config systemd; do
	tunps --export=$format "$dir/cm" >"$dir/mux" 2>/dev/null
	is "a lost command line is a comment: $format" \
	    "$(grep -vc '^#' "$dir/mux"), $(grep -c 'is lost' "$dir/mux")" \
	    "0, 1"
done

exits "an unknown format" 2 tunps --export=csv
exits "  with another output" 2 tunps --export=sh -J
exits "  and nothing to export" 1 tunps --export=sh "$t-none"

done_testing
