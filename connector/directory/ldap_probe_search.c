#include "directory/ldap_probe.h"

#include "base/arena.h"
#include "base/buffer.h"
#include "directory/group_slots.h"
#include "directory/ldap_groups.h"
#include "directory/ldap_schema.h"
#include "directory/ldap_search.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static bool
note_entry(void *context, const struct entry *entry, struct error *err)
{
    struct ldap_probe *probe = context;

    (void)err;
    for (size_t i = 0; i < attributes_count(probe->probing->attributes); i++)
        probe->seen[i] = probe->seen[i] || entry->slots[i].count > 0;
    return true;
}

/* What the searches of one server share. */
struct searching {
    struct ldap_probe *probe;
    struct ldap_session *session;
    struct source_reader reader;
    struct source_result result;
    struct ldap_reading reading;
    uint64_t entries;
};

static void
tell_search(const struct searching *searching, size_t number)
{
    const struct ldap_probe *probe = searching->probe;
    const struct ldap_search *search = &probe->options->searches[number];
    const struct ldap_reading *reading = &searching->reading;
    uint64_t entries = searching->result.entries + searching->result.repeated;

    if (entries == 0)
        probe_warn(probe->probing->probes, "directory.search",
                   "Look at its base and filter, and at what the account may read: many "
                   "directories hide entries rather than refuse.",
                   "the search below '%s' for '%s' on '%s' finds nobody", search->base,
                   search->filter, probe->uri);
    else if (reading->more && reading->about > entries)
        probe_ok(probe->probing->probes, "directory.search",
                 "the search below '%s' on '%s' finds about %" PRIu64 " entries", search->base,
                 probe->uri, reading->about);
    else
        probe_ok(probe->probing->probes, "directory.search",
                 "the search below '%s' on '%s' finds %" PRIu64 " entr%s%s", search->base,
                 probe->uri, entries, entries == 1 ? "y" : "ies", reading->more ? " and more" : "");
}

/* After a failure the session is of no more use. */
static bool
open_again(struct searching *searching, struct error *err)
{
    struct ldap_probe *probe = searching->probe;

    ldap_session_close(searching->session);
    return ldap_session_open(searching->session, probe->options, &probe->server, probe->messenger,
                             err) == LDAP_ATTEMPT_DONE;
}

static bool
probe_search(struct searching *searching, size_t number)
{
    const struct ldap_probe *probe = searching->probe;
    struct error err = ERROR_INIT;

    searching->result = (struct source_result){0};
    searching->reading.more = false;
    searching->reading.about = 0;
    if (ldap_search_run(searching->session, &probe->options->searches[number], &searching->reading,
                        &err) == LDAP_ATTEMPT_DONE) {
        searching->entries += searching->result.entries;
        tell_search(searching, number);
        return true;
    }
    probe_fail(probe->probing->probes, "directory.search", &err);
    err = ERROR_INIT;
    if (!open_again(searching, &err))
        probe_fail(probe->probing->probes, "directory.connection", &err);
    return false;
}

enum right { RIGHT_UNKNOWN, RIGHT_TO_SEARCH, RIGHT_TO_READ };

/* An attribute that a filter finds but no entry shows is there, and not ours to read. */
static enum right
find_right(struct searching *searching, size_t number, int slot)
{
    struct ldap_probe *probe = searching->probe;
    const char *name = attributes_name(probe->probing->attributes, slot);
    struct ldap_search search = probe->options->searches[number];
    unsigned page_size = searching->reading.page_size;
    struct buffer filter = BUFFER_INIT;
    struct error unheard = ERROR_INIT;
    enum right right = RIGHT_UNKNOWN;

    buffer_format(&filter, "(&%s%s%s(%s=*))", search.filter[0] == '(' ? "" : "(", search.filter,
                  search.filter[0] == '(' ? "" : ")", name);
    buffer_add(&filter, "", 1);
    search.filter = filter.data;
    searching->result = (struct source_result){0};
    if (page_size > 0)
        searching->reading.page_size = 1;
    if (ldap_search_run(searching->session, &search, &searching->reading, &unheard) ==
            LDAP_ATTEMPT_DONE &&
        searching->result.entries > 0)
        right = probe->seen[slot] ? RIGHT_TO_READ : RIGHT_TO_SEARCH;
    searching->reading.page_size = page_size;
    buffer_free(&filter);
    if (unheard.code != ERROR_NONE)
        open_again(searching, &unheard);
    return right;
}

static void
tell_hidden(const struct ldap_probe *probe, int slot)
{
    const char *name = attributes_name(probe->probing->attributes, slot);
    struct error err = ERROR_INIT;

    error_set(&err, ERROR_PERMISSION,
              "entries of '%s' have the attribute '%s', but the account may not read it",
              probe->uri, name);
    error_hint(&err, "Give the account the right to read '%s': else it would be taken out of Alma.",
               name);
    probe_fail(probe->probing->probes, "directory.attributes", &err);
}

