#!/bin/sh
# SPDX-License-Identifier: ISC
#
# Labels: the three ways to give one, what they are good for, who sees them,
# and that a lost one is said to be lost.

. "$(dirname "$0")/sshd.sh"

sshd_start || skip_all "$sshd_why"
t=tun$$

# label HOST: as tunps shows it, with the errors of that.
label() {
	tunps -a -n -r -o label "$@" 2>&1
}

# named ID NAME LABEL GIVEN: that label selects it, is completed, and goes on in
# the way it was given.
named() {
	is "$2: shown" "$(label "$1")" "$(printf '%s' "$3" | sed 's/ /\\040/g')"
	is "$2: in JSON" "$(tunps -J "$1" | json '.tunnels[0].label')" "$3"
	is "$2: selects" "$(tunps -nro id "@$3")" "$1"
	like "$2: for tunkill, too" "$(tunkill -n "@$3")" "^$1: end ssh"
	like "$2: completed" "$(tunps --complete "@$3")" "^@$3	.*via "
	like "$2: exported" "$(tunps --export=sh "$1")" \
	    "[ '\"]$4['\"]?$3['\"]? "
}

p=$(free_port)
TUN_LABEL=one$t ssh -F "$dir/config" -fN -L "$p:$target" "$t-env"
named "L$p" "TUN_LABEL" "one$t" TUN_LABEL=

p=$(free_port)
ssh -F "$dir/config" -o IgnoreUnknown=TunLabel -o "TunLabel=two$t" -fN \
    -L "$p:$target" "$t-words"
named "L$p" "IgnoreUnknown" "two$t" TunLabel=
words=L$p

# The words are nearer than what a shell may have exported.
p=$(free_port)
TUN_LABEL=outer ssh -F "$dir/config" -o IgnoreUnknown=TunLabel \
    -o TunLabel=inner -fN -L "$p:$target" "$t-both"
is "of two that of the words" "$(label "$t-both")" inner

if has_keyword Tag=x; then
	p=$(free_port)
	ssh -F "$dir/config" -P "three$t" -fN -L "$p:$target" "$t-tag"
	named "L$p" "-P" "three$t" "-P "
	{ printf '%s\n' "Host $t-conf" "    Tag four$t"; cat "$dir/config"; } \
	    >"$dir/tagged"
	ssh -F "$dir/tagged" -fN -L "$(free_port):$target" "$t-conf"
	is "Tag of ssh_config: with --config" "$(label --config "$t-conf")" \
	    "four$t"
	is "  only" "$(label "$t-conf")" -
else
	skip "ssh's Tag" "this ssh has none: $(ssh -V 2>&1)"
fi

p=$(free_port)
ssh -F "$dir/config" -fN -M -S "$dir/kept" -L "$p:$target" "$t-none"
is "none" "$(label "$t-none")" -
unlike "  is not worth a line" "$(tunps -v "$t-none")" label
p=$(free_port)
TUN_LABEL=kept$t ssh -F "$dir/config" -fN -M -S "$dir/kept2" \
    -o ControlPersist=60 -L "$p:$target" "$t-kept"
is "a master that -f made keeps it" "$(label "@kept$t")" "kept$t"

# A master that ControlPersist made writes its title over both.
for how in env words; do
	case $how in
	env)	export TUN_LABEL="lost$t" ;;
	words)	unset TUN_LABEL
		set -- -o IgnoreUnknown=TunLabel -o "TunLabel=lost$t" ;;
	esac
	ssh -F "$dir/config" -M -S "$dir/$how" -o ControlPersist=60 "$@" \
	    -L "$(free_port):$target" "$t-$how" true >/dev/null 2>&1 </dev/null
	unset TUN_LABEL
	is "[mux], $how: not known" "$(label "$dir/$how")" "?"
	like "  -v says so" "$(tunps -v "$dir/$how")" \
	    "^    label not known because its command line was overwritten\$"
	run tunps "@lost$t"
	is "  nothing is found, which need not be true" "$status $err" \
	    "1 tunps: some labels cannot be read: tunps -v says whose"
	run tunkill "@lost$t"
	like "  nor is it by tunkill" "$status $err" \
	    "tunkill: some labels cannot be read: tunps -v says whose"
	kill "$(tunps -t "$dir/$how")"
done

# Others see words, and no environment.
if can_be_nobody "another's"; then
	mkdir "$dir/bin"
	cp "$top/tools/tunps" "$dir/bin"
	chmod 755 "$dir" "$dir/bin"
	nobody_sees() {
		as nobody "$dir/bin/tunps" -a -e -n "$@" 2>/dev/null
	}
	is "another's: in its words" "$(nobody_sees -r -o label "$t-words")" \
	    "two$t"
	is "  selects for them, too" "$(nobody_sees -r -o id "@two$t")" "$words"
	is "  in its environment" "$(nobody_sees -r -o label "$t-env")" "?"
	like "  which -v says" "$(nobody_sees -v "$t-env")" \
	    "label not known because its environment may not be read"
fi

done_testing
