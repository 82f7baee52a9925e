#!/bin/sh
# SPDX-License-Identifier: ISC
#
# Specs and command lines made up at random: does the installed ssh read them
# as we do?  Only "ssh -G -F none" is run.  GRAMMAR_SEED repeats a run.

. "$(dirname "$0")/../tools/lib.sh"

command -v ssh >/dev/null || skip_all 'no ssh'
command -v gspec >/dev/null || skip_all 'tests/gspec is not built'
ssh -G -F none h >/dev/null 2>&1 || skip_all 'ssh has no -G, older than 6.8'

seed=${GRAMMAR_SEED:-$(date +%s)$$}
note "$(ssh -V 2>&1), seed $seed"
ok 'forward specs mean what ssh takes them for' gspec specs "$seed" 1200
# Older ones split the values of keywords in another way, and know fewer.
if ssh -G -F none -o ForkAfterAuthentication=no h >/dev/null 2>&1; then
	ok 'and so do whole command lines' gspec lines "$seed" 200
else
	skip 'and so do whole command lines' 'ssh is older than 8.7'
fi
done_testing
