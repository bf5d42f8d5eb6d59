# Completion for fish. The program itself says what a word can become, out of its own tables.
function __ldap2alma_complete
    set -l words (commandline -opc) (commandline -ct)
    for line in ($words[1] complete $words[2..-1] 2>/dev/null)
        switch $line
            case :files
                __fish_complete_path (commandline -ct)
            case :folders
                __fish_complete_directories (commandline -ct)
            case '*'
                echo $line
        end
    end
end
complete -c ldap2alma -f -a '(__ldap2alma_complete)'
complete -c check_ldap2alma -f -a '(__ldap2alma_complete)'
