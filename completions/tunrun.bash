# shellcheck shell=bash
# SPDX-License-Identifier: ISC
#
# tunrun(1) for bash: its own options, then those of the command.

_tunrun_options() {
	cat <<-END
	-J	JSON
	-l	a label
	-q	print nothing
	-t	how long to wait for the forwards
	-V	version
	-v	also the IDs
	--help	a summary
	--ssh-name	another name of ssh
	--strict	all forwards, or none
	END
}

# _tunrun_command: the first of the words that is none of ours, as an index,
# or nothing.
_tunrun_command() {
	local i

	for ((i = 1; i < COMP_CWORD; i++)); do
		case ${COMP_WORDS[i]} in
		-[lt]|--ssh-name) ((i++)) ;;
		-[lt]*|--?*) ;;
		--)	echo $((i + 1)); return ;;
		-*[!JqvV]*) echo $i; return ;;
		-*)	;;
		*)	echo $i; return ;;
		esac
	done
}

# _tunrun_ssh AT: an option that is none of ours is ssh's, as if that stood
# before it.
_tunrun_ssh() {
	local i line=$COMP_LINE

	for ((i = 0; i < $1; i++)); do
		line=${line#*"${COMP_WORDS[i]}"}
	done
	line=ssh$line
	((COMP_POINT += ${#line} - ${#COMP_LINE}))
	COMP_LINE=$line
	COMP_WORDS=(ssh "${COMP_WORDS[@]:$1}")
	((COMP_CWORD -= $1 - 1))
}

_tunrun() {
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}
	local at option

	at=$(_tunrun_command)
	if [[ -n $at && $at -lt $COMP_CWORD ]]; then
		# The command's own completion, where that is installed.
		if ! declare -F _command_offset >/dev/null; then
			compopt -o default 2>/dev/null
			COMPREPLY=()
		elif [[ ${COMP_WORDS[at]} == -* ]]; then
			_tunrun_ssh "$at"
			_command_offset 0
		else
			_command_offset "$at"
		fi
		return
	fi
	COMPREPLY=()
	case $prev in
	-l)	return ;;
	--ssh-name)
		COMPREPLY=($(compgen -c -- "$cur")); return ;;
	-t)	COMPREPLY=($(compgen -W "5s 10s 30s 1m" -- "$cur")); return ;;
	esac
	if [[ $cur == -* ]]; then
		while read -r option _; do
			[[ $option != "$cur"* ]] || COMPREPLY+=("$option")
		done < <(_tunrun_options)
	else
		COMPREPLY=($(compgen -W "autossh ssh" -- "$cur"))
		compopt -o default 2>/dev/null
	fi
}

complete -F _tunrun tunrun
