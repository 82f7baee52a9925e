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
		printf '\033[32m$\033[0m \033[1m%s\033[0m\n' "$*"
		"$@"
	}
	# shellcheck disable=SC2317
	ssh() {
		command ssh -F "$dir/config" "$@" 2>/dev/null
	}
	stty cols 80 -onlcr
	unset COLUMNS
	export TERM=xterm
	type_ ssh -fN -L 8008:localhost:80 server
	type_ tunps
	type_ tunkill -e L8008
	exit 0
fi

# The look of the whole screen, with the evidence of the tunnel that is stalled.
watch_it() {
	look() {
		tmux -f /dev/null -S "$dir/tmux" "$@"
	}
	# shellcheck disable=SC2317
	shows() {
		look capture-pane -p | grep -q "$1"
	}
	look new-session -d -x 80 -y 11 \
	    "TERM=screen tunps --watch --sort via" || return
	wait_for shows L5432 && look send-keys Enter && wait_for shows because
	look capture-pane -p -e
	look kill-server
}

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
			ip saddr 127.0.0.2 drop
		}
	}
	END
	nc -d 127.0.0.1 5432 &
	WAIT_SECONDS=60 wait_for tunps -q --state stalled 5432 ||
		{ tunps -v; echo "picture: no tunnel is stalled" >&2; exit 3; }

	export dir
	script -qec "sh '$top/tests/picture.sh' --session" /dev/null </dev/null
	printf '\033[32m$\033[0m \033[1m%s\033[0m\n' 'tunps --watch'
	watch_it
	exit
fi

# svg <TEXT: a terminal with that text, and what its escape sequences say of
# colour, bold and reverse.  It brings its own background, so it reads the same
# on a light page and on a dark one.
svg() {
	awk -v columns=80 '
	BEGIN {
		wide = 8.43; high = 19; pad = 14
		plain = "#d8dee9"; back = "#20242c"
		split("#e06c75 #98c379 #e5c07b #61afef #c678dd #56b6c2 " plain,
		    colours, " ")
		reset()
	}
	function reset() {
		fill = plain
		bold = reverse = 0
	}
	function set(codes,   v, n, i, c) {
		n = split(codes, v, ";")
		if (n == 0)
			reset()
		for (i = 1; i <= n; i++) {
			c = v[i] + 0
			if (c == 0)
				reset()
			else if (c == 1)
				bold = 1
			else if (c == 7)
				reverse = 1
			else if (c == 22)
				bold = 0
			else if (c == 27)
				reverse = 0
			else if (c == 39)
				fill = plain
			else if (c > 30 && c < 38)
				fill = colours[c - 30]
			else if (c > 90 && c < 98)
				fill = colours[c - 90]
		}
	}
	# put TEXT: from column at on, to what is drawn of this line.
	function put(text,   x) {
		if (text == "")
			return
		x = pad + at * wide
		at += length(text)
		if (reverse)
			boxes = boxes sprintf("<rect x=\"%.1f\" y=\"%d\" " \
			    "width=\"%.1f\" height=\"%d\" fill=\"%s\"/>\n", x,
			    pad + (NR - 1) * high, length(text) * wide, high,
			    fill)
		gsub(/&/, "\\&amp;", text)
		gsub(/</, "\\&lt;", text)
		words = words sprintf("<tspan x=\"%.1f\" fill=\"%s\"%s>%s</tspan>",
		    x, reverse ? back : fill,
		    bold ? " font-weight=\"bold\"" : "", text)
	}
	{
		at = 0
		boxes = words = ""
		rest = $0
		while (match(rest, /\033(\[[0-9;?]*[A-Za-z]|[()].)/)) {
			put(substr(rest, 1, RSTART - 1))
			code = substr(rest, RSTART + 2, RLENGTH - 3)
			last = substr(rest, RSTART + RLENGTH - 1, 1)
			rest = substr(rest, RSTART + RLENGTH)
			if (last == "m")
				set(code)
		}
		if (rest ~ /[^ -~]/) {
			print "picture: a character that svg() does not " \
			    "know: " rest >"/dev/stderr"
			exit failed = 1
		}
		put(rest)
		body = body boxes
		if (words != "")
			body = body sprintf("<text y=\"%d\" " \
			    "xml:space=\"preserve\">%s</text>\n",
			    pad + NR * high - 5, words)
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
		    "Menlo, Consolas, monospace\">"
		print "<title>tunps lists background ssh tunnels</title>"
		printf "<rect width=\"%d\" height=\"%d\" rx=\"8\" ", w, h
		printf "fill=\"%s\"/>\n%s</svg>\n", back, body
	}'
}

die() {
	echo "picture: $*" >&2
	exit 3
}

[ "$(id -u)" -eq 0 ] || die "needs root"
for tool in ip nc nft script tmux unshare; do
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
