# SPDX-License-Identifier: ISC
#
# The tun tools for fish, which looks for this file under the name of each tool.
# A tool says what its options are (--options: common/options.h), and tunps what
# there is.

# The tunps beside the tool, or the one in PATH.
function __tun_tunps
    set --local beside (string replace -r '[^/]*$' tunps -- (commandline -opc)[1])
    if string match -q '*/*' -- $beside; and test -x $beside
        $beside $argv 2>/dev/null
    else
        tunps $argv 2>/dev/null
    end
end

# Of lines "value TAB meaning" on stdin, those whose value is not there yet.
function __tun_new
    set --local words (commandline -opc)
    while read --local line
        contains -- (string split -m 1 \t -- $line)[1] $words
        or echo $line
    end
end

# --- values of options ------------------------------------------------------

function __tun_values --argument-names values
    switch $values
        case @column
            __tun_tunps --list-columns | string replace -r ' +' \t
        case @host
            if contains -- --server (commandline -opc)
                __tun_tunps --server --complete '' |
                    string replace -rf '\tdestination$' ''
                return
            end
            __tun_tunps -anr -o via,target | string replace -r '^[^ ]*@' '' |
                string replace -r ' (.*):[0-9]+$' ' $1' | string split ' ' |
                string match -r '^[A-Za-z0-9][A-Za-z0-9.-]*$' | sort -u
        case @pid
            __tun_tunps -aenr -o pid,via | string replace ' ' \t
        case @program
            complete -C ''
        case @socket
            __tun_tunps -aMnr -o ctlpath,via |
                string match -r '^/[^\\\\]* .*' | string replace ' ' \t
        case @user
            __fish_complete_users
        case '*'
            string split ' ' -- $values
    end
end

# __tun_list LETTER SIGN: lines on stdin, each after what of a list with commas
# is there already, with a sign that matches.
function __tun_list --argument-names letter sign
    set --local word (commandline -ct | string replace -r "^(--[a-z-]+=|-[A-Za-z]*$letter)" '')
    set --local head (string match -r -- "^(?:.*,)?$sign" "$word")
    while read --local line
        echo $head$line
    end
end

# --- operands ---------------------------------------------------------------

# __tun_given LETTERS: the words that are options of these letters.
function __tun_given --argument-names letters
    string match -r -- "^-[$letters]+\$" (commandline -opc)
end

# __tun_ask OPTION...: what may stand for a selector.
function __tun_ask
    set --local word (commandline -ct | string unescape)
    begin
        __tun_tunps $argv --complete "$word"
        # What runs no more can be started again, or be forgotten.
        string match -qr -- '^--(again|forget)$' (commandline -opc)
        and __tun_tunps --lost --complete "$word"
    end | __tun_new
end

# __tun_rest TOOL: the words from the first that is no option of it.
function __tun_rest --argument-names tool
    set --local own __tun_own_$tool
    set --local takes __tun_takes_$tool
    set --local words (commandline -opc)[2..-1]
    while string match -qr -- $$own "$words[1]"
        string match -qr -- $$takes $words[1]
        and set words $words[2..-1]
        set words $words[2..-1]
    end
    set -q words[1]
    and printf '%s\n' $words
end

function __tunadd_has_master
    set --local rest (__tun_rest tunadd)
    set -q rest[1]
    or string match -qr -- '^-[^-]*S' (commandline -opc)
end

function __tunadd_operands
    __tunadd_has_master
    or __tun_ask -M
end

# It has no -e for those of others, but -u.
function __tuncheck_operands
    if string match -q -- '-u*' (commandline -opc)
        __tun_ask -e
    else
        __tun_ask
    end
end

# It finds by name what is in the foreground, too.
function __tunkill_operands
    if contains -- --server (commandline -opc)
        __tun_ask --server --direct
    else if not contains -- --sockets (commandline -opc)
        __tun_ask -a (__tun_given DLR)
    end
