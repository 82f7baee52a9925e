# SPDX-License-Identifier: ISC
#
# tunps(1) for fish.

# The command as it was typed, and the options that narrow what it offers.
function __tunps
    set --local words (commandline -opc)
    $words[1] $argv 2>/dev/null
end

# Ports and paths that --server lists.
function __tunps_served
    __tunps --server -nr | awk '/\\\\/ { next }
        substr($1, 1, 1) != "/" { sub(/.*:/, "", $1) }
        { print $1 "\t" $2 " from " $4 }' | sort -u
end

function __tunps_selectors
    set --local words (commandline -opc)
    set --local options (string match -r -- '^-[aeDLMR]+$' $words)
    set --local lines
    if contains -- --server $words
        set lines (__tunps_served)
    else
        set lines (__tunps $options --complete (commandline -ct | string unescape))
    end
    for line in $lines
        contains -- (string split -m 1 \t -- $line)[1] $words
        or echo $line
    end
end

function __tunps_columns
    __tunps --list-columns | string replace -r ' +' \t
end

# __tunps_list REGEX: lines on stdin, each after what of a list with commas is
# there already, with a sign that matches.
function __tunps_list
    set --local word (commandline -ct | string replace -r '^(--[a-z-]+=|-[A-Za-z]*[opu])' '')
    set --local head (string match -r -- "^(?:.*,)?$argv[1]" "$word")
    while read --local line
        echo $head$line
    end
end

function __tunps_hosts
    __tunps -anr -o via,target | string replace -r '^[^ ]*@' '' |
        string replace -r ' (.*):[0-9]+$' ' $1' | string split ' ' |
        string match -r '^[A-Za-z0-9][A-Za-z0-9.-]*$' | sort -u
end

complete -c tunps -f
complete -c tunps -f -a '(__tunps_selectors)'
complete -c tunps -n 'string match -q "*/*" -- (commandline -ct)' -F
complete -c tunps -s a -d 'also those in the foreground'
complete -c tunps -s c -d 'print their number'
complete -c tunps -s D -d 'dynamic forwards'
complete -c tunps -s d -x -d 'separator of -t'
complete -c tunps -s e -d 'also those of other users'
complete -c tunps -s J -d 'JSON'
complete -c tunps -s j -d 'JSON, one line for each tunnel'
complete -c tunps -s L -d 'local forwards'
complete -c tunps -s l -d 'long: more columns'
complete -c tunps -s M -d 'masters'
complete -c tunps -s n -d 'no headings'
complete -c tunps -s O -d 'all columns'
complete -c tunps -s o -x -a '(__tunps_columns | __tunps_list "\+?")' -d 'these columns'
complete -c tunps -s p -x -a '(__tunps -aenr -o pid,via | string replace " " \t | __tunps_list)' -d 'with these PIDs'
complete -c tunps -s q -d 'the exit status only'
complete -c tunps -s R -d 'remote forwards'
complete -c tunps -s r -d 'raw, for programs'
complete -c tunps -s S -r -F -a '(__tunps -aMnr -o ctlpath,via | string match -r "^/[^\\\\\\\\]* .*" | string replace " " \t)' -d 'with this control socket'
complete -c tunps -s T -d 'as a tree'
complete -c tunps -s t -d 'PIDs only'
complete -c tunps -s u -x -a '(__fish_complete_users | __tunps_list)' -d 'of these users'
complete -c tunps -s V -d 'version'
complete -c tunps -s v -d 'the evidence'
complete -c tunps -s w -d 'do not cut lines'
complete -c tunps -l check -d 'ask whether they work'
complete -c tunps -l clients -d 'who is connected'
complete -c tunps -l complete -x -d 'words for a shell'
complete -c tunps -l config -d 'ask ssh for its configuration'
complete -c tunps -l expect -x -a '(__tunps_hosts)' -d 'must lead to this host'
complete -c tunps -l export -x -a 'config sh systemd' -d 'to start them again'
complete -c tunps -l exposed -d 'open to other machines'
complete -c tunps -l heard -x -a '30s 5m 1h 12h 1d' -d 'server not heard of for so long'
complete -c tunps -l help -d 'a summary'
complete -c tunps -l idle -x -a '30s 5m 1h 12h 1d' -d 'no data for so long'
complete -c tunps -l list-columns -d 'all columns'
complete -c tunps -l metrics -d 'numbers for a monitoring system'
complete -c tunps -n 'string match -q -- "--metrics=*" (commandline -ct)' -f -a '--metrics=each' -d 'also for each forward'
complete -c tunps -l newest -d 'the one started last'
complete -c tunps -l older -x -a '30s 5m 1h 12h 1d' -d 'running for so long'
complete -c tunps -l oldest -d 'the one started first'
complete -c tunps -l on-change -x -d 'run this command for each change'
complete -c tunps -l record -r -F -d 'write what is read, for --table'
complete -c tunps -l server -d 'what sshd has here for -R'
complete -c tunps -l sort -x -a '(__tunps_columns | __tunps_list "-?")' -d 'sort by these columns'
complete -c tunps -l ssh-name -x -a '(complete -C "")' -d 'another name of ssh'
complete -c tunps -l stale -d 'dead ones'
complete -c tunps -l state -x -a '(string join \n alive broken choked closed detached deadfile gone half hidden loop mute noaddress partial prompt quiet released stalled starting stopped stuck taken unbound unknown up useless | __tunps_list)' -d 'in these states'
complete -c tunps -l suspect -d 'dubious ones'
complete -c tunps -l table -r -F -d 'a recorded table'
complete -c tunps -l wait -x -a '30s 5m 1h 12h 1d' -d 'until it listens'
complete -c tunps -l watch -d 'look again every two seconds'
