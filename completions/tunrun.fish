# SPDX-License-Identifier: ISC
#
# tunrun(1) for fish: its own options, then those of the command.

# An option that is none of ours is ssh's, as if that stood before it.
function __tunrun_command
    set -l words (commandline -opc)
    set -e words[1]
    while set -q words[1]
        switch $words[1]
            case -l -t --ssh-name
                set -e words[1..2]
            case '-l*' '-t*' --strict '--ssh-name=*'
                set -e words[1]
            case --
                break
            case '-*'
                if not string match -qr '^-[JqvV]+$' -- $words[1]
                    set -l line ssh (string escape -- $words) (commandline -ct)
                    complete -C "$line"
                    return
                end
                set -e words[1]
            case '*'
                break
        end
    end
    __fish_complete_subcommand
end

complete -c tunrun -x -a '(__tunrun_command)'
complete -c tunrun -s J -d 'JSON'
complete -c tunrun -s l -x -d 'a label'
complete -c tunrun -s q -d 'print nothing'
complete -c tunrun -s t -x -a '5s 10s 30s 1m' -d 'how long to wait for the forwards'
complete -c tunrun -s V -d 'version'
complete -c tunrun -s v -d 'also the IDs'
complete -c tunrun -l help -d 'a summary'
complete -c tunrun -l ssh-name -x -a '(complete -C "")' -d 'another name of ssh'
complete -c tunrun -l strict -d 'all forwards, or none'
