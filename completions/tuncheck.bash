# shellcheck shell=bash
# SPDX-License-Identifier: ISC
#
# tuncheck(1) for bash.  It asks tunps(1) what there is, and shares functions
# with its completion, which lies beside this file.

# shellcheck source=/dev/null
declare -F _tun_begin >/dev/null ||
	. "${BASH_SOURCE[0]%tuncheck*}tunps${BASH_SOURCE[0]##*tuncheck}" \
	    2>/dev/null || return

_tuncheck_options() {
	cat <<-END
	-J	JSON
	-P	probe: use the tunnels
	-q	the exit status only
	-S	ask at this control socket
	-t	so many seconds for each answer
	-u	of this user
	-V	version
	-v	the evidence
	-x	all must be there and healthy
	--config	ask ssh for its configuration
	--help	a summary
	END
}

_tuncheck() {
	# shellcheck disable=SC2034
	local cur cut prev head
	local -a words

	_tun_begin || { _tun_files; return; }
	case $prev in
	-S)
		_tun_sockets tunps ;;
	-t)
		_tun_offer < <(_tun_words 0.2 1 3 10 |
		    _tun_having "${cur#"$head"}") ;;
	--ssh-name)
		_tun_programs ;;
	-u)
		_tun_offer < <(compgen -u -- "$cur") ;;
	*)
		if [[ $cur == -* ]]; then
			_tun_offer < <({ _tuncheck_options |
			    _tun_new "${words[@]}"; _tun_again; } |
			    _tun_having "$cur")
		else
			# It has no -e for those of others, but -u.
			[[ " ${words[*]} " != *' -u'* ]] || words+=(-e)
			_tun_offer < <(_tun_ask tunps)
			[[ $cur != */* ]] ||
				compopt -o default 2>/dev/null
		fi ;;
	esac
}

complete -F _tuncheck tuncheck
