# shellcheck shell=bash
# SPDX-License-Identifier: ISC
#
# tunps(1) for bash, with or without the bash-completion package: that loads
# this file at the first TAB, all others source it from their ~/.bashrc.
#
# The functions _tun_* know no tool: the completions of its sisters use them.

# _tun_begin: sets words, those before the cursor, the word at it, cur, its
# part that bash does not take for the word, cut, and prev, the option whose
# value it is.  Bash cuts words at ":", "=" and "@", which we need whole, so
# they are cut once more, at blanks.  1: there are quotes, which we leave to
# bash.
_tun_begin() {
	local line=${COMP_LINE:0:COMP_POINT} i c

	case ${COMP_WORDS[COMP_CWORD]} in
	*[\"\']*) return 1 ;;
	esac
	words=() cur='' cut=''
	for ((i = 0; i < ${#line}; i++)); do
		c=${line:i:1}
		case $c in
		\\)	((++i)); cur+=${line:i:1} ;;
		[[:space:]])
			[[ -z $cur ]] || words+=("$cur")
			cur='' cut='' ;;
		*)	cur+=$c
			[[ $COMP_WORDBREAKS != *"$c"* ]] || cut=$cur ;;
		esac
	done
	# An "@" is in the word: host names begin there.
	cut=${cut%@}
	prev=
	[[ ${#words[@]} -lt 2 ]] || prev=${words[${#words[@]} - 1]}
	head=
	if [[ $cur == --*=* ]]; then
		prev=${cur%%=*} head=${cur%%=*}=
	fi
	# -o in a bundle: -no takes a value, too.
	if [[ $prev == -[!-]?* ]]; then
		prev=-${prev:${#prev}-1}
	fi
}

# _tun_having PREFIX: of the lines on stdin, those that begin with it.
_tun_having() {
	local line

	while IFS= read -r line; do
		[[ $line != "$1"* ]] || printf '%s\n' "$line"
	done
}

# _tun_new WORD...: of the lines on stdin, "value TAB meaning", those whose
# value is none of the words.
_tun_new() {
	local line word

	while IFS= read -r line; do
		for word; do
			[[ $word != "${line%%$'\t'*}" ]] || continue 2
		done
		printf '%s\n' "$line"
	done
}

# _tun_offer: lines "value TAB meaning" on stdin become the answer; $head is
# what stands before each value in the same word.  Meanings are shown only
# where bash does nothing but list, lest they are typed.
_tun_offer() {
	local value text i width=0 room=${COLUMNS:-80}
	local -a values=() texts=()

	while IFS=$'\t' read -r value text; do
		[[ -n $value ]] || continue
		values+=("$value") texts+=("$text")
		(( ${#value} <= width )) || width=${#value}
	done
	COMPREPLY=()
	for i in "${!values[@]}"; do
		value=$head${values[i]}
		value=${value#"$cut"}
		if [[ ${#values[@]} -gt 1 && -n ${texts[i]} &&
		    ( $COMP_TYPE == 63 || $COMP_TYPE == 33 ) ]]; then
			printf -v value '%-*s  %s' \
			    $((width + ${#head} - ${#cut})) "$value" \
			    "${texts[i]}"
			value=${value:0:room - 2}
		elif [[ $value == *[!A-Za-z0-9@%_+=:,./#-]* ]]; then
			printf -v value %q "$value"
		fi
		COMPREPLY+=("$value")
	done
}

# _tun_list: the same, for one word of a list with commas.
_tun_list() {
	local value=${cur#"$head"} sign=

	[[ $value != *,* ]] || head=$head${value%,*},
	value=${value##*,}
	if [[ -n ${1-} && $value == ["$1"]* ]]; then
		sign=${value:0:1} head=$head$sign value=${value#?}
	fi
	local IFS=,
	# shellcheck disable=SC2086
	_tun_offer < <(_tun_having "$value" | _tun_new ${head//[=+-]/,})
	compopt -o nospace 2>/dev/null
}

# _tun_ask TOOL: what may stand for a selector, of what is not there yet, with
# the options that narrow it.
_tun_ask() {
	local word
	local -a options=()

	for word in "${words[@]:1}"; do
		[[ ! $word =~ ^-[aeDLMR]+$ ]] || options+=("$word")
	done
	"$1" ${options[@]+"${options[@]}"} --complete "${cur#"$head"}" \
	    2>/dev/null | _tun_new "${words[@]:1}"
}

_tun_words() {
	printf '%s\n' "$@"
}

_tun_times() {
	_tun_offer < <(_tun_words 30s 5m 1h 12h 1d | _tun_having "${cur#"$head"}")
}

# _tun_hosts TOOL: servers and targets of what runs now.
_tun_hosts() {
	"$1" -anr -o via,target 2>/dev/null |
	    sed 's/^[^ ]*@//; s/ \(.*\):[0-9]*$/ \1/' | tr ' ' '\n' |
	    grep '^[A-Za-z0-9][A-Za-z0-9.-]*$' | sort -u
}

# _tun_sockets TOOL: control sockets, or any file.
_tun_sockets() {
	_tun_offer < <("$1" -aMnr -o ctlpath,via 2>/dev/null |
	    grep '^/[^\\]* ' | tr ' ' '\t' | _tun_having "${cur#"$head"}")
	compopt -o default 2>/dev/null
}

# _tun_files: bash's own way.
_tun_files() {
	compopt -o default 2>/dev/null
	COMPREPLY=()
}

# _tun_again: the option of all tools that may be given again.
_tun_again() {
	printf '%s\t%s\n' --ssh-name 'another name of ssh'
}

# _tun_programs: names of programs.
_tun_programs() {
	_tun_offer < <(compgen -c -- "${cur#"$head"}" | sort -u)
}

# _tunps_served TOOL: ports and paths that --server lists.
_tunps_served() {
	"$1" --server -nr 2>/dev/null | awk '/\\/ { next }
	    substr($1, 1, 1) != "/" { sub(/.*:/, "", $1) }
	    { print $1 "\t" $2 " from " $4 }' | sort -u
}

_tunps_options() {
	cat <<-END
	-a	also those in the foreground
	-c	print their number
	-D	dynamic forwards
	-d	separator of -t
	-e	also those of other users
	-J	JSON
	-j	JSON, one line for each tunnel
	-L	local forwards
	-l	long: more columns
	-M	masters
	-n	no headings
	-O	all columns
	-o	these columns
	-p	with these PIDs
	-q	the exit status only
	-R	remote forwards
	-r	raw, for programs
	-S	with this control socket
	-T	as a tree
	-t	PIDs only
	-u	of these users
	-V	version
	-v	the evidence
	-w	do not cut lines
	--check	ask whether they work
	--clients	who is connected
	--config	ask ssh for its configuration
	--expect	must lead to this host
	--export	to start them again
	--exposed	open to other machines
	--heard	server not heard of for so long
	--help	a summary
	--idle	no data for so long
	--list-columns	all columns
	--metrics	numbers for a monitoring system
	--newest	the one started last
	--older	running for so long
	--oldest	the one started first
	--on-change	run this command for each change
	--record	write what is read, for --table
	--server	what sshd has here for -R
	--sort	sort by these columns
	--stale	dead ones
	--state	in these states
	--suspect	dubious ones
	--table	a recorded table
	--wait	until it listens
	--watch	look again every two seconds
	END
}

_tunps() {
	local cur cut prev head tool=$1
	local -a words

	_tun_begin || { _tun_files; return; }
	# Their values, if any, are in the same word.
	case $cur,$prev in
	--metrics=*|--watch=*) ;;
	*,--metrics|*,--watch) prev= ;;
	esac
	case $prev in
	-o)
		_tun_list + < <("$tool" --list-columns 2>/dev/null |
		    sed $'s/  */\t/') ;;
	--sort)
		_tun_list - < <("$tool" --list-columns 2>/dev/null |
		    sed $'s/  */\t/') ;;
	-p)
		_tun_list < <("$tool" -aenr -o pid,via 2>/dev/null |
		    tr ' ' '\t') ;;
	-u)
		_tun_list < <(compgen -u) ;;
	--state)
		_tun_list < <(_tun_words alive broken choked closed detached \
		    deadfile gone half hidden loop mute noaddress partial \
		    prompt quiet released stalled starting stopped stuck \
		    taken unbound unknown up useless) ;;
	--heard|--idle|--older|--wait|--watch)
		_tun_times ;;
	--export)
		_tun_offer < <(_tun_words config sh systemd |
		    _tun_having "${cur#"$head"}") ;;
	--metrics)
		_tun_offer < <(_tun_words each | _tun_having "${cur#"$head"}") ;;
	--expect)
		_tun_offer < <(_tun_hosts "$tool" |
		    _tun_having "${cur#"$head"}") ;;
	-S)
		_tun_sockets "$tool" ;;
	--record|--table)
		_tun_files ;;
	--ssh-name)
		_tun_programs ;;
	-d|--complete)
		COMPREPLY=() ;;
	*)
		if [[ $cur == -* ]]; then
			_tun_offer < <({ _tunps_options |
			    _tun_new "${words[@]}"; _tun_again; } |
			    _tun_having "$cur")
		elif [[ " ${words[*]} " == *' --server '* ]]; then
			_tun_offer < <(_tunps_served "$tool" |
			    _tun_having "$cur" | _tun_new "${words[@]:1}")
		else
			_tun_offer < <(_tun_ask "$tool")
			[[ $cur != */* ]] ||
				compopt -o default 2>/dev/null
		fi ;;
	esac
}

complete -F _tunps tunps
