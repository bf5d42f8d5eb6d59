#include "directory/netlogon.h"

#include <arpa/nameser.h>
#include <resolv.h>
#include <stdio.h>

enum {
    OPCODE_FIRST = 23, /* LOGON_SAM_LOGON_RESPONSE_EX, …_PAUSE_…, …_USER_UNKNOWN_… */
    OPCODE_LAST = 25,
    HEAD_BYTES = 24, /* opcode, two bytes of nothing, flags, the domain's GUID */
    /* Behind it: the forest's, domain's and host's DNS names, their NetBIOS names, the user, the
     * server's site, the client's site. */
    NAMES_BEFORE = 7
};

_Static_assert(NETLOGON_SITE_SIZE == NS_MAXDNAME, "any name that is read fits");

bool
netlogon_parse(struct slice value, char ret_site[NETLOGON_SITE_SIZE])
{
    const unsigned char *bytes = (const unsigned char *)value.data;
    size_t at = HEAD_BYTES;

    ret_site[0] = '\0';
    if (value.length < HEAD_BYTES || value.length > NS_MAXMSG || bytes[0] < OPCODE_FIRST ||
        bytes[0] > OPCODE_LAST || bytes[1] != 0)
        return false;
    for (int i = 0; i <= NAMES_BEFORE; i++) {
        int used = at < value.length ? dn_expand(bytes, bytes + value.length, bytes + at, ret_site,
                                                 NETLOGON_SITE_SIZE)
                                     : -1;

        if (used < 0) {
            ret_site[0] = '\0';
            return false;
        }
        at += (size_t)used;
    }
    return true;
}

static void
read_entry(struct ldap_session *session, LDAPMessage *entry, char ret_site[NETLOGON_SITE_SIZE])
{
    struct berval **values = ldap_get_values_len(session->ld, entry, "netlogon");

    if (values && values[0] &&
        !netlogon_parse((struct slice){values[0]->bv_val, values[0]->bv_len}, ret_site))
        message_say(session->messenger, MESSAGE_DEBUG, "%s says its site in a way we cannot read",
                    session->uri);
    ldap_value_free_len(values);
}

enum ldap_attempt
netlogon_ask(struct ldap_session *session, const char *domain, char ret_site[NETLOGON_SITE_SIZE],
             struct error *err)
{
    char attribute[] = "netlogon", filter[1200];
    char *attributes[] = {attribute, NULL};
    const struct ldap_named named = {"", filter, attributes};
    LDAPMessage *messages = NULL, *entry;
    enum ldap_attempt attempt;

    ret_site[0] = '\0';
    /* NETLOGON_NT_VERSION_5 and _5EX, little-endian: the answer with sites. */
    snprintf(filter, sizeof filter, "(&(DnsDomain=%s)(NtVer=\\06\\00\\00\\00))", domain);
    attempt =
        ldap_session_read_entry(session, &named, "cannot ask for our site at", &messages, err);
    if (attempt != LDAP_ATTEMPT_DONE)
        return attempt;
    entry = ldap_first_entry(session->ld, messages);
    if (entry)
        read_entry(session, entry, ret_site);
    ldap_msgfree(messages);
    return LDAP_ATTEMPT_DONE;
}
