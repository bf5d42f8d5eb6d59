#include "run/push.h"

#include "base/text.h"
#include "directory/ldif_write.h"
#include "directory/shown.h"
#include "mapping/mapping.h"
#include "model/dn_fold.h"
#include "run/push_id.h"
#include "run/push_store.h"
#include "run/push_view.h"

#include <string.h>

/* What a lookup by one meaning of a text found. */
static bool
look_up(struct pushed *store, enum pushed_by by, struct slice what, struct arena *arena,
        struct pushed_person *ret_person, struct error *err)
{
    bool found;

    if (!what.data || what.length == 0) {
        ret_person->row = 0;
        return true;
    }
    if (!pushed_find(store, by, what, arena, ret_person, &found, err))
        return false;
    if (found && !ret_person->entry.data)
        ret_person->row = 0;
    return true;
}

/* Of identifiers only the one that is agreed with Alma names somebody. */
static bool
look_up_match_id(struct pushed *store, const char *who, struct arena *arena,
                 struct pushed_person *ret_person, struct error *err)
{
    struct slice folded = identifier_fold(arena, text_clean(arena, slice_of(who), NULL));

    if (!look_up(store, PUSHED_BY_IDENTIFIER, folded, arena, ret_person, err))
        return false;
    if (ret_person->row != 0 && !slice_equal(identifier_fold(arena, ret_person->match_id), folded))
        ret_person->row = 0;
    return true;
}

bool
push_whom(struct pushed *store, const char *who, struct arena *arena,
          struct pushed_person *ret_person, bool *ret_found, struct error *err)
{
    struct pushed_person meant[2 + PUSH_ID_KINDS];
    struct slice ids[PUSH_ID_KINDS];
    size_t id_count = push_id_parse(who, arena, ids), count = 2 + id_count;
    bool ok =
        look_up(store, PUSHED_BY_PLACE, dn_fold(arena, slice_of(who)), arena, &meant[0], err) &&
        look_up_match_id(store, who, arena, &meant[1], err);

    *ret_found = false;
    for (size_t i = 0; ok && i < id_count; i++)
        ok = look_up(store, PUSHED_BY_ID, ids[i], arena, &meant[2 + i], err);
    for (size_t i = 0; ok && i < count; i++) {
        if (meant[i].row == 0)
            continue;
        if (*ret_found && meant[i].row != ret_person->row)
            return error_set(err, ERROR_DATA, "'%s' means '%s' as well as '%s': name the DN",
                             shown(slice_of(who)).text, shown(ret_person->dn).text,
                             shown(meant[i].dn).text);
        *ret_person = meant[i];
        *ret_found = true;
    }
    return ok;
}

static bool
nobody(const char *who, unsigned flags, struct error *err)
{
    if (flags & L2A_MISSING_OK)
        return true;
    return error_set(err, ERROR_DATA, "nobody is kept who is '%s'", shown(slice_of(who)).text);
}

static bool
remove_person(struct pushed *store, const char *who, unsigned flags, struct arena *arena,
              struct error *err)
{
    struct pushed_person person;
    bool found, ok;

    if (!store)
        return nobody(who, flags, err);
    if (!pushed_begin(store, err))
        return false;
    ok = push_whom(store, who, arena, &person, &found, err) &&
         (found ? pushed_remove(store, &person, false, err) : nobody(who, flags, err));
    return pushed_end(store, ok, err) && ok;
}

int
l2a_remove(struct l2a *feed, const char *who, unsigned flags)
{
    struct pushed *store = NULL;
    struct arena *arena;
    bool ok;

    if (!feed_begin(feed, true, flags, L2A_MISSING_OK))
        return feed_failed(feed);
    arena = arena_new();
    /* Where nobody was ever pushed no store is made. */
    ok = push_store_open(&feed->settings, PUSHED_READ, false, &store, &feed->err);
    if (ok && store) {
        pushed_close(store);
        ok = push_store_open(&feed->settings, PUSHED_WRITE, false, &store, &feed->err);
    }
    ok = ok && remove_person(store, who, flags, arena, &feed->err);
    pushed_close(store);
    arena_free(arena);
    return ok ? L2A_DONE : feed_failed(feed);
}

