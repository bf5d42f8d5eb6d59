#include "directory/ldap_schema.h"

#include <ldap_schema.h>
#include <string.h>

enum { NAMES_MOST = 32 };

struct lookup {
    const char *base;
    const char *filter;
    const char *attribute;
};

/* The values of one attribute of one entry; NULL when there is none. Free with
 * ldap_value_free_len(). */
static enum ldap_attempt
read_values(struct ldap_session *session, const struct lookup *lookup, struct berval ***ret_values,
            struct error *err)
{
    char attribute[64];
    char *attributes[] = {attribute, NULL};
    const struct ldap_named named = {lookup->base, lookup->filter, attributes};
    LDAPMessage *messages = NULL, *entry;
    enum ldap_attempt attempt;

    *ret_values = NULL;
    memcpy(attribute, lookup->attribute, strlen(lookup->attribute) + 1);
    attempt = ldap_session_read_entry(session, &named, "cannot read the schema of", &messages, err);
    if (attempt != LDAP_ATTEMPT_DONE)
        return attempt;
    entry = ldap_first_entry(session->ld, messages);
    if (entry)
        *ret_values = ldap_get_values_len(session->ld, entry, attribute);
    ldap_msgfree(messages);
    return LDAP_ATTEMPT_DONE;
}

static void
tell_aliases(struct names *names, const struct berval *definition)
{
    struct slice same[NAMES_MOST];
    size_t count = 0;
    const char *where;
    int code;
    LDAPAttributeType *type =
        ldap_str2attributetype(definition->bv_val, &code, &where, LDAP_SCHEMA_ALLOW_ALL);

    /* One definition that libldap cannot read says nothing about the others. */
    if (!type)
        return;
    if (type->at_oid)
        same[count++] = slice_of(type->at_oid);
    for (char **name = type->at_names; name && *name && count < NAMES_MOST; name++)
        same[count++] = slice_of(*name);
    if (count > 1)
        names_alias(names, same, count);
    ldap_attributetype_free(type);
}

static void
warn_unreadable(const struct ldap_session *session)
{
    message_say(session->messenger, MESSAGE_WARNING,
                "the schema of %s cannot be read: an attribute that it calls by another name than "
                "the mapping does will be missing",
                session->uri);
}

enum ldap_attempt
ldap_schema_load(struct ldap_session *session, struct names *names, struct error *err)
{
    struct lookup root = {"", "(objectClass=*)", "subschemaSubentry"};
    struct berval **place = NULL, **types = NULL;
    enum ldap_attempt attempt = read_values(session, &root, &place, err);

    if (attempt == LDAP_ATTEMPT_DONE && place && place[0]) {
        struct lookup schema = {place[0]->bv_val, "(objectClass=subschema)", "attributeTypes"};

        attempt = read_values(session, &schema, &types, err);
    }
    for (size_t i = 0; types && types[i]; i++)
        tell_aliases(names, types[i]);
    if (attempt == LDAP_ATTEMPT_DONE) {
        if (!types)
            warn_unreadable(session);
        names_seal(names);
        message_say(session->messenger, MESSAGE_DEBUG, "read the schema of %s", session->uri);
    }
    ldap_value_free_len(place);
    ldap_value_free_len(types);
    return attempt;
}
