#include "directory/kerberos_error.h"

#include "directory/shown.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { DOING_BYTES = 512 };

static const char hint_account[] =
    "Check directory.bind.principal, and the account in the directory. The login is not tried "
    "again, so that the account is not locked.";
static const char hint_keytab[] =
    "A keytab ends with each change of the account's password: have it made anew. The login is not "
    "tried again, so that the account is not locked.";
static const char hint_service[] =
    "Write the server in directory.uri as Kerberos knows it, by its own full name and not by an "
    "alias or address; in Active Directory 'setspn -L' lists the names of a server.";
static const char hint_kdc[] =
    "The KDC is found by the SRV records of the realm or by krb5.conf; in Active Directory each "
    "domain controller is one. No firewall may be in between (port 88, TCP and UDP).";
static const char hint_clock[] =
    "Set the clock of this machine by NTP: Kerberos takes five minutes at most.";
static const char hint_etypes[] =
    "Have the keytab made with AES keys (ktpass -crypto AES256-SHA1, ktutil, samba-tool).";
static const char hint_kinit[] =
    "Have somebody keep a valid ticket there (kinit, k5start), or set directory.bind.keytab, which "
    "needs nobody.";
static const char hint_weak[] =
    "The server does not let GSSAPI encrypt, so that TLS must: use an ldaps:// URI, or leave "
    "directory.tls.mode at auto.";
static const char hint_configuration[] = "Check krb5.conf.";

static const struct row {
    krb5_error_code code;
    enum error_code error;
    enum ldap_attempt attempt;
    bool transient;
    const char *words; /* NULL: the library's say it all */
    const char *hint;
} rows[] = {
    {KRB5KDC_ERR_C_PRINCIPAL_UNKNOWN, ERROR_PERMISSION, LDAP_ATTEMPT_FAILED, false,
     "the realm knows no such account", hint_account},
    {KRB5KDC_ERR_PREAUTH_FAILED, ERROR_PERMISSION, LDAP_ATTEMPT_FAILED, false,
     "the key of the keytab is not the account's", hint_keytab},
    {KRB5KRB_AP_ERR_BAD_INTEGRITY, ERROR_PERMISSION, LDAP_ATTEMPT_FAILED, false,
     "the key of the keytab is not the account's", hint_keytab},
    {KRB5KDC_ERR_CLIENT_REVOKED, ERROR_PERMISSION, LDAP_ATTEMPT_FAILED, false,
     "the account is disabled, locked or expired", hint_account},
    {KRB5KDC_ERR_KEY_EXP, ERROR_PERMISSION, LDAP_ATTEMPT_FAILED, false,
     "the password has expired or must be changed first", hint_account},
    {KRB5KDC_ERR_NAME_EXP, ERROR_PERMISSION, LDAP_ATTEMPT_FAILED, false, "the account has expired",
     hint_account},
    {KRB5KDC_ERR_POLICY, ERROR_PERMISSION, LDAP_ATTEMPT_FAILED, false,
     "the account may not log in now or from here", hint_account},
    {KRB5_KT_NOTFOUND, ERROR_CONFIG, LDAP_ATTEMPT_FAILED, false,
     "the keytab holds no key of this principal",
     "'klist -k' shows what it holds; upper and lower case count."},
    {KRB5_KEYTAB_BADVNO, ERROR_CONFIG, LDAP_ATTEMPT_FAILED, false, "the file is no keytab", NULL},
    {KRB5KDC_ERR_ETYPE_NOSUPP, ERROR_PERMISSION, LDAP_ATTEMPT_FAILED, false,
     "there is no kind of encryption that both sides know", hint_etypes},
    {KRB5_PROG_ETYPE_NOSUPP, ERROR_PERMISSION, LDAP_ATTEMPT_FAILED, false,
     "there is no kind of encryption that both sides know", hint_etypes},
    {KRB5KDC_ERR_S_PRINCIPAL_UNKNOWN, ERROR_CONFIG, LDAP_ATTEMPT_LOST, false,
     "the realm knows no such service", hint_service},
    {KRB5KRB_AP_ERR_SKEW, ERROR_UNAVAILABLE, LDAP_ATTEMPT_FAILED, false,
     "the clocks of this machine and of the KDC differ too much", hint_clock},
    {KRB5_KDCREP_SKEW, ERROR_UNAVAILABLE, LDAP_ATTEMPT_FAILED, false,
     "the clocks of this machine and of the KDC differ too much", hint_clock},
    {KRB5KRB_AP_ERR_TKT_EXPIRED, ERROR_PERMISSION, LDAP_ATTEMPT_FAILED, false,
     "the ticket has expired", hint_kinit},
    {KRB5_FCC_NOFILE, ERROR_PERMISSION, LDAP_ATTEMPT_FAILED, false, "there is no ticket",
     hint_kinit},
    {KRB5_CC_NOTFOUND, ERROR_PERMISSION, LDAP_ATTEMPT_FAILED, false, "there is no ticket",
     hint_kinit},
    {KRB5_FCC_PERM, ERROR_PERMISSION, LDAP_ATTEMPT_FAILED, false, "it is not ours to read", NULL},
    {KRB5_KDC_UNREACH, ERROR_UNAVAILABLE, LDAP_ATTEMPT_FAILED, true, "no KDC answers", hint_kdc},
    {KRB5_REALM_UNKNOWN, ERROR_UNAVAILABLE, LDAP_ATTEMPT_FAILED, true,
     "no KDC of the realm is known", hint_kdc},
    {KRB5_REALM_CANT_RESOLVE, ERROR_UNAVAILABLE, LDAP_ATTEMPT_FAILED, true,
     "no KDC of the realm is known", hint_kdc},
    {KRB5_CONFIG_NODEFREALM, ERROR_CONFIG, LDAP_ATTEMPT_FAILED, false, "there is no default realm",
     "Write the realm in directory.bind.principal: alma@EXAMPLE.EDU."},
    {KRB5_PARSE_MALFORMED, ERROR_CONFIG, LDAP_ATTEMPT_FAILED, false,
     "that is no name of a principal", "It looks like alma@EXAMPLE.EDU."},
    {KRB5_CC_UNKNOWN_TYPE, ERROR_CONFIG, LDAP_ATTEMPT_FAILED, false,
     "there is no such kind of ticket cache", "It looks like FILE:/run/alma/ticket."},
    {KRB5_CCACHE_BADVNO, ERROR_CONFIG, LDAP_ATTEMPT_FAILED, false, "the file is no ticket cache",
     NULL},
    {KRB5_CC_FORMAT, ERROR_CONFIG, LDAP_ATTEMPT_FAILED, false, "the file is no ticket cache", NULL},
    {KRB5_CONFIG_BADFORMAT, ERROR_CONFIG, LDAP_ATTEMPT_FAILED, false, NULL, hint_configuration},
    {KRB5_CONFIG_CANTOPEN, ERROR_CONFIG, LDAP_ATTEMPT_FAILED, false, NULL, hint_configuration},
};

