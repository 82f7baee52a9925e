# shellcheck shell=bash
# SPDX-License-Identifier: ISC
#
# tunkill(1) for bash.  What it offers comes from tunps(1), and how it offers
# it from the completion of that.

_tunkill_options() {
	cat <<-END
	-a	all that match
	-D	dynamic forwards
	-e	print what has ended
	-I	ask about each
	-i	ask about each
	-J	JSON
	-k	KILL after so long
	-L	local forwards
	-n	only show what would be done
	-p	with these PIDs
	-q	no messages
	-R	remote forwards
	-S	with this control socket
	-s	this signal
	-u	of these users
	-V	version
	-v	print the plan, and what has ended
	-w	wait so long
	--config	ask ssh for its configuration
	--dry-run	only show what would be done
	--exposed	open to other machines
	--heard	server not heard of for so long
	--help	a summary
	--idle	no data for so long
	--older	running for so long
	--sessions	also with a shell or command
	--signal	this signal
	--sockets	remove dead control sockets
	--stale	dead ones
	--state	in these states
	--supervisor	end first what starts it again
	--suspect	dubious ones
	--table	a recorded table
	--whole	the whole tunnel
	END
}

# The tunps beside it, or the one in PATH.
_tunkill_tunps() {
	if [[ $1 == */* && -x ${1%/*}/tunps ]]; then
		printf '%s\n' "${1%/*}/tunps"
	else
		printf 'tunps\n'
	fi
}

# tunkill finds by name what is in the foreground, too; its -e is another.
_tunkill_ask() {
	local word ask=complete	# no option of tunkill
	local -a options=(-a)

	for word in "${words[@]:1}"; do
		[[ ! $word =~ ^-[DLR]+$ ]] || options+=("$word")
	done
	"$1" "${options[@]}" --$ask "${cur#"$head"}" 2>/dev/null |
	    _tun_new "${words[@]:1}"
}

_tunkill() {
	# shellcheck disable=SC2034
	local cur cut prev head tunps
	local -a words

	if ! declare -F _tun_begin >/dev/null; then
		if declare -F _comp_load >/dev/null; then
			_comp_load tunps
		elif declare -F _completion_loader >/dev/null; then
			_completion_loader tunps
		fi
		declare -F _tun_begin >/dev/null || return
	fi
	_tun_begin || { _tun_files; return; }
	tunps=$(_tunkill_tunps "$1")
	case $prev in
	-p)
		_tun_list < <("$tunps" -aenr -o pid,via 2>/dev/null |
		    tr ' ' '\t') ;;
	-u)
		_tun_list < <(compgen -u) ;;
	-s|--signal)
		_tun_offer < <(_tun_words TERM HUP INT QUIT KILL ABRT USR1 \
		    USR2 ALRM | _tun_having "${cur#"$head"}") ;;
	--state)
		_tun_list < <(_tun_words alive broken choked closed detached \
		    deadfile gone half hidden loop mute noaddress partial \
		    prompt quiet released stalled starting stopped stuck \
		    taken unbound unknown up useless) ;;
	-k|--heard|--idle|--older)
		_tun_times ;;
	-S)
		_tun_sockets "$tunps" ;;
	--table)
		_tun_files ;;
	--ssh-name)
		_tun_programs ;;
	*)
		if [[ $cur == -* ]]; then
			_tun_offer < <({ _tunkill_options |
			    _tun_new "${words[@]}"; _tun_again; } |
			    _tun_having "$cur")
		elif [[ " ${words[*]} " == *" --sockets "* ]]; then
			_tun_files
		else
			_tun_offer < <(_tunkill_ask "$tunps")
			[[ $cur != */* ]] ||
				compopt -o default 2>/dev/null
		fi ;;
	esac
}

complete -F _tunkill tunkill
