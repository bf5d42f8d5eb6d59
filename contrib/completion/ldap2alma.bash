# Completion for bash. The program itself says what a word can become, out of its own tables.
_ldap2alma() {
    local word current=${COMP_WORDS[COMP_CWORD]}

    [ "$current" != = ] || current=
    COMPREPLY=()
    while IFS=$'\t' read -r word _; do
        case $word in
        :files | :folders)
            compopt -o filenames 2>/dev/null
            [ "$word" = :files ] && word=-f || word=-d
            mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen "$word" -- "$current")
            ;;
        *)
            # Behind what ends so, more of the same word follows.
            [[ $word != *= ]] || compopt -o nospace 2>/dev/null
            COMPREPLY+=("$word")
            ;;
        esac
    done < <("$1" complete "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -F _ldap2alma ldap2alma check_ldap2alma
