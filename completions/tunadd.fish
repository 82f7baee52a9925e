# SPDX-License-Identifier: ISC
#
# tunadd(1) for fish.  It asks tunps(1) what there is.

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

# Is a master named already?
function __tunadd_has_master
    set --local value
    for word in (commandline -opc)[2..]
        if set -q value[1]
            set value
        else if string match -qr -- '^-[^-]*S' $word
            return 0
        else if string match -qr -- '^(-[^-]*[DLRt]|--ssh-name)$' $word
            set value yes
        else if not string match -q -- '-*' $word
            return 0
        end
    end
    return 1
end

complete -c tunadd -f
complete -c tunadd -n 'not __tunadd_has_master' -f -a '(__tun_ask -M)'
complete -c tunadd -n 'not __tunadd_has_master; and string match -q "*/*" -- (commandline -ct)' -F
complete -c tunadd -s D -x -d 'add a dynamic forward'
complete -c tunadd -s L -x -d 'add a local forward'
complete -c tunadd -s n -l dry-run -d 'only say what would be added'
complete -c tunadd -s R -x -d 'add a remote forward'
complete -c tunadd -s S -r -F -a '(__tun_sockets)' -d 'to the master with this control socket'
complete -c tunadd -s t -x -a '1 10 30 60' -d 'so many seconds for each answer'
complete -c tunadd -s V -d 'version'
complete -c tunadd -l help -d 'a summary'
complete -c tunadd -l ssh-name -x -a '(complete -C "")' -d 'another name of ssh'
