#include "run/detect_inside.h"

#include "base/buffer.h"
#include "directory/entry_id.h"
#include "package/package.h"
#include "run/identifiers.h"
#include "run/identity.h"
#include "run/last_record.h"
#include "state/roster.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static void
ask_for(struct detection *detection, const struct directory_id *id)
{
    memory_grow(&detection->asked, &detection->asked_capacity, detection->asked_count + 1,
                sizeof *detection->asked);
    detection->asked[detection->asked_count++] = *id;
}

void
detection_want(struct detection *detection, uint32_t number)
{
    const struct directory_id id = roster_id(roster_row(detection->roster, number));

    if (detection->fates[number] & FATE_WANTED)
        return;
    detection->fates[number] |= FATE_WANTED;
    ask_for(detection, &id);
}

static void
want_stranger(struct detection *detection, const struct directory_id *id)
{
    memory_grow(&detection->strangers, &detection->stranger_capacity, detection->stranger_count + 1,
                sizeof *detection->strangers);
    detection->strangers[detection->stranger_count++] = *id;
}

static void
want_id(struct detection *detection, const struct directory_id *id)
{
    uint32_t number = roster_find(detection->roster, id);

    if (number != ROSTER_NONE)
        detection_want(detection, number);
    else
        want_stranger(detection, id);
}

static void
take_named(void *context, const struct directory_id *id)
{
    struct detection *detection = context;

    detection_wait(detection);
    if (!detection->reason)
        want_id(detection, id);
}

/* Nobody can be there unchanged who was not there before: better look. */
static void
take_present(void *context, const struct directory_id *id)
{
    struct detection *detection = context;
    uint32_t number;

    detection_wait(detection);
    if (detection->reason)
        return;
    number = roster_find(detection->roster, id);
    if (number != ROSTER_NONE && roster_is_here(roster_row(detection->roster, number)))
        detection->fates[number] |= FATE_PRESENT;
    else
        want_id(detection, id);
}

struct changes_sink
detection_sink(struct detection *detection)
{
    return (struct changes_sink){take_named, take_present, detection};
}

/* The directory may name somebody several times. */
static void
sort_strangers(struct detection *detection)
{
    struct directory_id *ids = detection->strangers;
    size_t kept = 0;

    if (detection->stranger_count > 1)
        qsort(ids, detection->stranger_count, sizeof *ids, entry_id_compare);
    for (size_t i = 0; i < detection->stranger_count; i++)
        if (kept == 0 || entry_id_compare(&ids[kept - 1], &ids[i]) != 0)
            ids[kept++] = ids[i];
    detection->stranger_count = kept;
}

/* Who was read while no group was has no names, by which groups could be asked about him. */
static bool
is_seen_otherwise(const struct detection *detection, uint32_t number)
{
    const struct membership *before = roster_membership(detection->roster, number);

    return !before || before->names[0] == 0 ||
           source_membership(detection->inputs.source, before) != before->sum;
}

/* Whom the roster itself wants to be looked at, beside those whom the directory told of. */
static void
want_rows(struct detection *detection)
{
    const struct changes *changes = &detection->changes;

    for (uint32_t i = 0; i < detection->row_count; i++) {
        const struct roster_row *row = roster_row(detection->roster, i);

        if (!roster_is_here(row) || (detection->fates[i] & FATE_WANTED))
            continue;
        if (row->verdict == ROSTER_REJECTED || row->verdict == ROSTER_HELD ||
            (time_t)row->due <= detection->inputs.now ||
            (changes->exhaustive && !(detection->fates[i] & FATE_PRESENT)) ||
            (changes->memberships && is_seen_otherwise(detection, i)))
            detection_want(detection, i);
    }
}

static void
want_key(struct detection *detection, struct slice key)
{
    struct directory_id id;

    if (identity_id(key, &id))
        want_id(detection, &id);
}

/* Who is absent is nowhere, or skipped: else somebody has to look. */
static void
want_absent(struct detection *detection)
{
    for (size_t i = 0; i < detection->absent_count; i++) {
        struct directory_id id;
        uint32_t number = ROSTER_NONE;

        if (identity_id(detection->absent[i], &id))
            number = roster_find(detection->roster, &id);
        if (number == ROSTER_NONE ||
            (roster_row(detection->roster, number)->verdict != ROSTER_AWAY &&
             roster_row(detection->roster, number)->verdict != ROSTER_SKIPPED))
            want_key(detection, detection->absent[i]);
    }
}

