# SPDX-License-Identifier: ISC
#
# tunkill(1) for fish.  What it offers comes from tunps(1).

# The tunps beside it, or the one in PATH.
function __tunkill_tunps
    set --local words (commandline -opc)
    set --local beside (string replace -r '[^/]*$' tunps -- $words[1])
    if string match -q '*/*' -- $words[1]; and test -x $beside
        $beside $argv 2>/dev/null
    else
        tunps $argv 2>/dev/null
    end
end

# What may stand for a selector, in the foreground, too.
function __tunkill_selectors
    set --local words (commandline -opc)
    set --local options (string match -r -- '^-[DLR]+$' $words)
    for line in (__tunkill_tunps -a $options --complete (commandline -ct | string unescape))
        contains -- (string split -m 1 \t -- $line)[1] $words
        or echo $line
    end
end

# Lines on stdin, each after what of a list with commas is there already.
function __tunkill_list
    set --local word (commandline -ct | string replace -r '^(--[a-z-]+=|-[A-Za-z]*[pu])' '')
    set --local head (string match -r -- '^(?:.*,)?' "$word")
    while read --local line
        echo $head$line
    end
end

complete -c tunkill -f
complete -c tunkill -n 'not contains -- --sockets (commandline -opc)' -a '(__tunkill_selectors)'
complete -c tunkill -n 'contains -- --sockets (commandline -opc); or string match -q "*/*" -- (commandline -ct)' -F
complete -c tunkill -s a -d 'all that match'
complete -c tunkill -s D -d 'dynamic forwards'
complete -c tunkill -s e -d 'print what has ended'
complete -c tunkill -s I -d 'ask about each'
complete -c tunkill -s i -d 'ask about each'
complete -c tunkill -s J -d 'JSON'
complete -c tunkill -s k -x -a '30s 5m 1h 12h 1d' -d 'KILL after so long'
complete -c tunkill -s L -d 'local forwards'
complete -c tunkill -s n -l dry-run -d 'only show what would be done'
complete -c tunkill -s p -x -a '(__tunkill_tunps -aenr -o pid,via | string replace " " \t | __tunkill_list)' -d 'with these PIDs'
complete -c tunkill -s q -d 'no messages'
complete -c tunkill -s R -d 'remote forwards'
complete -c tunkill -s S -r -F -a '(__tunkill_tunps -aMnr -o ctlpath,via | string match -r "^/[^\\\\\\\\]* .*" | string replace " " \t)' -d 'with this control socket'
complete -c tunkill -s s -l signal -x -a 'TERM HUP INT QUIT KILL ABRT USR1 USR2 ALRM' -d 'this signal'
complete -c tunkill -s u -x -a '(__fish_complete_users | __tunkill_list)' -d 'of these users'
complete -c tunkill -s V -d 'version'
complete -c tunkill -s v -d 'print the plan, and what has ended'
complete -c tunkill -s w -d 'wait so long'
complete -c tunkill -l config -d 'ask ssh for its configuration'
complete -c tunkill -l exposed -d 'open to other machines'
complete -c tunkill -l heard -x -a '30s 5m 1h 12h 1d' -d 'server not heard of for so long'
complete -c tunkill -l help -d 'a summary'
complete -c tunkill -l idle -x -a '30s 5m 1h 12h 1d' -d 'no data for so long'
complete -c tunkill -l older -x -a '30s 5m 1h 12h 1d' -d 'running for so long'
complete -c tunkill -l sessions -d 'also with a shell or command'
complete -c tunkill -l sockets -d 'remove dead control sockets'
complete -c tunkill -l ssh-name -x -a '(complete -C "")' -d 'another name of ssh'
complete -c tunkill -l stale -d 'dead ones'
complete -c tunkill -l state -x -a '(string join \n alive broken choked closed detached deadfile gone half hidden loop mute noaddress partial prompt quiet released stalled starting stopped stuck taken unbound unknown up useless | __tunkill_list)' -d 'in these states'
complete -c tunkill -l supervisor -d 'end first what starts it again'
complete -c tunkill -l suspect -d 'dubious ones'
complete -c tunkill -l table -r -F -d 'a recorded table'
complete -c tunkill -l whole -d 'the whole tunnel'
