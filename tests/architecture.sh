#!/bin/sh
# SPDX-License-Identifier: ISC
#
# architecture.sh: docs/architecture.svg on standard output: the folders from
# the top down, and which needs which, by tests/graph.sh.  An arrow upwards
# would be red.

set -eu
cd "$(dirname "$0")/.."

folders() {
	sh tests/graph.sh --folders
}

sizes() {
	folders | cut -f 1 | while read -r folder; do
		lines=$(cat "$folder"/*.[ch] | wc -l)
		echo "size	$folder	$(find "$folder" -maxdepth 1 -name '*.c' |
		    wc -l | tr -d ' ')	$((lines))"
	done
}

edges() {
	sh tests/graph.sh | awk '{
		sub("/[^/]*$", "", $1)
		sub("/[^/]*$", "", $2)
		if ($1 != $2)
			n[$1 "\t" $2]++
	}
	END { for (e in n) print "edge\t" e "\t" n[e] }' | sort
}

{
	folders | sed 's/^/folder	/'
	sizes
	edges
} | awk -F '\t' '
$1 == "folder" { name[++n] = $2; text[$2] = $3; at[$2] = n }
$1 == "size" { files[$2] = $3; lines[$2] = $4 }
$1 == "edge" { from[++m] = $2; to[m] = $3; weight[m] = $4 }
END {
	print "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"760\"",
	    "height=\"" n * 40 + 20 "\" font-family=\"sans-serif\"",
	    "font-size=\"13\">"
	print "<title>Folders of libfind and the tun tools, and which needs",
	    "which</title>"
	print "<rect width=\"100%\" height=\"100%\" fill=\"white\"/>"
	for (i = 1; i <= m; i++) {
		a = at[from[i]]
		b = at[to[i]]
		if (!a || !b)
			continue
		far = (a < b ? b - a : a - b) * 16 + 20
		printf "<path d=\"M480 %d C%d %d %d %d 480 %d\" fill=\"none\" " \
		    "stroke=\"%s\" stroke-width=\"%.1f\" " \
		    "stroke-opacity=\"0.5\"><title>%s needs %s: %d " \
		    "pairs of files</title></path>\n", a * 40 - 7,
		    480 + far, a * 40 - 7, 480 + far, b * 40 - 13, b * 40 - 13,
		    a < b ? "#456" : "red", 0.8 + log(weight[i]), from[i],
		    to[i], weight[i]
	}
	for (i = 1; i <= n; i++) {
		f = name[i]
		in_ = gsub("/", "/", f) * 24
		color = "#fdf3e1"
		if (f ~ /^tools/)
			color = "#e8f0fe"
		if (f ~ /^libfind/)
			color = "#e9f7ec"
		printf "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"30\" " \
		    "rx=\"4\" fill=\"%s\" stroke=\"#999\"/>\n", 10 + in_,
		    i * 40 - 25, 470 - in_, color
		printf "<text x=\"%d\" y=\"%d\"><tspan font-weight=\"bold\">" \
		    "%s</tspan>  %s</text>\n", 18 + in_, i * 40 - 5, f, text[f]
		printf "<text x=\"470\" y=\"%d\" text-anchor=\"end\" " \
		    "fill=\"#555\" font-size=\"11\">%d files, %d lines" \
		    "</text>\n", i * 40 - 5, files[f], lines[f]
	}
	print "</svg>"
}'