bool
detection_want_others(struct detection *detection, struct error *err)
{
    const struct detect *inputs = &detection->inputs;
    struct state_claim *claims;
    size_t claim_count;

    sort_strangers(detection);
    detection->named = detection->asked_count + detection->stranger_count;
    if (!state_list_absent(inputs->state, inputs->arena, &detection->absent,
                           &detection->absent_count, err) ||
        !state_list_claims(inputs->state, inputs->arena, &claims, &claim_count, err) ||
        !state_list_aliases(inputs->state, inputs->arena, &detection->aliases,
                            &detection->alias_count, err))
        return false;
    want_rows(detection);
    for (size_t i = 0; i < claim_count; i++)
        want_key(detection, claims[i].key);
    want_absent(detection);
    sort_strangers(detection);
    return true;
}

/* Whoever has an identifier of that hash is read as well; who is not there is looked up in state.
 */
static void
want_marked(struct detection *detection, uint32_t hash)
{
    uint32_t number;

    for (size_t cursor = 0;
         (number = roster_marked(detection->roster, hash, &cursor)) != ROSTER_NONE;) {
        if (number >= detection->row_count)
            continue;
        if (roster_is_here(roster_row(detection->roster, number)))
            detection_want(detection, number);
        else
            detection->fates[number] |= FATE_CONCERNED;
    }
}

static void
want_alias_owners(struct detection *detection, uint64_t identity)
{
    struct arena *arena = arena_new();

    for (size_t i = 0; i < detection->alias_count; i++)
        if (identifier_hash(detection->aliases[i].match_id, arena) == identity) {
            struct directory_id id;
            uint32_t number = identity_id(detection->aliases[i].key, &id)
                                  ? roster_find(detection->roster, &id)
                                  : (uint32_t)ROSTER_NONE;

            if (number != ROSTER_NONE && !roster_is_here(roster_row(detection->roster, number)))
                detection->fates[number] |= FATE_CONCERNED;
            else
                want_key(detection, detection->aliases[i].key);
        }
    arena_free(arena);
}

/* Those who were read since the last look. */
static void
look_at_read(struct detection *detection)
{
    struct people *people = detection->inputs.people;
    const struct person *items = people_items(people);
    size_t mark_count;
    const uint64_t *marks = people_marks(people, &mark_count);

    for (; detection->seen_people < people_count(people); detection->seen_people++) {
        const struct person *person = &items[detection->seen_people];
        struct directory_id id;
        uint32_t number = ROSTER_NONE;

        if (identity_id(people_key(people, person), &id))
            number = roster_find(detection->roster, &id);
        if (number != ROSTER_NONE)
            detection->fates[number] |= FATE_WANTED | FATE_FOUND;
        if (person->identity != 0 && detection->alias_count > 0)
            want_alias_owners(detection, person->identity);
    }
    for (; detection->seen_marks < mark_count; detection->seen_marks++)
        want_marked(detection, (uint32_t)(marks[detection->seen_marks] >> PEOPLE_MARK_SHIFT));
}

/* Of somebody who would get a last record: who has its identifiers now? One that is damaged is
 * another's trouble (leavers.c). */
static bool
want_heirs(struct detection *detection, const struct state_person *known, struct arena *arena,
           struct error *err)
{
    const struct detect *inputs = &detection->inputs;
    struct buffer record = BUFFER_INIT;
    struct error unheard = ERROR_INIT;
    struct person_facts facts = {0};
    struct state_person whole;
    bool found, ok = state_find_person(inputs->state, known->key, arena, &whole, &found, err);

    if (ok && found && whole.record.data && package_inflate(whole.record, &record, &unheard) &&
        last_record_read((struct slice){record.data, record.length}, inputs->match_id, arena,
                         &facts, &unheard))
        for (size_t i = 0; i < facts.identifiers.count; i++)
            want_marked(detection,
                        (uint32_t)(facts.identifiers.items[i].hash >> PEOPLE_MARK_SHIFT));
    buffer_free(&record);
    return ok;
}

static bool
take_leaver(void *context, const struct state_person *known, struct error *err)
{
    struct detection *detection = context;
    const struct settings *settings = detection->inputs.settings;
    struct arena *arena;
    bool ok = true;

    if (known->expired)
        return true;
    arena = arena_new();
    want_marked(detection,
                (uint32_t)(identifier_hash(known->match_id, arena) >> PEOPLE_MARK_SHIFT));
    if (settings->leavers.policy == SETTINGS_LEAVERS_EXPIRE &&
        known->absent + 1 >= settings->leavers.grace)
        ok = want_heirs(detection, known, arena, err);
    arena_free(arena);
    return ok;
}

/* Those who have left: whether somebody has an identifier of theirs decides on their last record.
 */
