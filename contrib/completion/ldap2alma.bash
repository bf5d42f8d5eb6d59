# Completion for bash: commands, options and their values are those of `ldap2alma --help`.

# The usage of a command, out of the help on standard input.
_ldap2alma_usage() {
    awk -v command="$1" '
        /^commands:/ { listed = 1 }
        listed && /^  [a-z]/ { found = $1 == command }
        /^      [a-z]/ { found = 0 }
        found { sub("^  " command, ""); print }
    '
}

# Each brake has its limit among the options, which stand on standard input.
_ldap2alma_brakes() {
    sed -n '/^brakes\.release/d; s/^brakes\.\([a-z_]*\).*/\1/p'
}

# Of words such as --mode, text or FILE what the current one can become.
_ldap2alma_match() {
    local current=$1 word
    shift

    for word; do
        case $word in
        FILE* | FOLDER*) compgen -f -- "$current" ;;
        MODE) compgen -W 'import synchronize' -- "$current" ;;
        [a-z-]*) compgen -W "$word" -- "$current" ;;
        esac
    done
}

_ldap2alma() {
    local current=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}
    local help usage words command='' i

    for ((i = 1; i < COMP_CWORD; i++)); do
        case ${COMP_WORDS[i]} in
        -c | --config | --log | --log-format) i=$((i + 1)) ;;
        -*) ;;
        *)
            command=${COMP_WORDS[i]}
            break
            ;;
        esac
    done
    help=$("$1" --help 2>/dev/null)
    usage=$(_ldap2alma_usage "$command" <<<"$help")
    if [ -z "$command" ] && [[ $before == -c || $before == --config ]]; then
        words=FILE
    elif [ -z "$command" ] && [ "$before" = --log ]; then
        words='stderr syslog FILE'
    elif [ -z "$command" ] && [ "$before" = --log-format ]; then
        words='text json'
    elif [ -z "$command" ] && [[ $current == -* ]]; then
        words=$(grep -oE '^  +(-[a-z], )?--[a-z-]+' <<<"$help" | tr -d ,)
    elif [ -z "$command" ]; then
        words=$(sed -n '/^commands:/,$ s/^  \([a-z]*\).*/\1/p' <<<"$help")
    elif [[ $before == --* ]] && words=$(grep -oE -- "$before [^] -]+" <<<"$usage"); then
        words=${words#* }
        [ "$words" != BRAKE ] || words=$("$1" options 2>/dev/null | _ldap2alma_brakes)
    elif [[ $current == -* ]]; then
        words=$(grep -oE -- '--[a-z-]+' <<<"$usage")
    else
        words=$(sed 's/\[--[^]]*]//g; s/[][]//g' <<<"$usage")
    fi
    # shellcheck disable=SC2086 # words are wanted
    mapfile -t COMPREPLY < <(_ldap2alma_match "$current" ${words//|/ })
}
complete -o filenames -F _ldap2alma ldap2alma
