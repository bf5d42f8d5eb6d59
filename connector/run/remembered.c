#include "run/remembered.h"

#include "package/package.h"
#include "run/feed.h"
#include "run/fingerprint.h"
#include "run/identity.h"
#include "run/naming.h"
#include "run/workshop.h"
#include "state/matter.h"
#include "state/photo.h"

#include <stdlib.h>
#include <string.h>

struct remembered_look {
    struct arena *arena;
    struct remembered content;
};

/* Somebody, and the package in which their record went out or is on its way; 0: there is none. */
struct match {
    struct slice key, match_id;
    int64_t package;
};

/* Everybody whom `who` means. */
struct search {
    struct naming naming;
    struct arena *arena;
    struct arena *scratch; /* of one person */
    struct match *matches;
    size_t count, capacity;
};

static bool
is_meant(struct search *search, struct slice key, struct slice match_id)
{
    arena_reset(search->scratch);
    return naming_means(&search->naming, match_id, key, search->scratch);
}

static void
add_match(struct search *search, struct slice key, struct slice match_id, int64_t package)
{
    memory_grow(&search->matches, &search->capacity, search->count + 1, sizeof *search->matches);
    search->matches[search->count++] = (struct match){
        arena_slice(search->arena, key), arena_slice(search->arena, match_id), package};
}

static bool
look_at_person(void *context, const struct state_person *person, struct error *err)
{
    (void)err;
    if (is_meant(context, person->key, person->match_id))
        add_match(context, person->key, person->match_id, person->package);
    return true;
}

static bool
is_found(const struct search *search, struct slice key)
{
    for (size_t i = 0; i < search->count; i++)
        if (slice_equal(search->matches[i].key, key))
            return true;
    return false;
}

/* Somebody who may never have been sent, but was held or rejected. */
static bool
look_at_matter(void *context, const struct state_matter *matter, struct error *err)
{
    struct search *search = context;

    (void)err;
    if ((is_meant(search, matter->key, matter->match_id) ||
         (matter->dn.data && naming_means_dn(&search->naming, matter->dn, search->scratch))) &&
        !is_found(search, matter->key))
        add_match(search, matter->key, matter->match_id, 0);
    return true;
}

/* `everywhere`: also those who are on their way, so that somebody may come twice, or were never
 * sent. What a match holds lives in the arena, their list is freed by the caller. */
static bool
find_matches(struct state *state, const char *who, bool everywhere, struct arena *arena,
             struct match **ret_matches, size_t *ret_count, struct error *err)
{
    struct search search = {
        .naming = naming_parse(who, arena), .arena = arena, .scratch = arena_new()};
    bool ok;

    ok = state_each_person(state, look_at_person, &search, err) &&
         (!everywhere || (state_each_pending(state, look_at_person, &search, err) &&
                          state_each_matter(state, look_at_matter, &search, err)));
    if (ok && search.count == 0) {
        ok = error_set(err, ERROR_DATA, "the state '%s' knows nobody by '%s'", state_path(state),
                       who);
        error_hint(err, "It knows people by match identifier and by the directory's immutable id.");
    }
    arena_free(search.scratch);
    *ret_matches = search.matches;
    *ret_count = search.count;
    return ok;
}

static bool
take_record(struct remembered_look *look, struct slice kept, bool records,
            struct remembered_person *person, struct error *err)
{
    struct buffer record = BUFFER_INIT;
    bool ok = package_inflate(kept, &record, err);

    person->record_bytes = record.length;
    if (ok && records)
        person->record = arena_slice(look->arena, (struct slice){record.data, record.length});
    buffer_free(&record);
    return ok;
}

static bool
add_person(struct remembered_look *look, struct state *state, struct slice key, bool records,
           struct error *err)
{
    struct remembered *content = &look->content;
    struct remembered_person *person;
    struct state_person known;
    struct state_package package;
    bool found;

    if (!state_find_person(state, key, look->arena, &known, &found, err))
        return false;
    if (!found) /* a run is at work, or somebody was forgotten just now */
        return true;
    if (!state_find_package(state, known.package, look->arena, &package, err))
        return false;
    memory_grow(&content->people, &content->capacity, content->count + 1, sizeof *content->people);
    person = &content->people[content->count++];
    *person = (struct remembered_person){
        .id = identity_text(key, look->arena),
        .match_id = known.match_id,
        .delivered = known.delivered,
        .package = package.name,
        .absent = known.absent,
        .expired = known.expired,
    };
    fingerprint_compare(known.fields, SLICE_NONE, person->fields);
    return !known.record.data || take_record(look, known.record, records, person, err);
}

struct remembered_look *
remembered_find(const struct settings *settings, const char *who, bool records, struct error *err)
{
    struct state *state = state_open(settings->state, settings->name, STATE_READ, err);
    struct remembered_look *look;
    struct match *matches = NULL;
    size_t count;
    bool ok;

    if (!state)
        return NULL;
    look = memory_zero(1, sizeof *look);
    look->arena = arena_new();
    look->content.who = arena_string(look->arena, who);
    ok = find_matches(state, who, false, look->arena, &matches, &count, err);
    for (size_t i = 0; ok && i < count; i++)
        ok = add_person(look, state, matches[i].key, records, err);
    free(matches);
    state_close(state);
    if (ok)
        return look;
    remembered_free(look);
    return NULL;
}

void
remembered_free(struct remembered_look *look)
{
    if (!look)
        return;
    arena_free(look->arena);
    free(look->content.people);
    free(look);
}

