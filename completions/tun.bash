# shellcheck shell=bash
# SPDX-License-Identifier: ISC
#
# The tun tools for bash, with or without the bash-completion package: that
# loads this file, installed under the name of each tool, at the first TAB; all
# others source it from their ~/.bashrc.
#
# A tool says what its options are (--options: common/options.h), and tunps what
# there is.

# _tun_begin: sets words, those before the cursor, the word at it, cur, and its
# part that bash does not take for the word, cut.  Bash cuts words at ":", "="
# and "@", which we need whole, so they are cut once more, at blanks.  1: there
# are quotes, which we leave to bash.
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

# _tun_list [SIGN]: the same, for one word of a list with commas.
_tun_list() {
	local value=${cur#"$head"} sign=

	[[ $value != *,* ]] || head=$head${value%,*},
	value=${value##*,}
	if [[ -n $1 && $value == ["$1"]* ]]; then
		sign=${value:0:1} head=$head$sign value=${value#?}
	fi
	local IFS=,
	# shellcheck disable=SC2086
	_tun_offer < <(_tun_having "$value" | _tun_new ${head//[=+-]/,})
	compopt -o nospace 2>/dev/null
}

# _tun_files: bash's own way, where nothing is offered.
_tun_files() {
	compopt -o default 2>/dev/null
}

# --- options --------------------------------------------------------------

# _tun_row OPTION: sets its arg and values, as in common/options.h.
_tun_row() {
	local row names

	for row in "${rows[@]}"; do
		IFS=$'\037' read -r _ names _ arg values <<<"$row"
		[[ " $names " != *" $1 "* ]] || return 0
	done
	arg='' values=''
	return 1
}

# _tun_takes WORD: is the next word the value of its last option, or a word that
# may follow it?  Its arg and values are then set.  2: it has a letter that is no option.
_tun_takes() {
	local i

	case $1 in
	--*)	_tun_row "$1" ;;
	-?*)	for ((i = 1; i < ${#1}; i++)); do
			_tun_row "-${1:i:1}" || return 2
			[[ -z $arg ]] || break
		done
		((i == ${#1} - 1)) || return 1 ;;
	*)	return 1 ;;
	esac
	[[ -n $arg$values && $arg != \[*\] ]]
}

# _tun_operand WORD...: sets at to the number of the first that is no option, or
# to 0.
_tun_operand() {
	local word value=

	at=0
	for word; do
		((++at))
		if [[ -n $value || $word == = ]]; then
			# Bash cuts "--option=value" into three.
			[[ $word == = ]] || value=
			continue
		fi
		[[ $word != -- ]] || { ((++at)); return; }
		[[ $word == -?* ]] || return
		_tun_takes "$word"
		case $? in
		0)	value=yes ;;
		2)	return ;;
		esac
	done
	at=0
}

# What may be given again has a value.
_tun_options() {
	local row names help arg name

	for row in "${rows[@]}"; do
		IFS=$'\037' read -r _ names help arg _ <<<"$row"
		for name in $names; do
			[[ -z $arg && " ${words[*]} " == *" $name "* ]] ||
				printf '%s\t%s\n' "$name" "$help"
		done
	done
}

# _tun_values: what there is for the value of an option.
_tun_values() {
	case $values in
	@column)
		"$tunps" --list-columns | sed $'s/  */\t/' ;;
	@host)	if [[ " ${words[*]} " == *' --server '* ]]; then
			"$tunps" --server --complete '' |
			    sed -n $'s/\tdestination$//p'
			return
		fi 2>/dev/null
		"$tunps" -anr -o via,target |
		    sed 's/^[^ ]*@//; s/ \(.*\):[0-9]*$/ \1/' | tr ' ' '\n' |
		    grep '^[A-Za-z0-9][A-Za-z0-9.-]*$' | sort -u ;;
	@pid)	"$tunps" -aenr -o pid,via | tr ' ' '\t' ;;
	@program)
		compgen -c -- "${cur#"$head"}" | sort -u ;;
	@socket)
		"$tunps" -aMnr -o ctlpath,via | grep '^/[^\\]* ' |
		    tr ' ' '\t' ;;
	@user)	compgen -u ;;
	*)	tr ' ' '\n' <<<"$values" ;;
	esac 2>/dev/null
}

_tun_value() {
	case $values in
	@file)	_tun_files; return ;;
	@socket)
		_tun_files ;;
	esac
	case $arg in
	\[?\]*,...)
		_tun_list "${arg:1:1}" < <(_tun_values) ;;
	*,...)	_tun_list '' < <(_tun_values) ;;
	*)	_tun_offer < <(_tun_values | _tun_having "${cur#"$head"}") ;;
	esac
}

# --- operands -------------------------------------------------------------

