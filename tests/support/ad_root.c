/* What the tests' domain controller tells of itself: its root DSE, its own objects in the
 * configuration, its schema. */
#include "ad_server.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define CONTROLLER "CN=DC1,CN=Servers,CN=Default-First-Site-Name,CN=Sites,CN=Configuration"

static void
put_text(struct ad_store *store, struct ad_entry *entry, const char *name, const char *value)
{
    struct berval bytes = {strlen(value), (char *)(uintptr_t)value};

    ad_put(store, entry, name, &bytes);
}

static void
put_below(struct ad_store *store, struct ad_entry *entry, const char *name, const char *rdn)
{
    char dn[1024];

    snprintf(dn, sizeof dn, "%s,%s", rdn, store->base);
    put_text(store, entry, name, dn);
}

static void
put_constants(struct ad_store *scratch, struct ad_entry *root)
{
    static const char *const values[][2] = {
        {"supportedControl", "1.2.840.113556.1.4.319"},
        {"supportedControl", "1.2.840.113556.1.4.417"},
        {"supportedControl", "1.2.840.113556.1.4.529"},
        {"supportedControl", "1.2.840.113556.1.4.841"},
        {"supportedControl", "1.2.840.113556.1.4.1339"},
        {"supportedControl", "1.2.840.113556.1.4.1948"},
        {"supportedControl", "1.2.840.113556.1.4.2309"},
        {"supportedCapabilities", "1.2.840.113556.1.4.800"},
        {"supportedCapabilities", "1.2.840.113556.1.4.1670"},
        {"supportedCapabilities", "1.2.840.113556.1.4.1791"},
        {"supportedCapabilities", "1.2.840.113556.1.4.1935"},
        {"supportedCapabilities", "1.2.840.113556.1.4.2080"},
        {"supportedCapabilities", "1.2.840.113556.1.4.2237"},
        {"supportedLDAPVersion", "3"},
        {"supportedLDAPVersion", "2"},
        {"supportedSASLMechanisms", "GSSAPI"},
        {"supportedSASLMechanisms", "GSS-SPNEGO"},
        {"supportedSASLMechanisms", "EXTERNAL"},
        {"supportedSASLMechanisms", "DIGEST-MD5"},
        {"isSynchronized", "TRUE"},
        {"domainFunctionality", "7"},
        {"forestFunctionality", "7"},
        {"domainControllerFunctionality", "7"},
    };

    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++)
        put_text(scratch, root, values[i][0], values[i][1]);
}

static struct ad_entry *
make_root(const struct ad_server *server, struct ad_store *scratch)
{
    static const char *const contexts[] = {"CN=Configuration", "CN=Schema,CN=Configuration",
                                           "DC=DomainDnsZones", "DC=ForestDnsZones"};
    struct ad_entry *root = ad_add(scratch, "");
    char text[64];

    put_constants(scratch, root);
    put_text(scratch, root, "defaultNamingContext", server->store.base);
    put_text(scratch, root, "rootDomainNamingContext", server->store.base);
    put_text(scratch, root, "namingContexts", server->store.base);
    for (size_t i = 0; i < sizeof contexts / sizeof contexts[0]; i++)
        put_below(scratch, root, "namingContexts", contexts[i]);
    put_below(scratch, root, "configurationNamingContext", contexts[0]);
    put_below(scratch, root, "schemaNamingContext", contexts[1]);
    put_below(scratch, root, "subschemaSubentry", "CN=Aggregate,CN=Schema,CN=Configuration");
    put_below(scratch, root, "serverName", CONTROLLER);
    put_below(scratch, root, "dsServiceName", "CN=NTDS Settings," CONTROLLER);
    put_text(scratch, root, "dnsHostName", server->options.host);
    put_text(scratch, root, "isGlobalCatalogReady",
             server->options.global_catalog ? "TRUE" : "FALSE");
    if (server->options.read_only)
        put_text(scratch, root, "supportedCapabilities", "1.2.840.113556.1.4.1920");
    snprintf(text, sizeof text, "%llu", (unsigned long long)server->store.usn);
    put_text(scratch, root, "highestCommittedUSN", text);
    ad_now(text);
    put_text(scratch, root, "currentTime", text);
    return root;
}