const struct remembered *
remembered_content(const struct remembered_look *look)
{
    return &look->content;
}

/* Packages that lie in the spool while no run is at work are what a run left that was cut short.
 * Nobody needs them: what was only planned is planned anew, and whether one arrived is asked at the
 * target. */
static bool
abandon_remains(struct workshop *workshop, struct state *state, struct arena *arena,
                const struct messenger *messenger, struct error *err)
{
    const struct state_query planned = {.fates = 1u << STATE_PLANNED};
    struct state_package *packages;
    size_t count;
    bool ok = state_list_packages(state, &planned, arena, &packages, &count, err);

    for (size_t i = 0; ok && i < count; i++)
        ok = state_abandon(state, packages[i].id, err);
    package_clean(workshop_folder(workshop), messenger);
    workshop_remove_packages(workshop, messenger);
    return ok;
}

/* What is to be said of somebody who is forgotten. */
struct farewell {
    const char *who, *where; /* `where` NULL: nothing of them is left at the target */
    bool photo;              /* one of them lies at the photos' server */
};

static bool
word_farewell(struct state *state, const struct match *match, struct arena *arena,
              struct farewell *ret_farewell, struct error *err)
{
    const char *id = identity_text(match->key, arena);
    struct state_package package;

    ret_farewell->where = NULL;
    if (!state_has_photo(state, match->key, &ret_farewell->photo, err))
        return false;
    ret_farewell->who = arena_format(arena, "'%s' is forgotten", id);
    if (match->package == 0)
        return true;
    if (!state_find_package(state, match->package, arena, &package, err))
        return false;
    ret_farewell->who =
        arena_format(arena, "'%.*s' (%s) is forgotten", SLICE_ARG(match->match_id), id);
    if (package.bytes > 0 && !package.gone && package.fate != STATE_ABANDONED)
        ret_farewell->where = arena_format(
            arena, "the last record may still lie in '%s' at '%s', where Alma takes it from",
            package.name, package.target);
    return true;
}

static void
tell_farewells(const struct farewell *farewells, size_t count, const struct messenger *messenger)
{
    for (size_t i = 0; i < count; i++) {
        message_say(messenger, MESSAGE_NOTICE, "%s", farewells[i].who);
        if (farewells[i].where)
            message_say(messenger, MESSAGE_NOTICE, "%s", farewells[i].where);
        if (farewells[i].photo)
            message_say(messenger, MESSAGE_NOTICE,
                        "the photo lies at its server, and its name in the state, until the next "
                        "'ldap2alma photos' removes it");
    }
    message_say(messenger, MESSAGE_NOTICE,
                "whom the directory still has is sent again as new by the next run");
}

static bool
forget_matches(struct state *state, const struct match *matches, size_t count, struct arena *arena,
               const struct messenger *messenger, struct error *err)
{
    struct farewell *farewells = arena_alloc(arena, count * sizeof *farewells);
    struct slice *keys = arena_alloc(arena, count * sizeof *keys);
    bool ok = true;

    for (size_t i = 0; ok && i < count; i++) {
        keys[i] = matches[i].key;
        ok = word_farewell(state, &matches[i], arena, &farewells[i], err);
    }
    if (!ok || !state_forget(state, keys, count, err))
        return false;
    tell_farewells(farewells, count, messenger);
    return true;
}

static bool
forget(struct workshop *workshop, struct state *state, const char *who,
       const struct messenger *messenger, struct error *err)
{
    struct arena *arena = arena_new();
    struct match *matches = NULL;
    size_t count;
    bool ok = find_matches(state, who, true, arena, &matches, &count, err) &&
              abandon_remains(workshop, state, arena, messenger, err) &&
              forget_matches(state, matches, count, arena, messenger, err);

    free(matches);
    arena_free(arena);
    return ok;
}

bool
remembered_forget(const struct settings *settings, const char *who,
                  const struct messenger *messenger, struct error *err)
{
    struct state *state = state_open(settings->state, settings->name, STATE_READ, err);
    struct workshop *workshop;
    bool ok;

    if (!state) /* it is not made for this */
        return false;
    state_close(state);
    workshop = workshop_open(settings->spool, settings->name, err);
    state = workshop ? state_open(settings->state, settings->name, STATE_WRITE, err) : NULL;
    ok = state && forget(workshop, state, who, messenger, err);
    state_close(state);
    workshop_close(workshop);
    return ok;
}

int
l2a_state_show(struct l2a *feed, const char *who, unsigned flags)
{
    if (!feed_begin(feed, true, flags, L2A_STATE_RECORD))
        return feed_failed(feed);
    remembered_free(feed->remembered);
    feed->remembered =
        remembered_find(&feed->settings, who, (flags & L2A_STATE_RECORD) != 0, &feed->err);
    return feed->remembered ? L2A_DONE : feed_failed(feed);
}

const char *
l2a_state_report(struct l2a *feed, const char *format)
{
    feed->text.length = 0;
    if (!feed->remembered ||
        !remembered_write(remembered_content(feed->remembered), format, &feed->text))
        return NULL;
    buffer_add(&feed->text, "", 1);
    return feed->text.data;
}

int
l2a_state_forget(struct l2a *feed, const char *who)
{
    if (!feed_begin(feed, true, 0, 0) ||
        !remembered_forget(&feed->settings, who, &feed->messenger, &feed->err))
        return feed_failed(feed);
    return L2A_DONE;
}
