#include "directory/ldap_root.h"

#include "base/date.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* By which values servers are known. */
static const struct {
    const char *attribute, *beginning, *kind;
    enum ldap_family family;
} kinds[] = {
    {"supportedCapabilities", "1.2.840.113556.1.4.800", "Active Directory",
     LDAP_FAMILY_ACTIVE_DIRECTORY},
    {"objectClass", "OpenLDAProotDSE", "OpenLDAP", LDAP_FAMILY_OPENLDAP},
    {"vendorName", "389 Project", "389 Directory Server", LDAP_FAMILY_389},
    {"vendorName", "Red Hat", "Red Hat Directory Server", LDAP_FAMILY_389},
    {"vendorName", "Oracle", "Oracle Directory Server", LDAP_FAMILY_389},
    {"vendorName", "ForgeRock", "ForgeRock Directory Services", LDAP_FAMILY_OTHER},
    {"vendorName", "NetIQ", "eDirectory", LDAP_FAMILY_OTHER},
    {"vendorName", "Novell", "eDirectory", LDAP_FAMILY_OTHER},
};

/* Whether a value of the attribute begins so; the first such value goes to `ret_value`. */
static bool
find_value(LDAP *ld, LDAPMessage *entry, const char *attribute, const char *beginning,
           char *ret_value, size_t size)
{
    struct berval **values = ldap_get_values_len(ld, entry, attribute);
    size_t length = strlen(beginning);
    bool found = false;

    for (size_t i = 0; values && values[i] && !found; i++) {
        found = values[i]->bv_len >= length &&
                strncasecmp(values[i]->bv_val, beginning, length) == 0 && values[i]->bv_len < size;
        if (found) {
            memcpy(ret_value, values[i]->bv_val, values[i]->bv_len);
            ret_value[values[i]->bv_len] = '\0';
        }
    }
    ldap_value_free_len(values);
    return found;
}

static void
add_contexts(LDAP *ld, LDAPMessage *entry, struct ldap_root *root)
{
    struct berval **values = ldap_get_values_len(ld, entry, "namingContexts");
    size_t used = 0;

    for (size_t i = 0; values && values[i]; i++) {
        size_t length = values[i]->bv_len;

        if (length == 0 || memchr(values[i]->bv_val, '\0', length) ||
            length + 2 > sizeof root->contexts - used)
            continue;
        memcpy(root->contexts + used, values[i]->bv_val, length);
        used += length + 1;
    }
    ldap_value_free_len(values);
}

static void
read_texts(LDAP *ld, LDAPMessage *entry, struct ldap_root *root)
{
    const struct {
        const char *attribute;
        char *text;
    } texts[] = {
        {"dsServiceName", root->service},
        {"dnsHostName", root->host},
        {"defaultNamingContext", root->default_context},
        {"configurationNamingContext", root->configuration},
    };

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        find_value(ld, entry, texts[i].attribute, "", texts[i].text, LDAP_ROOT_NAME_BYTES);
    add_contexts(ld, entry, root);
}

static void
read_controls(LDAP *ld, LDAPMessage *entry, struct ldap_root *root)
{
    const struct {
        const char *oid;
        bool *offered;
    } controls[] = {
        {LDAP_CONTROL_PAGEDRESULTS, &root->has_pages},
        {LDAP_CONTROL_SYNC, &root->has_sync},
        {LDAP_CONTROL_X_DIRSYNC, &root->has_dirsync},
        {LDAP_CONTROL_X_SHOW_DELETED, &root->has_show_deleted},
        {"1.2.840.113556.1.4.2309", &root->has_link_ttl},
    };
    char value[LDAP_ROOT_NAME_BYTES];

    for (size_t i = 0; i < sizeof controls / sizeof controls[0]; i++)
        *controls[i].offered =
            find_value(ld, entry, "supportedControl", controls[i].oid, value, sizeof value);
}

