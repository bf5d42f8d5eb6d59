#include "directory/changes_csn.h"

#include <string.h>

/* Of what a number consists; nothing else gets into a filter. */
static bool
is_of_number(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || c == '.' || c == 'Z' || c == '#';
}

/* Up to the server's own id, numbers are in the order of their times. */
struct slice
changes_csn_newest(struct slice cookie)
{
    static const char name[] = "csn=";
    const char *at = cookie.data ? memmem(cookie.data, cookie.length, name, sizeof name - 1) : NULL;
    const char *end = at ? cookie.data + cookie.length : NULL;
    struct slice newest = SLICE_NONE;

    for (at = at ? at + sizeof name - 1 : NULL; at < end; at++) {
        struct slice number = {at, 0};

        while (at < end && is_of_number(*at))
            at++;
        number.length = (size_t)(at - number.data);
        if (number.length > 0 && (!newest.data || slice_compare(number, newest) > 0))
            newest = number;
        if (at == end || *at != ';')
            break;
    }
    return newest;
}

struct look {
    struct arena *arena;
    struct slice newest;
};

static bool
take_entry(void *context, const struct entry *entry, struct error *err)
{
    struct look *look = context;
    const struct entry_values *csns = &entry->slots[0];

    (void)err;
    if (csns->count == 1 && slice_compare(csns->values[0], look->newest) > 0)
        look->newest = arena_slice(look->arena, csns->values[0]);
    return true;
}

enum ldap_attempt
changes_csn_look(struct ldap_asking *asking, struct slice csn, struct slice *ret_newest,
                 struct error *err)
{
    static const char *const attributes[] = {"entryCSN", NULL};
    struct look look = {asking->arena, csn};
    enum ldap_attempt attempt = LDAP_ATTEMPT_DONE;
    const char *last = NULL;

    for (size_t i = 0; i < asking->watch_count && attempt == LDAP_ATTEMPT_DONE; i++) {
        const struct ldap_watch watch = {.base = asking->watches[i].base};
        const struct ldap_listing listing = {
            .watch = &watch,
            .filter = arena_format(asking->arena, "(&(entryCSN>=%.*s)(!(entryCSN=%.*s)))",
                                   SLICE_ARG(csn), SLICE_ARG(csn)),
            .attributes = attributes,
            .entry = take_entry,
            .context = &look,
        };

        if (!last || strcmp(last, watch.base) != 0)
            attempt = ldap_way_list(asking, &listing, err);
        last = watch.base;
    }
    *ret_newest = slice_equal(look.newest, csn) ? SLICE_NONE : look.newest;
    return attempt;
}
