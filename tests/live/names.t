#!/bin/sh
# SPDX-License-Identifier: ISC
#
# An ssh by another name: --ssh-name of all tools.

. "$(dirname "$0")/end.sh"

t=tun$$
mkdir "$dir/bin"
cp "$(command -v ssh)" "$dir/bin/hpnssh"
cp "$(command -v ssh)" "$dir/bin/ssh.real"
PATH=$dir/bin:$PATH
# Those that are not called ssh are not found at the end.
end_others() {
	tunkill -aq --whole --sessions --ssh-name hpnssh --ssh-name ssh.real \
	    "$t-hpn" "$t-real" "$t-run" "$dir/cm"
}
at_exit end_others

a=$(free_port) b=$(free_port)
hpnssh -F "$dir/config" -fN -L "$a:$target" "$t-hpn"
ssh.real -F "$dir/config" -fN -L "$b:$target" "$t-real"
is "unknown names are no ssh" "$(tunps -nro id "$t-hpn" "$t-real" 2>&1)" ""
run tunps "$a"
like "  as far as is known" "$err" \
    "$a is held by hpnssh .*, no tunnel unless it is an ssh .*--ssh-name"
is "one name" "$(tunps -nro id --ssh-name hpnssh "$t-hpn" "$t-real")" "L$a"
is "two names" "$(tunps -t --ssh-name ssh.real --ssh-name hpnssh "$t-hpn" \
    "$t-real" | wc -l | tr -d ' ')" 2
like "tuncheck knows it" "$(tuncheck --ssh-name=hpnssh "$t-hpn")" "^L$a: "
exits "  by its name only" 1 tuncheck "$t-hpn"

# Its title begins with its own name.
p=$(free_port) q=$(free_port)
hpnssh -F "$dir/config" -M -S "$dir/cm" -o ControlPersist=60 -L "$p:$target" \
    "$t-master" true </dev/null
run tunadd --ssh-name hpnssh "L$p" -L "$q:$target"
is "tunadd finds the master" "$status, $out, $err" "0, L$q, "
is "which is one" "$(tunps -nro master,ctlpath --ssh-name hpnssh "L$p")" \
    "yes $dir/cm"

# The word in the command and the process that is left.
p=$(free_port)
run tunrun --ssh-name ssh.real -v ssh.real -F "$dir/config" -fN \
    -L "$p:$target" "$t-run" </dev/null
is "tunrun knows which word is the ssh" "$status, $out, $err" \
    "0, $(tunps -t --ssh-name ssh.real "L$p")
L$p, "
p=$(free_port)
run tunrun --ssh-name=ssh.real -F "$dir/config" -fN -L "$p:$target" "$t-own" \
    </dev/null
is "  and takes an ssh that has no such name" "$status, $err" "0, "

# An ssh that the dynamic loader was told to run.
loader=$(sed -n 's|.* \(/.*/ld[^/ ]*\.so[^/ ]*\)$|\1|p' /proc/self/maps |
    head -n 1)
if [ -x "$loader" ]; then
	p=$(free_port)
	"$loader" "$(command -v ssh)" -F "$dir/config" -fN -L "$p:$target" \
	    "$t-loaded"
	remember "$(tunps -t --ssh-name "${loader##*/}" "$p")"
	is "an ssh in the loader" "$(tunps -nro id,via \
	    --ssh-name "${loader##*/}" "$p")" "L$p $t-loaded"
else
	skip "an ssh in the loader" "no loader is seen"
fi

exits "tunkill ends it" 0 tunkill --ssh-name other --ssh-name hpnssh "L$a"
ok "  it listens no more" silent "$a"
ok "  the other one does" listens "$b"

done_testing
