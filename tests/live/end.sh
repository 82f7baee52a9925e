# shellcheck shell=sh disable=SC2034
# SPDX-License-Identifier: ISC
#
# end.sh: what the tests of tunkill share: look.sh, and that sshd runs and ss(8)
# can say what has ended.

. "$(dirname "$0")/look.sh"

require ss
sshd_start || skip_all "$sshd_why"
