#include "directory/ldap_error.h"

#include "base/buffer.h"
#include "directory/shown.h"

#include <ctype.h>
#include <ldap.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { DOING_BYTES = 512 };

struct row {
    int result;
    enum error_code code;
    enum ldap_attempt attempt;
    const char *hint;
};

static const char hint_limit[] =
    "The directory limits what this account may read, so it is not the whole. Ask for a higher "
    "limit for the account (OpenLDAP: limits … size.prtotal=unlimited), or set "
    "directory.page_size.";
static const char hint_encrypt[] =
    "The server wants an encrypted connection: use an ldaps:// URI, or leave directory.tls.mode "
    "at auto.";
static const char hint_login[] =
    "Check directory.bind. The login is not tried again, so that the account is not locked.";
static const char hint_rights[] =
    "Give the account that logs in the right to read the people and their attributes.";
static const char hint_not_ldap[] = "Check that host and port are those of a directory server.";

static const struct row rows[] = {
    {LDAP_TIMELIMIT_EXCEEDED, ERROR_UNAVAILABLE, LDAP_ATTEMPT_FAILED, hint_limit},
    {LDAP_SIZELIMIT_EXCEEDED, ERROR_UNAVAILABLE, LDAP_ATTEMPT_FAILED, hint_limit},
    {LDAP_ADMINLIMIT_EXCEEDED, ERROR_UNAVAILABLE, LDAP_ATTEMPT_FAILED, hint_limit},
    {LDAP_STRONG_AUTH_REQUIRED, ERROR_PERMISSION, LDAP_ATTEMPT_FAILED, hint_encrypt},
    {LDAP_CONFIDENTIALITY_REQUIRED, ERROR_PERMISSION, LDAP_ATTEMPT_FAILED, hint_encrypt},
    {LDAP_AUTH_METHOD_NOT_SUPPORTED, ERROR_PERMISSION, LDAP_ATTEMPT_FAILED, hint_login},
    {LDAP_INAPPROPRIATE_AUTH, ERROR_PERMISSION, LDAP_ATTEMPT_FAILED, hint_login},
    {LDAP_INVALID_CREDENTIALS, ERROR_PERMISSION, LDAP_ATTEMPT_FAILED, hint_login},
    {LDAP_INSUFFICIENT_ACCESS, ERROR_PERMISSION, LDAP_ATTEMPT_FAILED, hint_rights},
    {LDAP_REFERRAL, ERROR_CONFIG, LDAP_ATTEMPT_FAILED,
     "This server does not hold what it is asked for. Name a server that does in directory.uri; "
     "referrals are not followed."},
    {LDAP_UNAVAILABLE_CRITICAL_EXTENSION, ERROR_UNAVAILABLE, LDAP_ATTEMPT_FAILED,
     "Set directory.page_size to 0 if the server cannot answer in pages."},
    {LDAP_NO_SUCH_OBJECT, ERROR_CONFIG, LDAP_ATTEMPT_FAILED,
     "Check the base in directory.searches, and that the account may see it."},
    {LDAP_INVALID_DN_SYNTAX, ERROR_CONFIG, LDAP_ATTEMPT_FAILED,
     "A name looks like 'ou=people,dc=example,dc=edu'."},
    {LDAP_INVALID_SYNTAX, ERROR_CONFIG, LDAP_ATTEMPT_FAILED, NULL},
    {LDAP_INAPPROPRIATE_MATCHING, ERROR_CONFIG, LDAP_ATTEMPT_FAILED, NULL},
    {LDAP_UNDEFINED_TYPE, ERROR_CONFIG, LDAP_ATTEMPT_FAILED, NULL},
    {LDAP_FILTER_ERROR, ERROR_CONFIG, LDAP_ATTEMPT_FAILED,
     "A filter looks like '(objectClass=person)' (RFC 4515)."},
    {LDAP_BUSY, ERROR_UNAVAILABLE, LDAP_ATTEMPT_LOST, NULL},
    {LDAP_UNAVAILABLE, ERROR_UNAVAILABLE, LDAP_ATTEMPT_LOST, NULL},
    {LDAP_SERVER_DOWN, ERROR_UNAVAILABLE, LDAP_ATTEMPT_LOST, NULL},
    {LDAP_TIMEOUT, ERROR_UNAVAILABLE, LDAP_ATTEMPT_LOST,
     "The server is slow or hangs; directory.timeout says how long to wait."},
    {LDAP_CONNECT_ERROR, ERROR_UNAVAILABLE, LDAP_ATTEMPT_LOST, NULL},
    {LDAP_LOCAL_ERROR, ERROR_UNAVAILABLE, LDAP_ATTEMPT_LOST, hint_not_ldap},
    {LDAP_DECODING_ERROR, ERROR_UNAVAILABLE, LDAP_ATTEMPT_LOST, hint_not_ldap},
};

