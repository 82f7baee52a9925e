#!/bin/sh
# SPDX-License-Identifier: ISC
# The pages: every column, state, origin, class and exit status has its word
# there and every function of the library its page, and man-db can show them
# all.

. "$(dirname "$0")/lib.sh"

tools=$(all_tools)

# defined PAGE SECTION: the words that its lists define there, one a line.
defined() {
	awk -v section="$2" '
	/^\.S[hs] / { on = 0 }
	$0 == ".Sh " section || $0 == ".Ss " section { on = 1 }
	on && /^\.It / {
		for (i = 2; i <= NF; i++)
			if ($i !~ /^(Cm|Li|,)$/)
				print $i
	}' "$top/tools/$1" | sed 's/\*$//; s/^\\&//' | sort
}

# named ARRAY: the first string of each of its elements, in names.c.
named() {
	sed -n "/ $1\[.*= {/,/^};/{
		/^	\[/s/^[^\"]*\"\([^\"]*\)\".*/\1/p
	}" "$top/libfind/core/names.c" | sort
}

# same NAME GOT WANT: two lists; what only one of them has is shown.
same() {
	printf '%s\n' "$2" >"$dir/got"
	printf '%s\n' "$3" >"$dir/want"
	is "$1" "$(diff "$dir/got" "$dir/want" | grep '^[<>]')" ""
	[ -s "$dir/want" ] && [ -n "$3" ]
	result $? "  and there are some"
}

same "columns" "$(defined tunps.1 Columns)" \
    "$(tunps --list-columns | awk '{ print $1 }' | sort)"
tunps --help columns >"$dir/columns"
is "--help columns" "$(cat "$dir/columns")" "$(tunps --list-columns)"
tunps --help states | sed 1d >"$dir/states"
same "states" "$(defined tunnels.7 States | sort -u)" \
    "$(cut -d ' ' -f 1 "$dir/states" | sort)"

# What the page says of each state: its class, where it has one, and of those of
# forwards, which are bad.
awk '
function say() {
	for (i in names)
		print names[i], class, bad
	split("", names)
	class = "-"
	bad = forwards ? "ok" : "-"
}
$1 == ".Ss" { on = $2 == "States" }
!on { next }
/^The states of a forward are:/ { say(); forwards = 1 }
/^\.It / {
	say()
	n = 0
	for (i = 2; i <= NF; i++)
		if ($i !~ /^(Cm|,)$/) {
			sub(/^\\&/, "", $i)
			names[++n] = $i
		}
}
/(^|: )[Cc]lass [a-z]*\.$/ { class = $NF; sub(/\./, "", class) }
forwards && /(^|: )bad[.:]/ { bad = "bad" }
END { say() }' "$top/tools/tunnels.7" >"$dir/said"
while read -r state class health; do
	read -r _ its its_health _ <<-END
	$(grep "^$state " "$dir/states")
	END
	[ "$class" = - ] || [ "$class" = "$its" ] || echo "$state: $class, $its"
	[ "$health" = - ] || [ "${its_health#\?}" = "$health" ] ||
		echo "$state: $health, $its_health"
done <"$dir/said" >"$dir/wrong"
is "classes and health of states" "$(cat "$dir/wrong")" ""
same "origins" "$(defined tunnels.7 Origins)" "$(named origins)"
same "states of control sockets" "$(defined tunnels.7 "Control sockets")" \
    "$(named ctls)"
same "classes" "$(defined tunnels.7 Classes)" \
    "$(sed -n 's/^Class \(.*\)\.$/\1/p' "$top/tools/tunnels.7" | sort -u)"

for tool in tunps tunkill; do
	"$tool" --options | sed -n '/	--state	/s/.*	//p' | tr ' ' '\n' |
	    sort >"$dir/offered"
	same "states that $tool --state completes" "$(cat "$dir/offered")" \
	    "$(sed 's/ .*//; s/^?$/unknown/' "$dir/states" | sort)"
done
while read -r state; do
	run tunps --table /dev/null --state "$state"
	case $err in
	*"no state"*) echo "$state" ;;
	esac
