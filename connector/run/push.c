#include "run/push.h"

#include "config.h"
#include "run/mapping_change.h"
#include "run/push_inside.h"
#include "run/push_store.h"

#include <string.h>

/* The record as it would stand in a file, without the blank line that ends it. */
static struct slice
push_lines(const struct pushed_person *person)
{
    struct slice entry = person->entry;

    entry.length -= entry.length > 0 && entry.data[entry.length - 1] == '\n';
    return entry;
}

struct whole_entry *
push_entry(const struct pushed *store, const struct pushed_person *person, struct error *err)
{
    struct arena *arena = arena_new();
    struct slice lines = push_lines(person);
    const struct ldif_record record = {arena_copy(arena, lines.data, lines.length), lines.length, 1,
                                       false};
    struct ldif_change *change = ldif_change_parse(&record, arena, err);
    struct whole_entry *entry = change ? ldif_change_apply(change, NULL, err) : NULL;

    if (!entry)
        error_prefix(err, "the entry '%.*s' that '%s' keeps cannot be read", SLICE_ARG(person->dn),
                     pushed_path(store));
    arena_free(arena);
    return entry;
}

/* Under another mapping people have other identifiers. Who is last of two with the same has none of
 * it here; the run holds both. */
static bool
identify_again(void *context, const struct pushed_person *person, struct error *err)
{
    struct push *push = context;
    struct pushed_person now = *person;
    struct whole_entry *entry = push_entry(push->store, person, err);
    bool ok;

    if (!entry)
        return false;
    arena_reset(push->arena);
    (void)push_identify(push, entry, &now);
    ok = pushed_identify(push->store, person, &now, err);
    whole_entry_free(entry);
    return ok;
}

static bool
identify_everybody(struct push *push, struct slice mapping, struct error *err)
{
    bool ok;

    message_say(&push->feed->messenger, MESSAGE_INFO,
                "the identifiers of everybody who was pushed are made anew by this mapping");
    if (!pushed_begin(push->store, err))
        return false;
    ok = pushed_forget_identifiers(push->store, err) &&
         pushed_each(push->store, identify_again, push, err) &&
         pushed_set_mapping(push->store, mapping, err);
    ok = pushed_end(push->store, ok, err) && ok;
    found_restart(&push->feed->found);
    return ok;
}

static bool
keep_up_with_mapping(struct push *push, struct error *err)
{
    struct arena *arena = arena_new();
    struct slice before, now = mapping_digests(mapper_mapping(push->mapper), arena);
    bool ok = pushed_get_mapping(push->store, arena, &before, err);

    now = slice_of(arena_format(arena, "%s\n%.*s", PACKAGE_VERSION, SLICE_ARG(now)));
    if (ok && !(before.data && slice_equal(before, now)))
        ok = identify_everybody(push, now, err);
    arena_free(arena);
    return ok;
}

static bool
is_released(const struct l2a *feed)
{
    for (size_t i = 0; i < feed->release_count; i++)
        if (strcmp(feed->releases[i], "missing") == 0)
            return true;
    return false;
}

bool
push_open(struct push *push, struct l2a *feed)
{
    bool released = is_released(feed);

    *push = (struct push){.feed = feed, .arena = arena_new()};
    feed->release_count = 0;
    return push_store_open(&feed->settings, PUSHED_WRITE, released, &push->store, &feed->err) &&
           (push->mapper = mapper_of(feed)) != NULL &&
           (push->guard = push_guard_open(&feed->settings, &feed->err)) != NULL &&
           keep_up_with_mapping(push, &feed->err) &&
           confinement_enter(feed->confinement, NULL, NULL, &feed->messenger, &feed->err);
}

void
push_close(struct push *push)
{
    push_guard_close(push->guard);
    pushed_close(push->store);
    buffer_free(&push->text);
    buffer_free(&push->identifiers);
    arena_free(push->arena);
}