static void
tell_different(const struct ldap_probe *probe, int slot)
{
    const char *name = attributes_name(probe->probing->attributes, slot);

    probe_warn(probe->probing->probes, "directory.attributes",
               "Compare what the account may read on both: a run that had to take this server "
               "would take the attribute out of Alma.",
               "'%s' shows the attribute '%s', and '%s' does not", probe->first_uri, name,
               probe->uri);
}

/* True where nobody may know more about it than that no entry has it, which the whole read says. */
static bool
probe_attribute(struct searching *searching, int slot)
{
    struct ldap_probe *probe = searching->probe;
    enum right right = RIGHT_UNKNOWN;

    if (!names_is_undefined(searching->reading.names, slot))
        for (size_t i = 0; i < probe->options->search_count && right == RIGHT_UNKNOWN; i++)
            right = find_right(searching, i, slot);
    if (right == RIGHT_TO_SEARCH)
        tell_hidden(probe, slot);
    else if (right == RIGHT_UNKNOWN && probe->probing->seen[slot])
        tell_different(probe, slot);
    else
        return right == RIGHT_UNKNOWN;
    return false;
}

static bool
is_made_by_us(const struct ldap_probe *probe, size_t slot)
{
    return attributes_is_groups(slice_of(attributes_name(probe->probing->attributes, (int)slot)));
}

static bool
probe_attributes(struct searching *searching)
{
    struct ldap_probe *probe = searching->probe;
    size_t count = probe->probing->attribute_count, shown = 0, asked = 0;
    struct buffer missing = BUFFER_INIT;

    for (size_t i = 0; i < count; i++)
        if (!is_made_by_us(probe, i) && !probe->seen[i] && probe_attribute(searching, (int)i))
            buffer_format(&missing, "%s'%s'", missing.length ? ", " : "; not ",
                          attributes_name(probe->probing->attributes, (int)i));
    for (size_t i = 0; i < count; i++) {
        shown += probe->seen[i];
        asked += !is_made_by_us(probe, i);
    }
    probe_ok(probe->probing->probes, "directory.attributes",
             "'%s' shows %zu of %zu attributes of the mapping%.*s", probe->uri, shown, asked,
             (int)missing.length, missing.length ? missing.data : "");
    buffer_free(&missing);
    return true;
}

static bool
probe_groups(struct searching *searching)
{
    const struct ldap_probe *probe = searching->probe;
    struct ldap_groups *groups = NULL;
    struct error err = ERROR_INIT;
    bool ok;

    if (!group_slots_are_wanted(probe->probing->attributes))
        return true;
    ok = ldap_groups_read(searching->session, probe->options->page_size, 0, &groups, &err) ==
             LDAP_ATTEMPT_DONE &&
         ldap_groups_check(groups, probe->uri, &err);
    if (ok)
        probe_ok(probe->probing->probes, "directory.groups",
                 "the %zu groups on '%s' %s list %" PRIu64 " members", groups_count(groups->graph),
                 probe->uri, groups->searched, groups->listed);
    else
        probe_fail(probe->probing->probes, "directory.groups", &err);
    ldap_groups_free(groups);
    return ok;
}

static bool
probe_all(struct searching *searching)
{
    const struct ldap_probe *probe = searching->probe;
    struct error err = ERROR_INIT;
    bool ok = true;

    if (ldap_schema_load(searching->session, searching->reading.names, &err) != LDAP_ATTEMPT_DONE) {
        probe_fail(probe->probing->probes, "directory.schema", &err);
        return false;
    }
    for (size_t i = 0; i < probe->options->search_count; i++)
        ok = probe_search(searching, i) && ok;
    return ok && (searching->entries == 0 || probe_attributes(searching)) &&
           probe_groups(searching);
}

bool
ldap_probe_searches(struct ldap_probe *probe, struct ldap_session *session)
{
    const struct attributes *attributes = probe->probing->attributes;
    struct searching searching = {.probe = probe, .session = session};
    bool ok;

    memset(probe->seen, 0, attributes_count(attributes) * sizeof *probe->seen);
    searching.reader = (struct source_reader){.entry = note_entry, .context = probe};
    searching.reading = (struct ldap_reading){
        .reader = &searching.reader,
        .result = &searching.result,
        .names = names_new(attributes),
        .page_size = probe->options->page_size,
        .first_page = true,
    };
    searching.reading.decoder = ldap_decoder_new(searching.reading.names);
    ok = probe_all(&searching);
    if (searching.entries > 0 && !probe->first_uri) {
        probe->first_uri = probe->uri;
        memcpy(probe->probing->seen, probe->seen, attributes_count(attributes) * sizeof(bool));
    }
    ldap_decoder_free(searching.reading.decoder);
    names_free(searching.reading.names);
    return ok;
}
