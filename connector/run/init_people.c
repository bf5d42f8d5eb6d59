#include "run/init_run.h"

#include "base/sort.h"
#include "base/text.h"
#include "run/init_text.h"
#include "run/stages.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

bool
init_read(struct init_run *run, const struct ldap_search *searches, size_t count,
          const struct attributes *attributes,
          bool (*take)(void *context, const struct entry *entry, struct error *err), void *context,
          struct error *err)
{
    /* A connection that broke ends it: what was counted is void, and to ask again is cheap. */
    const struct source_reader reader = {.entry = take, .context = context};
    struct source_result result = {0};
    struct ldap_options *options =
        stages_server_options(run->arena, init_login_settings(run->login));
    struct source *source;
    bool ok;

    options->searches = searches;
    options->search_count = count;
    source = source_open_ldap(options, &run->quiet);
    ok = source_read(source, attributes, &reader, &result, err);
    source_close(source);
    return ok;
}

/* ---- everybody ---- */

struct gathering {
    struct init_run *run;
    struct attributes *attributes;
    struct arena *scratch;
    int class_slot, surname_slot;
    int id_slots[INIT_ID_COUNT];
};

static unsigned
classes_of(const struct entry_values *values)
{
    unsigned classes = 0;

    for (size_t i = 0; i < values->count; i++)
        for (size_t class = 0; class < INIT_CLASS_COUNT; class ++)
            if (slice_equal_nocase(values->values[i], slice_of(init_classes[class])))
                classes |= 1u << class;
    return classes;
}

/* Values that Alma could not tell apart are the same. */
static uint64_t
hash_value(struct arena *scratch, struct slice value)
{
    struct slice folded = text_fold(scratch, text_tidy(scratch, text_clean(scratch, value, NULL)));
    uint64_t hash = XXH3_64bits(folded.data, folded.length);

    return hash ? hash : 1;
}

/* FreeIPA shows everybody a second time there, in another form. */
static bool
is_double(struct arena *scratch, struct slice dn)
{
    return strcasestr(arena_copy(scratch, dn.data, dn.length), ",cn=compat,") != NULL;
}

static bool
take_person(void *context, const struct entry *entry, struct error *err)
{
    struct gathering *gathering = context;
    struct init_run *run = gathering->run;
    struct init_person *person;

    (void)err;
    arena_reset(gathering->scratch);
    if (is_double(gathering->scratch, entry->dn))
        return true;
    memory_grow(&run->people, &run->people_capacity, run->people_count + 1, sizeof *run->people);
    person = &run->people[run->people_count++];
    *person = (struct init_person){
        .dn = arena_copy(run->arena, entry->dn.data, entry->dn.length),
        .place = init_tally_add(run->place_tally, init_parent(entry->dn), 1),
        .has_surname = entry->slots[gathering->surname_slot].count > 0,
        .classes = classes_of(&entry->slots[gathering->class_slot]),
    };
    run->with_surname += person->has_surname;
    for (size_t i = 0; i < INIT_ID_COUNT; i++) {
        const struct entry_values *values = &entry->slots[gathering->id_slots[i]];

        if (values->count > 0 && values->values[0].length > 0)
            person->ids[i] = hash_value(gathering->scratch, values->values[0]);
        if (values->count > 1)
            person->several |= 1u << i;
    }
    for (size_t i = 0; i < INIT_CLASS_COUNT; i++)
        run->class_counts[i] += person->classes >> i & 1;
    message_progress(run->messenger, &(struct progress){"reading", run->people_count, 0, "people"});
    return true;
}

/* A connection that breaks costs everything that was read; whoever sets up a feed asks again. */
static bool
gather(struct init_run *run, struct error *err)
{
    struct gathering gathering = {
        .run = run, .attributes = attributes_new(), .scratch = arena_new()};
    struct ldap_search *searches =
        arena_alloc(run->arena, run->server.context_count * sizeof *searches);
    bool ok;

    gathering.class_slot = attributes_add(gathering.attributes, slice_of("objectClass"));
    gathering.surname_slot = attributes_add(gathering.attributes, slice_of("sn"));
    for (size_t i = 0; i < INIT_ID_COUNT; i++)
        gathering.id_slots[i] =
            attributes_add(gathering.attributes, slice_of(init_ids[i].attribute));
    for (size_t i = 0; i < run->server.context_count; i++)
        searches[i] = (struct ldap_search){.base = run->server.contexts[i],
                                           .filter = run->filter,
                                           .scope = LDAP_SEARCH_SUBTREE,
                                           .may_be_missing = true};
    run->place_tally = init_tally_new(run->arena);
    ok = init_read(run, searches, run->server.context_count, gathering.attributes, take_person,
                   &gathering, err);
    arena_free(gathering.scratch);
    attributes_free(gathering.attributes);
    return ok;
}

