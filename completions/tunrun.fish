# SPDX-License-Identifier: ISC
#
# tunrun(1) for fish: its own options, then those of the command.

complete -c tunrun -x -a '(__fish_complete_subcommand)'
complete -c tunrun -s J -d 'JSON'
complete -c tunrun -s l -x -d 'a label'
complete -c tunrun -s q -d 'print nothing'
complete -c tunrun -s t -x -a '5s 10s 30s 1m' -d 'how long to wait for the forwards'
complete -c tunrun -s V -d 'version'
complete -c tunrun -s v -d 'also the IDs'
complete -c tunrun -l help -d 'a summary'
complete -c tunrun -l strict -d 'all forwards, or none'
