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
	--strict	all forwards, or none
	END
}

# _tunrun_command: the first of the words that is no option of ours, as an
# index, or nothing.
_tunrun_command() {
	local i

	for ((i = 1; i < COMP_CWORD; i++)); do
		case ${COMP_WORDS[i]} in
		-l|-t)	((i++)) ;;
		-[JqvV]|--help|--strict) ;;
		--)	echo $((i + 1)); return ;;
		*)	echo $i; return ;;
		esac
	done
}

_tunrun() {
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}
	local at option

	at=$(_tunrun_command)
	if [[ -n $at && $at -lt $COMP_CWORD ]]; then
		# The command's own completion, where that is installed.
		if [[ ${COMP_WORDS[at]} != -* ]] &&
		    declare -F _command_offset >/dev/null; then
			_command_offset "$at"
		else
			compopt -o default 2>/dev/null
			COMPREPLY=()
		fi
		return
	fi
	COMPREPLY=()
	case $prev in
	-l)	return ;;
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
