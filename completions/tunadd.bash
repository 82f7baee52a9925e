# shellcheck shell=bash
# SPDX-License-Identifier: ISC
#
# tunadd(1) for bash.  It asks tunps(1) what there is, and shares functions
# with its completion, which lies beside this file.

# shellcheck source=/dev/null
declare -F _tun_begin >/dev/null ||
	. "${BASH_SOURCE[0]%tunadd*}tunps${BASH_SOURCE[0]##*tunadd}" \
	    2>/dev/null || return

# Those of forwards may be given again.
_tunadd_options() {
	cat <<-END
	-D	add a dynamic forward
	-L	add a local forward
	-R	add a remote forward
	END
	_tun_again
	_tun_new "${words[@]}" <<-END
	-n	only say what would be added
	-S	to the master with this control socket
	-t	so many seconds for each answer
	-V	version
	--dry-run	only say what would be added
	--help	a summary
	END
}

# _tunadd_has_master: is it named already?
_tunadd_has_master() {
	local word value=yes

	for word in "${words[@]}"; do
		if [[ -n $value ]]; then
			value=
		elif [[ $word == -[!-]* ]]; then
			[[ $word != -*S* ]] || return 0
			[[ $word != -*[DLRt] ]] || value=yes
		elif [[ $word == --ssh-name ]]; then
			value=yes
		elif [[ $word != --* ]]; then
			return 0
		fi
	done
	return 1
}

_tunadd() {
	# shellcheck disable=SC2034
	local cur cut prev head
	local -a words

	_tun_begin || { _tun_files; return; }
	case $prev in
	-S)
		_tun_sockets tunps ;;
	-t)
		_tun_offer < <(_tun_words 1 10 30 60 |
		    _tun_having "${cur#"$head"}") ;;
	--ssh-name)
		_tun_programs ;;
	-D|-L|-R)
		COMPREPLY=() ;;
	*)
		if [[ $cur == -* ]]; then
			_tun_offer < <(_tunadd_options | _tun_having "$cur")
		elif ! _tunadd_has_master; then
			words=(tunps -M)
			_tun_offer < <(_tun_ask tunps)
			[[ $cur != */* ]] ||
				compopt -o default 2>/dev/null
		fi ;;
	esac
}

complete -F _tunadd tunadd
