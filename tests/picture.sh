#!/bin/sh
# SPDX-License-Identifier: ISC
#
# picture.sh: docs/tunps.svg, the picture of the README, from a real run: the
# tools on a terminal of 80 columns, with tunnels to a private sshd.  Needs
# root and Linux, for a network where ports and machines have the names that
# one would expect, and where a wire can be cut.
#
# All of it runs below number 1 of a PID namespace, and ends with that.

# The session: typed, and what the tools say.  Where ssh finds its keys and
# what it says when it has to wait is not in the picture.
if [ "${1:-}" = --session ]; then
	type_() {
		printf '$ %s\n' "$*"
		"$@"
	}
	# shellcheck disable=SC2317
	ssh() {
		command ssh -F "$dir/config" "$@" 2>/dev/null
	}
	stty cols 80 -onlcr
	unset COLUMNS
	export NO_COLOR=1
	type_ ssh -fN -L 8008:localhost:80 server
	type_ tunps
	echo
	type_ tunps --suspect -o id,state,heard,via
	echo
	type_ tunkill -e L8008
	type_ tunps -c
	exit 0
fi

# The background to it: a server, and a bastion that is cut off.
if [ "${1:-}" = --stage ]; then
	. "$(dirname "$0")/tools/lib.sh"
	. "$(dirname "$0")/live/sshd.sh"
	ip link set lo up
	mount -t tmpfs tmpfs /run
	sshd_start || { echo "picture: $sshd_why" >&2; exit 3; }
	{
		grep -v -e ^Port -e ^ListenAddress "$dir/sshd_config"
		echo "Port $sshd_port"
		echo "ListenAddress 127.0.0.2"
	} >"$dir/bastion_config"
	"$sshd_path" -D -f "$dir/bastion_config" -E "$dir/bastion.log" &
	{
		printf 'Host server proxy\n\tHostName 127.0.0.1\n'
		printf 'Host bastion\n\tHostName 127.0.0.2\n'
		cat "$dir/config"
	} >"$dir/config.new"
	mv "$dir/config.new" "$dir/config"

	ssh -F "$dir/config" -fN -D 1080 proxy
	ssh -F "$dir/config" -fN -R 2022:localhost:22 server
	ssh -F "$dir/config" -fN -L 5432:db-prod:5432 bastion
	nft -f - <<-END
	table ip cut {
		chain input {
			type filter hook input priority 0;
			ip daddr 127.0.0.2 drop
		}
	}
	END
	nc -d 127.0.0.1 5432 &
	WAIT_SECONDS=60 wait_for tunps -q --state stalled 5432 ||
		{ tunps -v; echo "picture: no tunnel is stalled" >&2; exit 3; }

	export dir
	script -qec "sh '$top/tests/picture.sh' --session" /dev/null </dev/null
	exit
fi

# svg <TEXT: a terminal with that text.  It brings its own background, so it
# reads the same on a light page and on a dark one.
svg() {
	awk -v columns=80 '
	BEGIN { wide = 8.43; high = 19; pad = 14 }
	/[^ -~]/ {
		print "picture: a character that svg() does not know: " $0 \
		    >"/dev/stderr"
		exit failed = 1
	}
	{
		gsub(/&/, "\\&amp;")
		gsub(/</, "\\&lt;")
		line[NR] = $0
	}
	END {
		if (failed || NR == 0)
			exit 1
		w = columns * wide + 2 * pad
		h = NR * high + 2 * pad
		printf "<svg xmlns=\"http://www.w3.org/2000/svg\" "
		printf "width=\"%d\" height=\"%d\" ", w, h
		printf "viewBox=\"0 0 %d %d\" role=\"img\" ", w, h
		print "font-size=\"14\" font-family=\"DejaVu Sans Mono, " \
		    "Menlo, Consolas, monospace\" fill=\"#d8dee9\">"
		print "<title>tunps lists background ssh tunnels</title>"
		printf "<rect width=\"%d\" height=\"%d\" rx=\"8\" ", w, h
		print "fill=\"#20242c\"/>"
		for (i = 1; i <= NR; i++) {
			if (line[i] == "")
				continue
			printf "<text x=\"%d\" y=\"%d\" ", pad,
			    pad + i * high - 5
			printf "xml:space=\"preserve\""
			if (sub(/^\$ /, "", line[i]))
				printf "><tspan fill=\"#8fbc8f\">$</tspan>" \
				    " <tspan fill=\"#ffffff\">%s</tspan>",
				    line[i]
			else
				printf ">%s", line[i]
			print "</text>"
		}
		print "</svg>"
	}'
}

die() {
	echo "picture: $*" >&2
	exit 3
}

[ "$(id -u)" -eq 0 ] || die "needs root"
for tool in ip nc nft script unshare; do
	command -v $tool >/dev/null || die "no $tool (make deps)"
done
top=$(cd "$(dirname "$0")/.." && pwd)
text=$(mktemp "${TMPDIR:-/tmp}/picture.XXXXXX") || exit 3
trap 'rm -f "$text" "$text.svg"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
unshare --net --mount --pid --fork --kill-child --mount-proc \
    sh "$top/tests/picture.sh" --stage >"$text" || exit
cat "$text"
svg <"$text" >"$text.svg" && cp "$text.svg" "$top/docs/tunps.svg"