end

function __tunpermit_operands
    __fish_complete_users
end

function __tunps_operands
    if contains -- --server (commandline -opc)
        __tun_ask --server (string match -- --direct (commandline -opc))
    else if contains -- --lost (commandline -opc)
        __tun_ask --lost
    else if contains -- --forget (commandline -opc)
        __tun_ask -a (__tun_given DLR)
    else if not contains -- --help (commandline -opc)
        __tun_ask (__tun_given aeDLMR)
    end
end

# What the command would offer.  An option that is none of tunrun's is ssh's, as
# if that stood before it.
function __tunrun_operands
    if string match -qr -- '^--(again|keep)$' (commandline -opc)
        __tun_ask -a
        return
    end
    set --local rest (__tun_rest tunrun)
    switch "$rest[1]"
        case --
            set rest $rest[2..-1]
        case '-*'
            set rest ssh $rest
    end
    set --local line (string escape -- $rest '')
    set line[-1] (commandline -ct)
    complete --do-complete="$line"
end

function __tun_wants_files --argument-names tool
    switch $tool
        case tunadd
            __tunadd_has_master
            and return 1
        case tunkill
            contains -- --sockets (commandline -opc)
            and return 0
        case tunrun
            string match -qr -- '^--(again|keep)$' (commandline -opc)
            or return 1
    end
    string match -q '*/*' -- (commandline -ct)
end

# --- options ----------------------------------------------------------------

# __tun_value LETTER ARG VALUES: what complete(1) is told of a value.
function __tun_value --argument-names letter arg values
    set --local offer "__tun_values '$values'"
    switch $arg
        case '[*]*,...'
            set offer "$offer | __tun_list '$letter' '["(string sub -s 2 -l 1 -- $arg)"]?'"
        case '*,...'
            set offer "$offer | __tun_list '$letter'"
    end
    switch $values
        case @file
            printf '%s\n' -r -F
        case @socket
            printf '%s\n' -r -F -a "($offer)"
        case ''
            echo -x
        case '*'
            printf '%s\n' -x -a "($offer)"
    end
end

# __tun_complete TOOL: tells fish of its options and operands, and __tun_rest of
# its words.
function __tun_complete --argument-names tool
    set --local run $tool
    command -q $tool
    or set run (commandline -opc)[1]
    set --local plain
    set --local valued
    set --local long
    for line in ($run --options 2>/dev/null)
        set --local fields (string split \t -- $line)
        set --local letter (string replace -rf -- '^-([^-]).*' '$1' $fields[2])
        set --local name (string replace -rf -- '^.*--' '' $fields[2])
        set --local value
        switch $fields[4]
            case '' '[*]'
                set -a plain $letter
                # An optional value is in the same word, a topic in the next.
                test -z "$fields[4]" -a -n "$fields[5]"
                and complete -c $tool -n "contains -- --$name (commandline -opc)" -f -a "$fields[5]"
                test -n "$fields[4]" -a -n "$fields[5]"
                and complete -c $tool -n "string match -q -- '--$name=*' (commandline -ct)" -f -a "--$name="(string replace -a ' ' " --$name=" -- $fields[5])
            case '*'
                set -a valued $letter
                set -a long $name
                set value (__tun_value "$letter" $fields[4..5])
        end
        complete -c $tool -s$letter -l$name $value -d $fields[3]
    end
    set plain (string join '' $plain)
    set valued (string join '' $valued)
    set long (string join '|' $long)
    set -g __tun_own_$tool "^(-[$plain]+|-[$plain]*[$valued].*|--.+)\$"
    set -g __tun_takes_$tool "^(-[$plain]*[$valued]|--($long))\$"
    complete -c $tool -a "(__"$tool"_operands)"
    complete -c $tool -n "not __tun_wants_files $tool" -f
end

__tun_complete (status filename | string replace -r '.*/(.*)\.fish$' '$1')