/* The narrowest class that nearly all of them have: a filter that is too wide takes in what is no
 * person, one that is too narrow leaves people out. Who has no surname, as machines have none, does
 * not count. */
static void
choose_class(struct init_run *run)
{
    size_t counts[INIT_CLASS_COUNT] = {0};

    if (run->server.is_active_directory)
        return;
    for (size_t i = 0; i < run->people_count; i++)
        for (size_t class = 0; class < INIT_CLASS_COUNT && run->people[i].has_surname; class ++)
            counts[class] += run->people[i].classes >> class & 1;
    for (size_t i = 0; i < INIT_CLASS_COUNT && !run->class; i++)
        if (counts[i] * 100 >= run->with_surname * (100 - INIT_FEW_PERCENT)) {
            run->class = init_classes[i];
            run->class_bit = 1u << i;
            run->with_class = run->class_counts[i];
        }
    if (run->class)
        run->filter = arena_format(run->arena, "(objectClass=%s)", run->class);
}

/* ---- those who are proposed ---- */

static bool
lies_below(struct slice dn, struct slice base)
{
    while (dn.length > base.length)
        dn = init_parent(dn);
    return base.length == 0 || slice_equal_nocase(dn, base);
}

static bool
is_chosen(const struct init_run *run, const struct init_person *person)
{
    size_t count;
    const struct init_count *places = init_tally_rows(run->place_tally, &count);

    if (run->class_bit && !(person->classes & run->class_bit))
        return false;
    for (size_t i = 0; i < run->place_count; i++)
        if (lies_below(places[person->place].text, slice_of(run->places[i].base)))
            return true;
    return false;
}

static void
sort_out(struct init_run *run)
{
    for (size_t i = 0; i < run->people_count; i++) {
        struct init_person person = run->people[i];

        if (!is_chosen(run, &person))
            continue;
        run->people[i] = run->people[run->chosen];
        run->people[run->chosen++] = person;
    }
}

static void
judge_id(struct init_run *run, size_t id, uint64_t *hashes)
{
    struct init_id_found *found = &run->ids[id];

    for (size_t i = 0; i < run->chosen; i++) {
        if (run->people[i].ids[id])
            hashes[found->people++] = run->people[i].ids[id];
        found->several += run->people[i].several >> id & 1;
    }
    sort_numbers(hashes, found->people);
    for (size_t i = 0; i < found->people; i++)
        found->shared += (i > 0 && hashes[i] == hashes[i - 1]) ||
                         (i + 1 < found->people && hashes[i] == hashes[i + 1]);
}

static bool
is_good(const struct init_run *run, size_t id)
{
    return run->ids[id].shared == 0 && run->ids[id].people * 100 >= run->chosen * INIT_ALL_PERCENT;
}

bool
init_is_good_id(const struct init_run *run)
{
    return is_good(run, run->match);
}

static bool
refuse_ids(const struct init_run *run, struct error *err)
{
    const char *names = "";

    for (size_t i = 0; i < INIT_ID_COUNT; i++)
        names = arena_format(run->arena, "%s%s%s", names, i ? ", " : "", init_ids[i].attribute);
    error_set(err, ERROR_DATA, "nobody on '%s' has an identifier that Alma could know them by",
              run->server.uri);
    return error_hint(err,
                      "Looked for were %s. The account may not see them; where people have "
                      "another one, begin with a ready mapping and name it there.",
                      names);
}

/* The first that everybody has and nobody shares; else the one that fails fewest. */
static bool
choose_id(struct init_run *run, struct error *err)
{
    size_t best = 0;

    for (size_t i = 0; i < INIT_ID_COUNT; i++) {
        const struct init_id_found *found = &run->ids[i];
        size_t good = found->people - found->shared;

        if (is_good(run, i)) {
            run->match = i;
            return true;
        }
        if (good > best) {
            best = good;
            run->match = i;
        }
    }
    return best > 0 || refuse_ids(run, err);
}

/* ---- who is not in use ---- */