static bool
look_at_leavers(struct detection *detection, struct error *err)
{
    struct arena *arena = arena_new();
    struct slice *keys;
    size_t count = 0, most = 0;
    bool ok;

    for (size_t i = 0; i < detection->row_count; i++)
        most += (detection->fates[i] & (FATE_WANTED | FATE_FOUND)) == FATE_WANTED;
    keys = arena_alloc(arena, most * sizeof *keys);
    for (uint32_t i = 0; count < most; i++) {
        const struct directory_id id = roster_id(roster_row(detection->roster, i));

        if ((detection->fates[i] & (FATE_WANTED | FATE_FOUND)) == FATE_WANTED)
            keys[count++] = identity_key_of_id(&id, arena);
    }
    ok = state_each_of(detection->inputs.state, keys, count, take_leaver, detection, err) &&
         state_each_of(detection->inputs.state, detection->absent, detection->absent_count,
                       take_leaver, detection, err);
    arena_free(arena);
    return ok;
}

/* Reads those who are asked for. */
static bool
fetch(struct detection *detection, const struct source_reader *reader, struct source_result *result,
      struct error *err)
{
    const struct detect *inputs = &detection->inputs;
    struct source_result one;
    bool ok;

    for (size_t i = 0; i < detection->stranger_count; i++)
        ask_for(detection, &detection->strangers[i]);
    detection->stranger_count = 0;
    if (detection->asked_count == 0)
        return true;
    ok = source_fetch(inputs->source, inputs->attributes, detection->asked, detection->asked_count,
                      reader, &one, err);
    result->entries += one.entries;
    result->repeated += one.repeated;
    result->referrals += one.referrals;
    result->restarts += one.restarts;
    memcpy(result->server, one.server, sizeof result->server);
    detection->asked_count = 0;
    look_at_read(detection);
    return ok;
}

/* Until nobody is left of whom those who were read, or have left, make one want to know. */
static bool
fetch_rounds(struct detection *detection, const struct source_reader *reader,
             struct source_result *result, struct error *err)
{
    *result = (struct source_result){0};
    memcpy(result->server, detection->changes.server, sizeof result->server);
    do {
        if (!fetch(detection, reader, result, err))
            return false;
        if (detection->asked_count + detection->stranger_count == 0 &&
            !look_at_leavers(detection, err))
            return false;
    } while (detection->asked_count + detection->stranger_count > 0);
    return true;
}

/* A search that finds nobody any more has to stop the run (brakes.h), which needs the count of a
 * whole read. */
static bool
has_emptied_search(const struct detection *detection)
{
    const struct detect *inputs = &detection->inputs;
    const uint64_t *before = detection->sums.by_search;
    uint64_t now[ROSTER_SEARCHES];
    bool emptied = false;

    memcpy(now, before, sizeof now);
    for (uint32_t i = 0; i < detection->row_count; i++) {
        const struct roster_row *row = roster_row(detection->roster, i);

        if ((detection->fates[i] & FATE_WANTED) && roster_is_here(row))
            now[row->search]--;
    }
    for (size_t i = 0; i < people_count(inputs->people); i++)
        now[people_origin(inputs->people, i).search]++;
    for (size_t i = 0; i < ROSTER_SEARCHES; i++)
        emptied |= before[i] > 0 && now[i] == 0;
    return emptied && inputs->settings->directory.search_count > 1 &&
           inputs->settings->brakes.empty_search != SETTINGS_OFF;
}

/* What was read so far is void. */
static bool
begin_anew(struct detection *detection, const char *reason, const struct source_reader *reader,
           struct error *err)
{
    detection->reason = reason;
    message_say(detection->inputs.messenger, MESSAGE_INFO, "everybody is read: %s", reason);
    return reader->restart(reader->context, err);
}

/* False where everybody has to be read after all, or nobody can be. */
static bool
read_part(struct detection *detection, const struct source_reader *reader,
          struct source_result *result, struct error *err)
{
    const char *why;

    if (fetch_rounds(detection, reader, result, err)) {
        return !has_emptied_search(detection) ||
               begin_anew(detection, "a search finds nobody any more", reader, err);
    }
    if (!err->transient)
        return false;
    why = arena_string(detection->inputs.arena, err->text);
    *err = ERROR_INIT;
    /* The next connection may lead to another server of that name, which is behind the mark. */
    detection->changes.mark = SLICE_NONE;
    return begin_anew(detection, why, reader, err);
}

bool
detection_read(void *context, const struct source_reader *reader, struct source_result *ret_result,
               bool *ret_all, struct error *err)
{
    struct detection *detection = context;
    const struct detect *inputs = &detection->inputs;
    bool ok = detection->reason || read_part(detection, reader, ret_result, err);

    *ret_all = detection->reason != NULL;
    if (ok && detection->reason)
        ok = source_read(inputs->source, inputs->attributes, reader, ret_result, err);
    detection->read = *ret_result;
    report_set_detect(inputs->report,
                      &(struct report_detect){.way = changes_way_name(detection->changes.way),
                                              .named = detection->named,
                                              .all = *ret_all,
                                              .reason = detection->reason});
    return ok;
}
