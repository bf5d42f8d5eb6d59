#include "directory/ldap_root.h"

#include "base/date.h"

#include <string.h>
#include <strings.h>

/* By which values servers are known. */
static const struct {
    const char *attribute, *beginning, *kind;
} kinds[] = {
    {"supportedCapabilities", "1.2.840.113556.1.4.800", "Active Directory"},
    {"objectClass", "OpenLDAProotDSE", "OpenLDAP"},
    {"vendorName", "389 Project", "389 Directory Server"},
    {"vendorName", "Red Hat", "Red Hat Directory Server"},
    {"vendorName", "Oracle", "Oracle Directory Server"},
    {"vendorName", "ForgeRock", "ForgeRock Directory Services"},
    {"vendorName", "NetIQ", "eDirectory"},
    {"vendorName", "Novell", "eDirectory"},
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
read_entry(LDAP *ld, LDAPMessage *entry, struct ldap_root *root)
{
    char value[256];

    root->readable = true;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0] && !root->kind; i++)
        if (find_value(ld, entry, kinds[i].attribute, kinds[i].beginning, value, sizeof value))
            root->kind = kinds[i].kind;
    root->has_pages =
        find_value(ld, entry, "supportedControl", LDAP_CONTROL_PAGEDRESULTS, value, sizeof value);
    root->is_behind = find_value(ld, entry, "isSynchronized", "FALSE", value, sizeof value);
    if (find_value(ld, entry, "currentTime", "", value, sizeof value) &&
        !date_parse_generalized_time(slice_of(value), &root->now))
        root->now = 0;
}

enum ldap_attempt
ldap_root_read(struct ldap_session *session, struct ldap_root *ret_root, struct error *err)
{
    char classes[] = "objectClass", controls[] = "supportedControl", vendor[] = "vendorName",
         capabilities[] = "supportedCapabilities", now[] = "currentTime", step[] = "isSynchronized";
    char *attributes[] = {classes, controls, vendor, capabilities, now, step, NULL};
    const struct ldap_named named = {"", "(objectClass=*)", attributes};
    LDAPMessage *messages = NULL, *entry;
    enum ldap_attempt attempt;

    *ret_root = (struct ldap_root){0};
    attempt =
        ldap_session_read_entry(session, &named, "cannot read the root DSE of", &messages, err);
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