static bool
count_entry(void *context, const struct entry *entry, struct error *err)
{
    size_t *count = context;

    (void)entry, (void)err;
    ++*count;
    return true;
}

/* Asked of the server, so that it is the filter that is counted. */
static bool
count_disabled(struct init_run *run, struct error *err)
{
    struct attributes *none = attributes_new();
    bool ok = true;

    for (size_t i = 0; init_disabled[i].filter && ok; i++) {
        struct ldap_search searches[INIT_SEARCHES_MOST];

        if (init_disabled[i].active_directory != run->server.is_active_directory)
            continue;
        for (size_t j = 0; j < run->place_count; j++)
            searches[j] = (struct ldap_search){
                .base = run->places[j].base,
                .filter = arena_format(run->arena, "(&%s%s)", run->filter, init_disabled[i].filter),
                .scope = LDAP_SEARCH_SUBTREE,
            };
        ok = init_read(run, searches, run->place_count, none, count_entry, &run->disabled[i], err);
    }
    attributes_free(none);
    return ok;
}

bool
init_people_read(struct init_run *run, struct error *err)
{
    uint64_t *hashes = NULL;

    run->filter = run->server.is_active_directory ? INIT_AD_PEOPLE_FILTER : INIT_PEOPLE_FILTER;
    if (!gather(run, err))
        return false;
    if (run->people_count == 0) {
        error_set(err, ERROR_DATA, "'%s' shows nobody for %s", run->server.uri, run->filter);
        return error_hint(err, "The account may not see people: with ldapsearch and the same login "
                               "you see what it sees.");
    }
    if (run->with_surname == 0) {
        error_set(err, ERROR_DATA, "nobody whom '%s' shows for %s has a surname (sn)",
                  run->server.uri, run->filter);
        return error_hint(err, "Alma takes nobody without a surname. The account may not see it: "
                               "with ldapsearch and the same login you see what it sees.");
    }
    choose_class(run);
    init_places_choose(run);
    sort_out(run);
    hashes = memory_zero(run->chosen, sizeof *hashes);
    for (size_t i = 0; i < INIT_ID_COUNT; i++)
        judge_id(run, i, hashes);
    free(hashes);
    return choose_id(run, err) && count_disabled(run, err);
}

/* ---- groups ---- */

static bool
take_group(void *context, const struct entry *entry, struct error *err)
{
    (void)err;
    init_tally_add(context, init_parent(entry->dn), 1);
    return true;
}

/* Calls `take` with each entry of any context that the filter finds. */
static bool
find_everywhere(struct init_run *run, const char *filter,
                bool (*take)(void *context, const struct entry *entry, struct error *err),
                void *context, struct error *err)
{
    struct attributes *none = attributes_new();
    struct ldap_search *searches =
        arena_alloc(run->arena, run->server.context_count * sizeof *searches);
    bool ok;

    for (size_t i = 0; i < run->server.context_count; i++)
        searches[i] = (struct ldap_search){.base = run->server.contexts[i],
                                           .filter = filter,
                                           .scope = LDAP_SEARCH_SUBTREE,
                                           .may_be_missing = true};
    ok = init_read(run, searches, run->server.context_count, none, take, context, err);
    attributes_free(none);
    return ok;
}

static bool
read_groups_of(struct init_run *run, const struct init_group_class *class, struct error *err)
{
    struct init_tally *tally = init_tally_new(run->arena);
    const char *filter = arena_format(run->arena, "(objectClass=%s)", class->name);
    const struct init_count *places;
    size_t count;
    bool ok = find_everywhere(run, filter, take_group, tally, err);

    places = init_tally_sorted(tally, &count);
    for (size_t i = 0; i < count; i++) {
        run->group_count += places[i].count;
        if (run->group_base_count < INIT_SEARCHES_MOST)
            run->group_bases[run->group_base_count++] =
                (struct init_group_base){places[i].text.data, class->name, places[i].count};
    }
    init_tally_free(tally);
    filter = arena_format(run->arena, "(&%s%s)", filter, class->filter);
    return ok && (count == 0 || find_everywhere(run, filter, count_entry, &run->told_groups, err));
}

bool
init_groups_read(struct init_run *run, struct error *err)
{
    bool ok = true;

    for (size_t i = 0; init_group_classes[i].name && ok; i++)
        ok = read_groups_of(run, &init_group_classes[i], err);
    return ok;
}