static const struct row other = {0, ERROR_UNAVAILABLE, LDAP_ATTEMPT_FAILED, false, NULL, NULL};

/* What libkrb5 and Cyrus SASL say within the texts of the GSSAPI library. */
static const struct {
    const char *part, *hint;
} hints[] = {
    {"Clock skew too great", hint_clock},
    {"Ticket expired", hint_kinit},
    {"not found in Kerberos database", hint_service},
    {"Wrong principal in request", hint_service},
    {"mechanism too weak", hint_weak},
    /* DNS gives the host one name now and another one then (kerberos.c). */
    {"Matching credential not found", hint_service},
};

static const struct row *
row_of(krb5_error_code code)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (rows[i].code == code)
            return &rows[i];
    return &other;
}

enum ldap_attempt
kerberos_error_set(struct error *err, krb5_context context, krb5_error_code code, const char *doing,
                   ...)
{
    const struct row *row = row_of(code);
    const char *said = krb5_get_error_message(context, code);
    char action[DOING_BYTES];
    va_list arguments;

    va_start(arguments, doing);
    vsnprintf(action, sizeof action, doing, arguments);
    va_end(arguments);
    error_set(err, row->error, "%s: %s%s'%s'", action, row->words ? row->words : "",
              row->words ? ", " : "", shown(slice_of(said)).text);
    err->transient = row->transient;
    if (row->hint)
        error_hint(err, "%s", row->hint);
    krb5_free_error_message(context, said);
    return row->attempt;
}

const char *
kerberos_error_hint(const char *text)
{
    for (size_t i = 0; text && i < sizeof hints / sizeof hints[0]; i++)
        if (strstr(text, hints[i].part))
            return hints[i].hint;
    return NULL;
}
