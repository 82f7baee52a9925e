#!/bin/sh
# SPDX-License-Identifier: ISC
#
# docs/cookbook.md says what the tools say.  tests/cookbook.sh runs its commands
# again; here each section is compared.

# shellcheck source=tests/tools/lib.sh
. "$(dirname "$0")/../tools/lib.sh"

has_live || skip_all 'no live system in this build'
book=$top/docs/cookbook.md
sh "$top/tests/cookbook.sh" "$book" >"$dir/now" 2>"$dir/err"
status=$?
[ $status -ne 3 ] || skip_all "$(sed 's/^cookbook: //; q' "$dir/err")"
is "all commands were run" "$status $(cat "$dir/err")" "0 "

# normal <TEXT: without what differs from run to run: PIDs and ports of clients,
# which have five digits, ages, keys, and the widths of columns.  An older ssh
# in the background still says what ends it.
normal() {
	sed -E -e '/^Connection to [^ ]* closed by remote host\..?$/d' \
	    -e 's/AAAA[A-Za-z0-9+/]+=*/KEY/g' -e 's/[0-9]{5,}/N/g' \
	    -e 's/(^|[^A-Za-z0-9])[0-9]+[smhd]($|[^A-Za-z0-9])/\1AGE\2/g' \
	    -e 's/ +/ /g'
}

# section TITLE FILE
section() {
	awk -v title="## $1" '/^## / { on = $0 == title } on' "$2"
}

normal <"$book" >"$dir/book"
normal <"$dir/now" >"$dir/normal"
grep '^## ' "$dir/book" | sed 's/## //' >"$dir/titles"
while IFS= read -r title; do
	section "$title" "$dir/book" >"$dir/want"
	section "$title" "$dir/normal" >"$dir/got"
	is "$title" "$(diff "$dir/want" "$dir/got")" ""
done <"$dir/titles"
done_testing