static void
read_entry(LDAP *ld, LDAPMessage *entry, struct ldap_root *root)
{
    char value[LDAP_ROOT_NAME_BYTES];

    root->readable = true;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0] && !root->kind; i++)
        if (find_value(ld, entry, kinds[i].attribute, kinds[i].beginning, value, sizeof value)) {
            root->kind = kinds[i].kind;
            root->family = kinds[i].family;
        }
    root->is_samba = find_value(ld, entry, "vendorName", "Samba", value, sizeof value);
    read_controls(ld, entry, root);
    read_texts(ld, entry, root);
    /* LDAP_CAP_ACTIVE_DIRECTORY_PARTIAL_SECRETS_OID, [MS-ADTS] 3.1.1.3.4.3.4. */
    root->is_read_only = find_value(ld, entry, "supportedCapabilities", "1.2.840.113556.1.4.1920",
                                    value, sizeof value);
    root->is_behind = find_value(ld, entry, "isSynchronized", "FALSE", value, sizeof value);
    if (find_value(ld, entry, "currentTime", "", value, sizeof value) &&
        !date_parse_generalized_time(slice_of(value), &root->now))
        root->now = 0;
    if (find_value(ld, entry, "highestCommittedUSN", "", value, sizeof value))
        root->highest_usn = strtoull(value, NULL, 10);
}

enum ldap_attempt
ldap_root_read(struct ldap_session *session, struct ldap_root *ret_root, struct error *err)
{
    static const char *const wanted[] = {
        "objectClass",           "supportedControl",    "vendorName",
        "supportedCapabilities", "currentTime",         "isSynchronized",
        "dnsHostName",           "dsServiceName",       "namingContexts",
        "defaultNamingContext",  "highestCommittedUSN", "configurationNamingContext",
    };
    enum { COUNT = sizeof wanted / sizeof wanted[0] };
    char *attributes[COUNT + 1] = {NULL};
    const struct ldap_named named = {"", "(objectClass=*)", attributes};
    LDAPMessage *messages = NULL, *entry;
    enum ldap_attempt attempt;

    *ret_root = (struct ldap_root){0};
    for (size_t i = 0; i < COUNT; i++)
        attributes[i] = ber_strdup(wanted[i]);
    attempt =
        ldap_session_read_entry(session, &named, "cannot read the root DSE of", &messages, err);
    for (size_t i = 0; i < COUNT; i++)
        ldap_memfree(attributes[i]);
    if (attempt != LDAP_ATTEMPT_DONE)
        return attempt;
    entry = ldap_first_entry(session->ld, messages);
    if (entry)
        read_entry(session->ld, entry, ret_root);
    if (!ret_root->kind)
        ret_root->kind = "a directory server";
    ldap_msgfree(messages);
    return LDAP_ATTEMPT_DONE;
}

/* Whether the name `dn` ends with the name `above`. Both are written in one way by libldap, so
 * that blanks and escapes do not matter. */
static bool
is_below(const char *dn, const char *above)
{
    size_t length = strlen(dn), tail = strlen(above);

    return length >= tail && strcasecmp(dn + length - tail, above) == 0 &&
           (length == tail || dn[length - tail - 1] == ',');
}

const char *
ldap_root_context(const struct ldap_root *root, const char *dn)
{
    const char *best = NULL;
    char *name = NULL;
    size_t longest = 0;

    if (ldap_dn_normalize(dn, LDAP_DN_FORMAT_LDAP, &name, LDAP_DN_FORMAT_LDAPV3) != LDAP_SUCCESS)
        return NULL;
    for (const char *at = root->contexts; *at; at += strlen(at) + 1) {
        char *context = NULL;

        if (ldap_dn_normalize(at, LDAP_DN_FORMAT_LDAP, &context, LDAP_DN_FORMAT_LDAPV3) ==
                LDAP_SUCCESS &&
            is_below(name, context) && (!best || strlen(context) > longest)) {
            best = at;
            longest = strlen(context);
        }
        ldap_memfree(context);
    }
    ldap_memfree(name);
    return best;
}
