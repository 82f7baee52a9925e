#!/bin/sh
# SPDX-License-Identifier: ISC
#
# fuzz.sh X.fuzz ...: let libFuzzer work on each harness for FUZZ_SECONDS,
# starting from its corpus.  New inputs stay in .build/fuzz/found/X; copy the
# one that broke something to the corpus.  Without clang's fuzzer the corpora
# are only replayed, with the sanitizers.

set -u
cd "$(dirname "$0")/.." || exit 1
: "${MAKE:=make}" "${FUZZ_SECONDS:=10}" "${CLANG:=clang}"

tree=.build/fuzz
sh tests/tree.sh $tree || exit 1
cd $tree || exit 1

cat >try.c <<-END
	#include <stddef.h>
	int LLVMFuzzerTestOneInput(const unsigned char *p, size_t n);
	int LLVMFuzzerTestOneInput(const unsigned char *p, size_t n)
	{ return p == NULL && n == 0; }
END
if "$CLANG" -fsanitize=fuzzer,address,undefined -o try try.c 2>/dev/null; then
	./configure CC="$CLANG" \
	    CFLAGS='-O1 -g -fsanitize=fuzzer-no-link,address,undefined' &&
	    "$MAKE" SERIAL=.PHONY FUZZ_MAIN= FUZZ_LDFLAGS=-fsanitize=fuzzer \
	    "$@" || exit 1
else
	echo "fuzz: $CLANG has no libFuzzer here: replaying the corpora"
	./configure CFLAGS='-O1 -g -fsanitize=address,undefined' &&
	    "$MAKE" SERIAL=.PHONY "$@" && sh tests/run.sh "$@"
	exit
fi

failed=0
for fuzzer; do
	corpus=${fuzzer%.fuzz}
	found=found/${corpus##*/}
	mkdir -p "$found"
	set -- -max_total_time="$FUZZ_SECONDS" -timeout=10 -verbosity=0 \
	    -print_final_stats=1 -artifact_prefix="$found/"
	[ ! -f "$corpus.dict" ] || set -- "$@" -dict="$corpus.dict"
	if "./$fuzzer" "$@" "$found" "$corpus" >"$found.log" 2>&1; then
		echo "$fuzzer: $(awk '/executed_units/ { print $2 }' \
		    "$found.log") inputs in $FUZZ_SECONDS s"
	else
		failed=$((failed + 1))
		echo "$fuzzer: FAILED, see $tree/$found.log"
		tail -n 30 "$found.log"
	fi
done
[ "$failed" -eq 0 ]
