#!/bin/sh
# SPDX-License-Identifier: ISC
#
# default_signals.sh COMMAND...: run it with the default actions of INT and TERM.
# Before util-linux 2.38 what 'unshare --fork' starts ignores both, and so does
# all that is started by it: no shell takes back what was ignored before.

! env --default-signal=INT,TERM true 2>/dev/null ||
	set -- env --default-signal=INT,TERM "$@"
exec "$@"
