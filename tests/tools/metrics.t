#!/bin/sh
# SPDX-License-Identifier: ISC
# tunps --metrics: the numbers, their format, and what strangers may put into
# it.  Prometheus' own parsers judge where they are installed.

. "$(dirname "$0")/lib.sh"

# A user of number 1000 with a tunnel of two forwards and a stopped one whose
# server is called a"b, backslash, newline, a blank, and a byte no UTF-8 has.
{
	in_directory /home/u
	table_head 1000
	ssh_process 500 1000 273600 \
	    'ssh -fN -L 8008:localhost:80 -D 1080 fred@server'
	ssh_process 600 1000 720 \
	    'ssh -fN -R 2022:localhost:22 a"b\134\012c\040d\377' state=T
} >"$dir/table"

# t ARG...: tunps --metrics with that table.
t() {
	run tunps --table "$dir/table" "$@"
}

# sampled NAME SAMPLE: what was printed has this line.
sampled() {
	grep -Fxq -e "$2" "$dir/out"
	result $? "$1" || note "$(grep "^${2%%[ {]*}" "$dir/out")"
}

t --metrics
is "matched" "$status" 0
sampled "classes" 'ssh_tunnels{class="suspect"} 1'
sampled "a class that nothing is in" 'ssh_tunnels{class="stale"} 0'
is "all classes" "$(grep -c '^ssh_tunnels{' "$dir/out")" 6
sampled "forwards" 'ssh_tunnel_forwards{kind="remote",state="stopped"} 1'
is "forwards: no other pairs" "$(grep -c '^ssh_tunnel_forwards{' "$dir/out")" 3
sampled "scan incomplete" 'ssh_tunnel_scan_complete 0'
like "scan duration" "$out" '^ssh_tunnel_scan_duration_seconds [0-9]+\.[0-9]{3}$'
sampled "version" "ssh_tunnel_build_info{version=\"$(tunps -V |
    sed 's/.* //')\"} 1"
unlike "what is not known has no sample" "$out" heard
is "ends as OpenMetrics does" "$(tail -n 1 "$dir/out")" "# EOF"
is "only one end" "$(grep -c EOF "$dir/out")" 1
is "nobody's name in it" "$(grep -v '^#' "$dir/out" | grep -c -e server -e 8008)" 0
is "each name is explained" "$(sed -n 's/^\([a-z_]*\)[ {].*/\1/p' "$dir/out" |
    sort -u)" "$(sed -n 's/^# TYPE \([^ ]*\) gauge$/\1/p' "$dir/out" | sort -u)"
sed -n 's/^# TYPE \([^ ]*\) .*/\1/p' "$dir/out" >"$dir/names"
cp "$dir/out" "$dir/sums"

t --metrics 2022
sampled "a selector narrows" 'ssh_tunnels{class="suspect"} 1'
unlike "a selector narrows: forwards" "$out" local

user=$(tunps --table "$dir/table" -rn -o user -p 600 2>/dev/null)
t --metrics=each
sampled "each: a label as -r writes it" \
    'ssh_tunnel_forward_healthy{id="R2022",kind="remote",user="'"$user"'",via="a\"b\\134\\012c\\040d\\377"} 0'
is "each: all printable" "$(LC_ALL=C tr -d '\n\040-\176' <"$dir/out" | wc -c |
    tr -d ' ')" 0
unlike "each: not known" "$out" 'healthy\{id="L8008"'
sed -n 's/^# TYPE \([^ ]*\) .*/\1/p' "$dir/out" >>"$dir/names"
cp "$dir/out" "$dir/each"

sort -u "$dir/names" | while read -r name; do
	grep -q "Li $name\\b" "$top/tools/tunps.1" || echo "$name"
done >"$dir/missing"
is "every name is in the page" "$(cat "$dir/missing")" ""

t --metrics nowhere
is "no tunnel: status" "$status" 1
sampled "no tunnel: numbers nevertheless" 'ssh_tunnels{class="live"} 0'
exits "excludes JSON" 2 tunps --metrics -J
like "excludes JSON: says so" "$err" '^tunps: (-J and --metrics|--metrics and -J) exclude'
exits "excludes JSON, the other way round" 2 tunps -J --metrics
exits "no such detail" 2 tunps --metrics=all
exits "twice is once" 1 tunps --table "$dir/table" --metrics --metrics nowhere

# --- what others say -----------------------------------------------------

# The python3 that comes first may not be the system's, which has the parser.
python=
for try in python3 /usr/bin/python3; do
	"$try" -c 'import prometheus_client' 2>/dev/null && python=$try && break
done
for sums in sums each; do
	if command -v promtool >/dev/null; then
		exits "promtool: $sums" 0 promtool check metrics <"$dir/$sums"
		is "promtool: $sums: no word" "$out$err" ""
	else
		skip "promtool: $sums" "no promtool (Debian: prometheus)"
	fi
	if [ -n "$python" ]; then
		ok "OpenMetrics: $sums" "$python" -c '
import sys
from prometheus_client.openmetrics import parser
for family in parser.text_fd_to_metric_families(open(sys.argv[1])):
    for sample in family.samples:
        sample.value' "$dir/$sums"
	else
		skip "OpenMetrics: $sums" \
		    "no parser (Debian: python3-prometheus-client)"
	fi
done

done_testing
