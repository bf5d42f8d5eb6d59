#include "ad_server.h"

#include <ldap.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* "member;range=1500-*": which of the values are asked for. */
struct asked {
    size_t low, high;
    bool ranged;
};

static bool
is_secret(const char *name)
{
    return strcasecmp(name, "userPassword") == 0 || strcasecmp(name, "testRefusal") == 0;
}

static bool
parse_asked(const char *wanted, const char *name, struct asked *ret_asked)
{
    size_t length = strcspn(wanted, ";");
    const char *range = strstr(wanted, ";range=");
    char *end;

    *ret_asked = (struct asked){0, SIZE_MAX, range != NULL};
    if (length != strlen(name) || strncasecmp(wanted, name, length) != 0)
        return false;
    if (range) {
        ret_asked->low = strtoul(range + strlen(";range="), &end, 10);
        if (*end == '-' && end[1] != '*')
            ret_asked->high = strtoul(end + 1, NULL, 10);
    }
    return true;
}

static bool
find_asked(char *const *attributes, const char *name, struct asked *ret_asked)
{
    *ret_asked = (struct asked){0, SIZE_MAX, false};
    for (size_t i = 0; attributes && attributes[i]; i++)
        if (strcmp(attributes[i], "*") == 0 || parse_asked(attributes[i], name, ret_asked))
            return true;
    return !attributes || !attributes[0];
}

bool
ad_is_asked(char *const *attributes, const char *name)
{
    struct asked asked;

    return !is_secret(name) && find_asked(attributes, name, &asked);
}

static void
put_values(BerElement *message, const char *name, const struct ad_attribute *attribute,
           const struct asked *part)
{
    ber_printf(message, "{s[", name);
    for (size_t i = part->low; i < part->high; i++)
        ber_printf(message, "O", &attribute->values[i]);
    ber_printf(message, "]}");
}

/* As many values as MaxValRange allows. Who did not ask for a range finds the attribute empty, and
 * beside it the first range. */
static void
put_attribute(const struct ad_request *request, BerElement *message,
              const struct ad_attribute *attribute, const struct asked *asked)
{
    size_t most = request->server->options.range_size, count = attribute->count;
    struct asked part = {asked->low, count, false}, none = {0, 0, false};
    char name[256];

    if (!asked->ranged && count <= most) {
        put_values(message, attribute->name, attribute, &part);
        return;
    }
    if (asked->high < count)
        part.high = asked->high + 1;
    if (part.high - part.low > most)
        part.high = part.low + most;
    if (!asked->ranged)
        put_values(message, attribute->name, attribute, &none);
    if (part.high == count)
        snprintf(name, sizeof name, "%s;range=%zu-*", attribute->name, part.low);
    else
        snprintf(name, sizeof name, "%s;range=%zu-%zu", attribute->name, part.low, part.high - 1);
    put_values(message, name, attribute, &part);
}

void
ad_send_entry(const struct ad_request *request, const struct ad_entry *entry,
              char *const *attributes)
{
    BerElement *message = ber_alloc_t(LBER_USE_DER);

    ber_printf(message, "{it{s{", request->number, LDAP_RES_SEARCH_ENTRY, entry->dn);
    for (size_t i = 0; i < entry->count; i++) {
        const struct ad_attribute *attribute = &entry->attributes[i];
        struct asked asked;

        if (attribute->count > 0 && !is_secret(attribute->name) &&
            find_asked(attributes, attribute->name, &asked) && asked.low < attribute->count)
            put_attribute(request, message, attribute, &asked);
    }
    ber_printf(message, "}}}");
    ad_send(request, message);
}
