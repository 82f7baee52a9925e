#!/bin/sh
# SPDX-License-Identifier: ISC
# After 'make install' fish finds the completions, whatever XDG_DATA_DIRS is.
# shellcheck disable=SC2016

. "$(dirname "$0")/lib.sh"

require fish
[ "$(sed -n 's/^PREFIX = //p' "$top/config.mk")" = /usr/local ] ||
	skip_all "built for another prefix"

make -s -C "$top" install DESTDIR="$dir/root" >"$dir/log" 2>&1
is "make install" "$?" 0 || note "$(cat "$dir/log")"
file=$(cd "$dir/root" && find . -name tunps.fish)
fish_dir=${file%/tunps.fish}
fish_dir=${fish_dir#.}
like "fish looks where that has put them" "$(env -u XDG_DATA_DIRS HOME="$dir" \
    fish -c 'printf "%s\n" $fish_complete_path')" "^$fish_dir\$"
if can "fish completes" "no mounts of one's own" unshare -m true; then
	run env -u XDG_DATA_DIRS HOME="$dir" unshare -m sh -c \
	    'mount --bind "$1$2" "$2" && fish -c "complete -C \"tunps --wat\""' \
	    sh "$dir/root" "$fish_dir"
	like "fish completes" "$out$err" '^--watch'
fi

done_testing
