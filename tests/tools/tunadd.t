#!/bin/sh
# SPDX-License-Identifier: ISC
# tunadd: options and exit codes.

. "$(dirname "$0")/lib.sh"

usage_of tunadd

bad "nothing to add"
bad "nothing to add" L8008
bad "nothing to add" -S "$dir/s"
bad "to which tunnel" -L 80:h:80
bad "-Z: no such option" -Z
bad "--dry: no such option|--dru-run: no such option; did you mean" --dru-run
bad "--dry-run=x: takes no value" --dry-run=x
bad "-L: needs a value" -S "$dir/s" -L
bad "-S: empty path" -S "" -L 80:h:80
bad "L8008: -S has named" -S "$dir/s" -L 80:h:80 L8008
bad "b: one tunnel at a time" -L 80:h:80 a b
bad '"": empty selector' -L 80:h:80 ""
bad "-t: x is not" -t x -L 80:h:80 a
bad "-t: 0 is too short" -t 0 -L 80:h:80 a
bad "-L : " -L "" a
bad "-L 0:h:80: bad listen port" -L 0:h:80 a
bad "-D 0: bad listen port" -D 0 a
bad "-L 80: " -L 80 a
bad "-L 80:h:x: " -L 80:h:x a
bad "-L 99999:h:1: " -L 99999:h:1 a
bad "-R x:h:1: " -R x:h:1 a
bad "-D h:x: " -D h:x a

exits "help" 0 tunadd --help
like "help says usage" "$out" "^usage: tunadd "
run tunadd -V
like "version" "$out" "^tunadd [0-9]"

rest_needs_live
run tunadd -L 80:h:80 no-such-tunnel
is "no such tunnel" "$status, $out, $err" \
    "1, , tunadd: no-such-tunnel: no such tunnel"
run tunadd -S "$dir/none" -L 80:h:80
is "no such path" "$status, $out, $err" \
    "1, , tunadd: $dir/none: no master: no such path"
: >"$dir/file"
run tunadd -S "$dir/file" -L 80:h:80
is "a file" "$status, $out, $err" \
    "3, , tunadd: $dir/file: unsafe: not a socket"

done_testing