/* Any other result is an answer that another attempt would get too. */
static const struct row other = {0, ERROR_UNAVAILABLE, LDAP_ATTEMPT_FAILED, NULL};

/* What Active Directory means is the number with which its diagnostic message begins. The last of
 * these is a page whose place in the list the server has not kept, to save memory: asked for from
 * the start, it answers (the vendor's "How LDAP server cookies are handled"). */
static const struct {
    const char *number;
    struct row row;
} numbered[] = {
    {"000004DC",
     {LDAP_OPERATIONS_ERROR, ERROR_PERMISSION, LDAP_ATTEMPT_FAILED,
      "The server answers nobody who has not logged in: check directory.bind."}},
    {"00002120",
     {LDAP_OPERATIONS_ERROR, ERROR_CONFIG, LDAP_ATTEMPT_FAILED,
      "The mapping names an attribute that this server tells of one entry at a time, such as "
      "tokenGroups; for groups take 'groups' or 'groups.nested'."}},
    {"00000057", {LDAP_UNAVAILABLE_CRITICAL_EXTENSION, ERROR_UNAVAILABLE, LDAP_ATTEMPT_LOST, NULL}},
};

/* https://learn.microsoft.com/windows/win32/debug/system-error-codes, in hexadecimal. */
static const struct {
    const char *code;
    const char *words;
} logins[] = {
    {"525", "there is no such user"},
    {"52e", "the password or the user name is wrong"},
    {"530", "the account may not log in at this time"},
    {"531", "the account may not log in from this machine"},
    {"52f", "the account may not log in this way (its restrictions, or Protected Users)"},
    {"532", "the password has expired"},
    {"533", "the account is disabled"},
    {"701", "the account has expired"},
    {"773", "the password must be changed first"},
    {"775", "the account is locked"},
    {"80090346", "the login is not bound to this TLS connection (channel binding)"},
};

static const struct row *
row_of(int result, const char *diagnostic)
{
    for (size_t i = 0; i < sizeof numbered / sizeof numbered[0] && diagnostic; i++)
        if (numbered[i].row.result == result &&
            strncmp(diagnostic, numbered[i].number, strlen(numbered[i].number)) == 0)
            return &numbered[i].row;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (rows[i].result == result)
            return &rows[i];
    return &other;
}

const char *
ldap_error_login_words(const char *diagnostic)
{
    static const char mark[] = ", data ";
    const char *code = diagnostic ? strstr(diagnostic, mark) : NULL;

    if (!code)
        return NULL;
    code += sizeof mark - 1;
    for (size_t i = 0; i < sizeof logins / sizeof logins[0]; i++) {
        size_t length = strlen(logins[i].code);

        if (strncmp(code, logins[i].code, length) == 0 && !isxdigit((unsigned char)code[length]))
            return logins[i].words;
    }
    return NULL;
}

/* libldap begins with a capital letter; our messages don't. */
static void
add_result_text(struct buffer *text, int result)
{
    const char *words = ldap_err2string(result);

    if (isupper((unsigned char)words[0]) && !isupper((unsigned char)words[1]))
        buffer_format(text, "%c%s", tolower((unsigned char)words[0]), words + 1);
    else
        buffer_add_text(text, words);
    if (result > 0)
        buffer_format(text, " (%d)", result);
}

static void
add_failure(struct buffer *text, const struct ldap_failure *failure)
{
    const char *login = ldap_error_login_words(failure->diagnostic);

    add_result_text(text, failure->result);
    if (login)
        buffer_format(text, ": %s", login);
    if (failure->system)
        buffer_format(text, ": %s", failure->system);
    if (failure->diagnostic && failure->diagnostic[0])
        buffer_format(text, ", '%s'", shown(slice_of(failure->diagnostic)).text);
}

enum ldap_attempt
ldap_error_set(struct error *err, const struct ldap_failure *failure, const char *doing, ...)
{
    const struct row *row = row_of(failure->result, failure->diagnostic);
    struct buffer text = BUFFER_INIT;
    char action[DOING_BYTES];
    va_list arguments;

    va_start(arguments, doing);
    vsnprintf(action, sizeof action, doing, arguments);
    va_end(arguments);
    add_failure(&text, failure);
    error_set(err, row->code, "%s: %.*s", action, (int)text.length, text.data);
    err->transient = row->attempt == LDAP_ATTEMPT_LOST;
    if (failure->result == LDAP_NO_SUCH_OBJECT && failure->matched && failure->matched[0])
        error_hint(err, "Only '%s' exists, or the account sees no more. %s",
                   shown(slice_of(failure->matched)).text, row->hint);
    else if (row->hint)
        error_hint(err, "%s", row->hint);
    buffer_free(&text);
    return row->attempt;
}
