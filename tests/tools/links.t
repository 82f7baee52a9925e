#!/bin/sh
# SPDX-License-Identifier: ISC
#
# What the linker made: hardened tools and library, none of which is linked
# with what it does not use.

. "$(dirname "$0")/lib.sh"

require readelf
! sanitized "$top/libfind.a" || skip_all "sanitizers bring their own checks"
readelf -h "$top/tools/tunps" >/dev/null 2>&1 || skip_all "not ELF"
! grep -q '^CFLAGS = .*-O0' "$top/config.mk" ||
	skip_all "buffers are checked in optimized code only"

cd "$top" || exit 1
tools=$(all_tools | sed 's|^|tools/|')
for file in $tools libfind.so.1; do
	is "$file: hardened" "$(unhardened "$file")" ""
	run ldd -u "$file"
	is "  and needs each of its libraries" \
	    "$(printf '%s\n' "$out" | sed -n 's/^[[:space:]]*\(\/.*\)/\1/p')" ""
done

# uses TOOL WORD: do functions of that name end up in the tool?
uses() {
	nm "tools/$1" | grep -qi " t .*$2"
}

ok "tunps has metrics" uses tunps metrics
for tool in tunadd tuncheck tunkill tunrun; do
	ok "$tool has none" eval "! uses $tool metrics"
done
unlike "tunadd writes no JSON" "$(readelf -d tools/tunadd)" jansson

done_testing