done <"$dir/offered" >"$dir/wrong"
is "tunps knows all of them" "$(cat "$dir/wrong")" ""

for tool in $tools; do
	defined "$tool.1" "EXIT STATUS" >"$dir/exits"
	is "$tool: exit status 0 to 3" \
	    "$(grep -cx '[0-3]' "$dir/exits")" 4
	for section in EXAMPLES CAVEATS "SECURITY CONSIDERATIONS"; do
		grep -Fqx ".Sh $section" "$top/tools/$tool.1" ||
			echo "$section"
	done >"$dir/missing"
	is "$tool: sections" "$(cat "$dir/missing")" ""
	is "$tool: examples are right below what it is for" \
	    "$(sed -n 's/^\.Sh //p' "$top/tools/$tool.1" | sed -n 4p)" EXAMPLES
	is "$tool: examples are on the first screen" "$(MANWIDTH=80 man -E ascii \
	    -l "$top/tools/$tool.1" | sed 24q | grep -c ^EXAMPLES)" 1
done

# in_pages SECTION MACRO: page and word of each such line there, in libfind/*.3.
in_pages() {
	awk -v section="$1" -v macro="$2" '
	/^\.Sh / { on = $0 == ".Sh " section }
	on && $1 == macro {
		page = FILENAME
		sub(".*/", "", page)
		sub("\\.3$", "", page)
		print page, $2
	}' "$top"/libfind/*.3 | sort
}

in_pages SYNOPSIS .Fn >"$dir/functions"
same "functions of the library, each on one page" \
    "$(cut -d ' ' -f 2 "$dir/functions" | sort)" \
    "$(sed -n 's/^	\(tun_.*\);/\1/p' "$top/libfind/libfind.map" | sort)"
same "each is a name of its page" \
    "$(in_pages NAME .Nm | awk '$1 != $2')" \
    "$(awk '$1 != $2' "$dir/functions")"
in_pages DESCRIPTION .Fn >"$dir/described"
is "and described there" \
    "$(sort -u "$dir/described" | comm -23 "$dir/functions" -)" ""
in_pages "SEE ALSO" .Xr >"$dir/seen"
in_pages DESCRIPTION .Xr | grep ' tun_' >"$dir/elsewhere"
cut -d ' ' -f 2 "$dir/functions" >"$dir/known"
in_pages NAME .Nm | awk '{ print $1; print $2 }' | sort -u >>"$dir/known"
is "a page refers to functions and pages that there are" \
    "$(cut -d ' ' -f 2 "$dir/elsewhere" | grep -vxFf "$dir/known")" ""
is "and calls those of another page by its section" \
    "$(grep -xFf "$dir/functions" "$dir/elsewhere")" ""
for page in "$top"/libfind/*.3; do
	name=${page##*/} name=${name%.3}
	for section in NAME LIBRARY SYNOPSIS DESCRIPTION "RETURN VALUES" \
	    EXAMPLES "SEE ALSO"; do
		grep -Fqx ".Sh $section" "$page" || echo "$section"
	done >"$dir/missing"
	is "$name: sections" "$(cat "$dir/missing")" ""
	for other in "$top"/libfind/*.3; do
		other=${other##*/} other=${other%.3}
		[ "$name" = "$other" ] ||
			grep -qx "$name $other" "$dir/seen" || echo "$other"
	done >"$dir/missing"
	is "$name: sees the others" "$(cat "$dir/missing")" ""
done

for page in "$top"/tools/*.[17] "$top"/libfind/*.3; do
	name=${page##*/}
	if man --version 2>/dev/null | grep -q ^man; then
		run env MANWIDTH=80 man --warnings -E ascii -l "$page"
		is "$name: man-db" "$status$err" 0
		is "$name: no example is wider than a line" "$(grep "^\.Dl" \
		    "$page" | sed 's/^\.Dl //; s/\\.//g' |
		    awk 'length($0) > 68')" ""
		is "$name: no line is wider than 80" \
		    "$(awk 'length($0) > 80' "$dir/out")" ""
	else
		skip "$name: man-db" "no man-db"
	fi
done

done_testing