/* Made anew for each question: it tells the time. */
void
ad_send_root(const struct ad_request *request, char *const *attributes)
{
    static const char *const none[] = {"objectGUID",   "distinguishedName", "name",
                                       "instanceType", "whenCreated",       "uSNCreated"};
    struct ad_store scratch;
    struct ad_entry *root;

    ad_store_open(&scratch, request->server->store.base);
    root = make_root(request->server, &scratch);
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++)
        ad_take(&scratch, root, none[i], NULL);
    ad_send_entry(request, root, attributes);
    ad_store_close(&scratch);
}

static bool
is_told(const struct ad_entry *schema, const char *name)
{
    const struct ad_attribute *types = ad_get(schema, "attributeTypes");
    char part[256];

    snprintf(part, sizeof part, "NAME '%s'", name);
    for (size_t i = 0; types && i < types->count; i++)
        if (strstr(types->values[i].bv_val, part))
            return true;
    return false;
}

static void
tell_type(struct ad_store *store, struct ad_entry *schema, const char *name)
{
    const struct ad_attribute *types = ad_get(schema, "attributeTypes");
    char text[512];

    if (is_told(schema, name))
        return;
    snprintf(text, sizeof text,
             "( 1.2.840.113556.1.4.99.%zu NAME '%s' SYNTAX '1.3.6.1.4.1.1466.115.121.1.15' )",
             types ? types->count : 0, name);
    put_text(store, schema, "attributeTypes", text);
}

/* The definitions are of what the entries have, and of what a mapping may ask for. */
static void
add_schema(struct ad_store *store)
{
    static const char *const others[] = {"accountExpires",
                                         "c",
                                         "co",
                                         "department",
                                         "displayName",
                                         "employeeID",
                                         "givenName",
                                         "homePhone",
                                         "initials",
                                         "l",
                                         "lockoutTime",
                                         "mail",
                                         "member",
                                         "memberOf",
                                         "middleName",
                                         "mobile",
                                         "msDS-PrincipalName",
                                         "msDS-User-Account-Control-Computed",
                                         "objectGUID",
                                         "objectSid",
                                         "postalCode",
                                         "primaryGroupID",
                                         "proxyAddresses",
                                         "pwdLastSet",
                                         "sn",
                                         "st",
                                         "streetAddress",
                                         "telephoneNumber",
                                         "thumbnailPhoto",
                                         "title",
                                         "tokenGroups",
                                         "uid",
                                         "userAccountControl",
                                         "userPrincipalName"};
    char dn[1024];
    struct ad_entry *schema;

    snprintf(dn, sizeof dn, "CN=Aggregate,CN=Schema,CN=Configuration,%s", store->base);
    schema = ad_add(store, dn);
    put_text(store, schema, "objectClass", "subschema");
    for (size_t i = 0; i < store->count; i++)
        for (size_t a = 0; a < store->entries[i]->count; a++)
            tell_type(store, schema, store->entries[i]->attributes[a].name);
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        tell_type(store, schema, others[i]);
    ad_commit(store, schema);
}

void
ad_add_configuration(struct ad_server *server)
{
    struct ad_store *store = &server->store;
    struct berval invocation = {AD_GUID_BYTES, NULL};
    unsigned char bytes[AD_GUID_BYTES] = {0};
    struct ad_entry *entry;
    char dn[1024];

    add_schema(store);
    snprintf(dn, sizeof dn, "CN=NTDS Settings," CONTROLLER ",%s", store->base);
    entry = ad_add(store, dn);
    for (int i = 0; i < AD_GUID_BYTES; i++) {
        const char digits[] = {server->options.invocation[2 * i],
                               server->options.invocation[2 * i + 1], '\0'};

        bytes[i] = (unsigned char)strtoul(digits, NULL, 16);
    }
    invocation.bv_val = (char *)bytes;
    put_text(store, entry, "objectClass", "nTDSDSA");
    put_text(store, entry, "msDS-isRODC", server->options.read_only ? "TRUE" : "FALSE");
    ad_put(store, entry, "invocationId", &invocation);
    ad_commit(store, entry);
}