int
l2a_get(struct l2a *feed, const char *who, unsigned flags)
{
    struct pushed *store = NULL;
    struct pushed_person person;
    struct arena *arena;
    bool ok, found = false;

    feed->got.length = 0;
    if (!feed_begin(feed, true, flags, L2A_MISSING_OK))
        return feed_failed(feed);
    arena = arena_new();
    ok = push_store_open(&feed->settings, PUSHED_READ, false, &store, &feed->err) &&
         (!store || pushed_begin_look(store, &feed->err)) &&
         (!store || push_whom(store, who, arena, &person, &found, &feed->err));
    if (ok && found)
        buffer_add(&feed->got, person.entry.data, person.entry.length);
    else if (ok)
        ok = nobody(who, flags, &feed->err);
    if (store)
        pushed_end_look(store);
    pushed_close(store);
    arena_free(arena);
    return ok ? L2A_DONE : feed_failed(feed);
}

const char *
l2a_got(struct l2a *feed)
{
    buffer_add(&feed->got, "", 1);
    feed->got.length--;
    return feed->got.data;
}

struct listing {
    const char *const *attributes;
    size_t count;
    struct slice *names;
    struct pushed *store;
    struct mapping_condition *condition; /* NULL: everybody */
    struct push_view *view;
    struct arena *arena; /* of one person */
    struct buffer text;
    int (*take)(void *context, const char *ldif, size_t length);
    void *context;
    bool stopped;
};

static bool
list_person(void *context, const struct pushed_person *person, struct error *err)
{
    struct listing *listing = context;
    struct whole_entry *entry;
    struct entry seen;

    if (listing->condition) {
        arena_reset(listing->arena);
        if (!push_view_entry(listing->view, person, &seen, err))
            return false;
        if (!mapping_condition_holds(listing->condition, &seen, listing->arena))
            return true;
    }
    if (listing->attributes) {
        entry = push_entry(listing->store, person, err);
        if (!entry)
            return false;
        listing->text.length = 0;
        ldif_write_entry(&listing->text, entry, listing->names, listing->count);
        whole_entry_free(entry);
    } else {
        listing->text.length = 0;
        buffer_add(&listing->text, person->entry.data, person->entry.length);
    }
    buffer_add(&listing->text, "", 1);
    listing->stopped =
        listing->take(listing->context, listing->text.data, listing->text.length - 1) != 0;
    return !listing->stopped;
}

static bool
list_people(struct listing *listing, const char *filter, struct error *err)
{
    struct attributes *attributes = attributes_new();
    bool ok = true;

    if (filter) {
        listing->condition = mapping_condition_new(filter, attributes, err);
        ok = listing->condition != NULL;
    }
    if (ok && listing->store) {
        listing->view = push_view_new(attributes, pushed_path(listing->store));
        ok = pushed_begin_look(listing->store, err) &&
             (pushed_each(listing->store, list_person, listing, err) || listing->stopped);
        pushed_end_look(listing->store);
    }
    mapping_condition_free(listing->condition);
    push_view_free(listing->view);
    attributes_free(attributes);
    return ok;
}

int
l2a_list(struct l2a *feed, const char *filter, const char *const *attributes, size_t count,
         int (*take)(void *context, const char *ldif, size_t length), void *context)
{
    struct listing listing = {
        .attributes = attributes, .count = count, .take = take, .context = context};
    bool ok;

    if (!feed_begin(feed, true, 0, 0))
        return feed_failed(feed);
    listing.arena = arena_new();
    listing.names = memory_zero(count + 1, sizeof *listing.names);
    for (size_t i = 0; i < count; i++)
        listing.names[i] = slice_of(attributes[i]);
    ok = push_store_open(&feed->settings, PUSHED_READ, false, &listing.store, &feed->err) &&
         list_people(&listing, filter, &feed->err);
    pushed_close(listing.store);
    buffer_free(&listing.text);
    arena_free(listing.arena);
    free(listing.names);
    return ok ? L2A_DONE : feed_failed(feed);
}
