# shellcheck shell=sh
# What the scripts for LSC share; they read it with ".".
#
# LSC gives a script nothing but the <variables> of lsc.xml: no PATH, no locale, no home. It tells
# the script the DN as an argument, too, which no script here looks at: a Java that runs without a
# UTF-8 locale spoils it. What matters comes on standard input, which is ASCII.
PATH=${PATH:-/usr/local/bin:/usr/bin:/bin}
LC_ALL=C
export PATH LC_ALL

# say LEVEL TEXT: on standard error, a level before each line as LSC wants it. LSC reads that only
# when the script has ended: what does not fit into a pipe would never end.
say() {
    [ -z "$2" ] || printf '%s\n' "$2" | head -c 6000 | sed "s/^/$1: /" >&2
}

fail() {
    say ERROR "${0##*/}: $1"
    exit 65
}

# feed COMMAND...: runs ldap2alma for the feed; ends with its exit status.
feed() {
    [ -n "${LDAP2ALMA_SETTINGS:-}" ] || fail "the variable LDAP2ALMA_SETTINGS is missing in lsc.xml"
    # The third one is where answers go, while messages are collected.
    { messages=$(ldap2alma -q -c "$LDAP2ALMA_SETTINGS" "$@" 2>&1 >&3 3>&-); } 3>&1
    status=$?
    case $status in
    0) say DEBUG "$messages" ;;
    2) say WARN "$messages" ;;
    *) say ERROR "${messages:-ldap2alma ended with $status}" ;;
    esac
    return $status
}