# _tun_ask LETTERS OPTION...: what may stand for a selector and is not there
# yet, with these options, and those that were given of these letters.
_tun_ask() {
	local word letters=$1
	local -a options=("${@:2}")

	for word in "${words[@]:1}"; do
		[[ -z $letters || ! $word =~ ^-[$letters]+$ ]] ||
			options+=("$word")
	done
	_tun_offer < <({
		"$tunps" ${options[@]+"${options[@]}"} --complete "$cur"
		# What runs no more can be started again, or be forgotten.
		[[ ! $all =~ ' --'(again|forget)' ' ]] ||
			"$tunps" --lost --complete "$cur"
	} 2>/dev/null | _tun_new "${words[@]:1}")
	[[ $cur != */* ]] || _tun_files
}

# _tun_operands TOOL
_tun_operands() {
	local all=" ${words[*]} " master=' -[^ -]*S'

	case $1 in
	tunadd)	_tun_operand "${words[@]:1}"
		((at > 0)) || [[ $all =~ $master ]] || _tun_ask '' -M ;;
	tuncheck)
		# It has no -e for those of others, but -u.
		if [[ $all == *' -u'* ]]; then
			_tun_ask '' -e
		else
			_tun_ask ''
		fi ;;
	tunkill)
		# It finds by name what is in the foreground, too.
		if [[ $all == *' --sockets '* ]]; then
			_tun_files
		elif [[ $all == *' --server '* ]]; then
			_tun_ask '' --server --direct
		else
			_tun_ask DLR -a
		fi ;;
	tunpermit)
		_tun_offer < <(compgen -u | _tun_having "$cur") ;;
	tunps)	if [[ $all == *' --direct '* ]]; then
			_tun_ask '' --server --direct
		elif [[ $all == *' --server '* ]]; then
			_tun_ask '' --server
		elif [[ $all == *' --lost '* ]]; then
			_tun_ask DLR --lost
		elif [[ $all == *' --forget '* ]]; then
			_tun_ask DLR -a
		else
			_tun_ask aeDLMR
		fi ;;
	tunrun)	if [[ $all =~ $selects ]]; then
			_tun_ask '' -a
		else
			_tun_offer < <(printf '%s\n' autossh ssh |
			    _tun_having "$cur")
			_tun_files
		fi ;;
	esac
}

# _tun_command AT: the command's own completion, where that is installed.  An
# option that is none of tunrun's is ssh's, as if that stood before it.
_tun_command() {
	local i line=$COMP_LINE

	if ! declare -F _command_offset >/dev/null; then
		_tun_files
		return
	fi
	for ((i = 0; i < $1; i++)); do
		line=${line#*"${COMP_WORDS[i]}"}
	done
	COMP_WORDS=("${COMP_WORDS[@]:$1}")
	((COMP_CWORD -= $1))
	if [[ ${COMP_WORDS[0]} == -* ]]; then
		line=ssh$line
		COMP_WORDS=(ssh "${COMP_WORDS[@]}")
		((++COMP_CWORD))
	fi
	((COMP_POINT += ${#line} - ${#COMP_LINE}))
	COMP_LINE=$line
	# What bash-completion 2.16 has for ssh takes the parts of "1:b:2" for
	# operands, so that the host after it is taken for a command.
	if [[ $line != *\\* ]] && _tun_begin; then
		COMP_WORDS=("${words[@]}" "$cur")
		COMP_CWORD=${#words[@]}
	fi
	_command_offset 0
}

_tun() {
	local at arg cur cut head='' line tool=${1##*/} tunps=tunps values
	local selects=' --(again|keep) '	# of tunrun: no command follows
	local -a rows=() words

	COMPREPLY=()
	[[ $1 != */* || ! -x ${1%/*}/tunps ]] || tunps=${1%/*}/tunps
	# Several tabs would be one separator for read.
	while IFS= read -r line; do
		rows+=("${line//$'\t'/$'\037'}")
	done < <("$1" --options 2>/dev/null)
	if [[ $tool == tunrun && ! " ${COMP_WORDS[*]} " =~ $selects ]]; then
		_tun_operand "${COMP_WORDS[@]:1:COMP_CWORD - 1}"
		if ((at > 0 && at < COMP_CWORD)); then
			_tun_command "$at"
			return
		fi
	fi
	if ! _tun_begin; then
		_tun_files
	elif [[ $cur == --*=* ]]; then
		head=${cur%%=*}=
		_tun_row "${cur%%=*}"
		_tun_value
	elif _tun_takes "${words[${#words[@]} - 1]}" &&
	    [[ -n $arg || $cur != -* ]]; then
		_tun_value
	elif [[ $cur == -* ]]; then
		_tun_offer < <(_tun_options | _tun_having "$cur")
	else
		_tun_operands "$tool"
	fi
}

complete -F _tun tunadd tuncheck tunkill tunpermit tunps tunrun
