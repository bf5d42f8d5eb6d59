#include "directory/ldap_reference.h"

#include "directory/shown.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

/* Partitions of Active Directory without people, by how their names begin ([MS-ADTS] 3.1.1.1.5 and
 * 6.1.1.1). */
static const char *const without_people[] = {"CN=Configuration,", "CN=Schema,CN=Configuration,",
                                             "DC=DomainDnsZones,", "DC=ForestDnsZones,"};

static bool
leads_to_people(const char *uri)
{
    LDAPURLDesc *parts = NULL;
    bool people = true;

    if (ldap_url_parse(uri, &parts) != LDAP_URL_SUCCESS)
        return true;
    for (size_t i = 0; i < sizeof without_people / sizeof without_people[0] && parts->lud_dn; i++)
        if (strncasecmp(parts->lud_dn, without_people[i], strlen(without_people[i])) == 0)
            people = false;
    ldap_free_urldesc(parts);
    return people;
}

bool
ldap_reference_matters(LDAP *ld, LDAPMessage *reference, char *ret_uri, size_t size)
{
    char **uris = NULL;
    bool matters;

    snprintf(ret_uri, size, "?");
    if (ldap_parse_reference(ld, reference, &uris, NULL, 0) != LDAP_SUCCESS || !uris || !uris[0])
        return true;
    snprintf(ret_uri, size, "%s", shown(slice_of(uris[0])).text);
    matters = leads_to_people(uris[0]);
    ldap_memvfree((void **)uris);
    return matters;
}
