# SPDX-License-Identifier: ISC
#
# tuncheck(1) for fish.  It asks tunps(1) what there is.

# __tun_ask OPTION...: what may stand for a selector and is not there yet.
function __tun_ask
    set --local words (commandline -opc)
    for line in (tunps $argv --complete (commandline -ct | string unescape) 2>/dev/null)
        contains -- (string split -m 1 \t -- $line)[1] $words
        or echo $line
    end
end

function __tun_sockets
    tunps -aMnr -o ctlpath,via 2>/dev/null |
        string match -r '^/[^\\\\]* .*' | string replace ' ' \t
end

# It has no -e for those of others, but -u.
function __tuncheck_selectors
    if string match -q -- '-u*' (commandline -opc)
        __tun_ask -e
    else
        __tun_ask
    end
end

complete -c tuncheck -f
complete -c tuncheck -f -a '(__tuncheck_selectors)'
complete -c tuncheck -n 'string match -q "*/*" -- (commandline -ct)' -F
complete -c tuncheck -s J -d 'JSON'
complete -c tuncheck -s P -d 'probe: use the tunnels'
complete -c tuncheck -s q -d 'the exit status only'
complete -c tuncheck -s S -r -F -a '(__tun_sockets)' -d 'ask at this control socket'
complete -c tuncheck -s t -x -a '0.2 1 3 10' -d 'so many seconds for each answer'
complete -c tuncheck -s u -x -a '(__fish_complete_users)' -d 'of this user'
complete -c tuncheck -s V -d 'version'
complete -c tuncheck -s v -d 'the evidence'
complete -c tuncheck -s x -d 'all must be there and healthy'
complete -c tuncheck -l config -d 'ask ssh for its configuration'
complete -c tuncheck -l help -d 'a summary'
complete -c tuncheck -l ssh-name -x -a '(complete -C "")' -d 'another name of ssh'
