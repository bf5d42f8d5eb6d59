#include "run/push_source.h"

#include "base/buffer.h"
#include "directory/changes_mark.h"
#include "directory/entry_id.h"
#include "directory/source_driver.h"
#include "run/identity.h"
#include "run/push_view.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct push_source {
    struct source source;
    const struct settings *settings;
    struct pushed *store; /* NULL: not open, or nobody was ever pushed */
    bool is_open;
    struct arena *arena;
    struct push_moment moment;
};

/* One read. */
struct reading {
    const struct push_source *self;
    struct push_view *view;
    const struct source_reader *out;
    struct source_result *result;
};

static const char *
path_of(const struct push_source *self)
{
    return self->settings->directory.push.entries;
}

static bool
open_store(struct push_source *self, struct error *err)
{
    if (self->is_open)
        return true;
    if (!push_store_open(self->settings, PUSHED_READ, false, &self->store, err))
        return false;
    if ((!self->store || pushed_begin_look(self->store, err)) &&
        push_moment_of(self->store, self->arena, &self->moment, err)) {
        self->is_open = true;
        return true;
    }
    pushed_close(self->store);
    self->store = NULL;
    return false;
}

bool
push_source_moment(struct source *source, struct push_moment *ret_moment, struct error *err)
{
    struct push_source *self = (struct push_source *)source;

    *ret_moment = (struct push_moment){.mark = SLICE_NONE, .token = SLICE_NONE};
    if (!open_store(self, err))
        return false;
    *ret_moment = self->moment;
    return true;
}

static bool
hand_over(void *context, const struct pushed_person *person, struct error *err)
{
    struct reading *reading = context;
    struct entry entry;

    if (!push_view_entry(reading->view, person, &entry, err))
        return false;
    reading->result->entries++;
    return reading->out->entry(reading->out->context, &entry, err);
}

static struct reading
reading_begin(struct push_source *self, const struct attributes *attributes,
              const struct source_reader *reader, struct source_result *ret_result)
{
    snprintf(ret_result->server, sizeof ret_result->server, "%s", path_of(self));
    return (struct reading){self, push_view_new(attributes, path_of(self)), reader, ret_result};
}

static bool
push_source_read(struct source *source, const struct attributes *attributes,
                 const struct source_reader *reader, struct source_result *ret_result,
                 struct error *err)
{
    struct push_source *self = (struct push_source *)source;
    struct reading reading = reading_begin(self, attributes, reader, ret_result);
    bool ok = open_store(self, err) &&
              (!self->store || pushed_each(self->store, hand_over, &reading, err));

    push_view_free(reading.view);
    if (ok)
        message_say(source->messenger, MESSAGE_INFO, "read '%s': %" PRIu64 " people", path_of(self),
                    ret_result->entries);
    return ok;
}

static bool
push_source_fetch(struct source *source, const struct attributes *attributes,
                  const struct directory_id *ids, size_t count, const struct source_reader *reader,
                  struct source_result *ret_result, struct error *err)
{
    struct push_source *self = (struct push_source *)source;
    struct reading reading = reading_begin(self, attributes, reader, ret_result);
    struct directory_id *sorted = memory_zero(count + 1, sizeof *sorted);
    struct arena *arena = arena_new();
    bool ok = open_store(self, err);

    if (count > 0)
        memcpy(sorted, ids, count * sizeof *sorted);
    qsort(sorted, count, sizeof *sorted, entry_id_compare);
    for (size_t i = 0; ok && self->store && i < count; i++) {
        struct pushed_person person;
        bool found;

        if (i > 0 && entry_id_compare(&sorted[i - 1], &sorted[i]) == 0)
            continue;

        arena_reset(arena);
        ok = pushed_find(self->store, PUSHED_BY_ID, identity_key_of_id(&sorted[i], arena), arena,
                         &person, &found, err);
        if (ok && found && person.entry.data)
            ok = hand_over(&reading, &person, err);
    }
    arena_free(arena);
    free(sorted);
    push_view_free(reading.view);
    return ok;
}

static bool
name_person(void *context, const struct pushed_person *person, struct error *err)
{
    const struct changes_sink *sink = context;
    struct directory_id id;

    (void)err;
    if (identity_id(person->id, &id))
        sink->named(sink->context, &id);
    return true;
}

bool
push_source_compare(struct source *source, const struct push_moment *last,
                    enum push_since *ret_since, struct error *err)
{
    struct push_source *self = (struct push_source *)source;

    return open_store(self, err) &&
           push_moment_compare(self->store, &self->moment, last, ret_since, err);
}

