#!/bin/sh
# SPDX-License-Identifier: ISC
# docs/tunnels.py: the library through its functions alone, by ctypes.

. "$(dirname "$0")/lib.sh"

require python3
[ -e "$top/libfind.so.1" ] || skip_all "no shared library in this build"
LD_LIBRARY_PATH=$top${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
export LD_LIBRARY_PATH
python3 -c 'import ctypes; ctypes.CDLL("libfind.so.1")' 2>/dev/null ||
    skip_all "python3 cannot load the library"

# It shows the monitors of autossh as well.
for table in "$top"/tests/fixtures/*/table; do
	python3 "$top/docs/tunnels.py" "$table" >"$dir/got" 2>&1
	tunps -ae -n -r -o id,pid,state,listen,target --table "$table" \
	    >"$dir/want" 2>/dev/null
	is "as tunps: $(basename "$(dirname "$table")")" \
	    "$(grep -Fxf "$dir/want" "$dir/got" | sort)" \
	    "$(grep -v '^M' "$dir/want" | sort)"
done
python3 "$top/docs/tunnels.py" "$dir/no-such-table" >"$dir/got" 2>&1
is "a table that is not there" "$? $(cat "$dir/got")" "1 tunnels.py: errno 2"
done_testing