/* Why nobody can be named since the mark; NULL: they can, since the number. */
static bool
find_since(const struct push_source *self, const struct changes_question *question,
           struct arena *arena, int64_t *ret_number, const char **ret_why, struct error *err)
{
    static const char *const reasons[] = {
        [PUSH_GOES_ON] = NULL,
        [PUSH_ANOTHER] = "the store of pushed people is another one than at the last run",
        [PUSH_OLDER] = "the store of pushed people is older than at the last run",
        [PUSH_PUT_BACK] = "the store of pushed people was put back from an older copy",
        [PUSH_LONG_AGO] = "the last run was too many changes ago",
    };
    struct push_moment last;
    struct changes_mark mark;
    enum push_since since;

    *ret_why = NULL;
    if (question->way == CHANGES_FULL)
        *ret_why = "changes.detect is full";
    else if (!self->store)
        *ret_why = "nobody was pushed yet";
    else if (!changes_mark_read(question->mark, &mark) || mark.way != CHANGES_PUSHED ||
             mark.cookie_count != 1)
        *ret_why = "there is no mark of an earlier run";
    if (*ret_why)
        return true;
    last = push_moment_read(mark.cookies[0], arena);
    *ret_number = last.newest;
    if (!push_moment_compare(self->store, &self->moment, &last, &since, err))
        return false;
    *ret_why = reasons[since];
    return true;
}

static struct slice
make_mark(const struct push_source *self, struct arena *arena)
{
    static const char digest[CHANGES_DIGEST_BYTES];

    return changes_mark_write(
        &(struct changes_mark){.way = CHANGES_PUSHED,
                               .server = slice_of(path_of(self)),
                               .identity = self->moment.mark,
                               .digest = {digest, sizeof digest},
                               .cookies = {push_moment_write(&self->moment, arena)},
                               .cookie_count = 1},
        arena);
}

static enum changes_outcome
push_source_changes(struct source *source, const struct changes_question *question,
                    const struct changes_sink *sink, struct arena *arena,
                    struct changes *ret_changes, struct error *err)
{
    struct push_source *self = (struct push_source *)source;
    struct changes_sink named = *sink;
    int64_t number = 0;
    const char *why;

    if (!open_store(self, err))
        return CHANGES_FAILED;
    ret_changes->way = CHANGES_PUSHED;
    ret_changes->any_kind = ret_changes->deletions = true;
    snprintf(ret_changes->server, sizeof ret_changes->server, "%s", path_of(self));
    if (self->store && question->way != CHANGES_FULL)
        ret_changes->mark = make_mark(self, arena);
    if (!find_since(self, question, arena, &number, &why, err))
        return CHANGES_FAILED;
    if (why) {
        snprintf(ret_changes->reason, sizeof ret_changes->reason, "%s", why);
        return CHANGES_READ_ALL;
    }
    return pushed_each_since(self->store, number, name_person, &named, err) ? CHANGES_NAMED
                                                                            : CHANGES_FAILED;
}

/* Where nobody was pushed yet there is nothing to read, but nothing wrong either. */
static void
push_source_probe(struct source *source, struct source_probing *probing)
{
    struct push_source *self = (struct push_source *)source;
    struct pushed_census census;
    struct error err = ERROR_INIT;

    probing->usable = false;
    if (!open_store(self, &err) || (self->store && (!pushed_check(self->store, &err) ||
                                                    !pushed_count(self->store, &census, &err)))) {
        probe_fail(probing->probes, "directory.store", &err);
    } else if (!self->store) {
        probe_ok(probing->probes, "directory.store",
                 "nobody was put yet: the first 'ldap2alma put' makes '%s'", path_of(self));
    } else {
        probe_ok(probing->probes, "directory.store", "'%s' is sound and keeps %" PRIu64 " people",
                 path_of(self), census.kept);
        probing->usable = census.kept > 0;
    }
}

static void
push_source_close(struct source *source)
{
    struct push_source *self = (struct push_source *)source;

    if (self->store)
        pushed_end_look(self->store);
    pushed_close(self->store);
    arena_free(self->arena);
    free(self);
}

static const struct source_driver driver = {
    .read = push_source_read,
    .probe = push_source_probe,
    .changes = push_source_changes,
    .fetch = push_source_fetch,
    .close = push_source_close,
};

struct source *
push_source_open(const struct settings *settings, const struct messenger *messenger)
{
    struct push_source *self = memory_zero(1, sizeof *self);

    *self = (struct push_source){.source = {&driver, messenger, 0},
                                 .settings = settings,
                                 .arena = arena_new(),
                                 .moment = {.mark = SLICE_NONE, .token = SLICE_NONE}};
    return &self->source;
}
