#include "run/worklist.h"

#include "run/feed.h"
#include "run/identity.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct worklist_look {
    struct arena *arena;
    struct worklist content;
};

const char *
worklist_how(enum state_solved solved)
{
    static const char *const words[STATE_SOLVED_COUNT] = {
        [STATE_SOLVED_FIT] = "fit",
        [STATE_SOLVED_SKIPPED] = "skipped",
        [STATE_SOLVED_GONE] = "gone",
        [STATE_SOLVED_OVER] = "over",
    };

    return words[solved];
}

static struct worklist_look *
worklist_new(const struct settings *settings)
{
    struct worklist_look *look = memory_zero(1, sizeof *look);

    look->arena = arena_new();
    look->content.feed = arena_string(look->arena, settings->name);
    return look;
}

void
worklist_free(struct worklist_look *look)
{
    if (!look)
        return;
    arena_free(look->arena);
    free(look->content.items);
    free(look);
}

/* A code that this version does not know was written by a later one. */
static const struct finding_kind *
kind_of(struct worklist_look *look, const char *name)
{
    enum finding_code code;
    struct finding_kind *unknown;

    if (finding_find(slice_of(name), &code))
        return finding_kind(code);
    unknown = arena_alloc(look->arena, sizeof *unknown);
    *unknown = (struct finding_kind){arena_string(look->arena, name), FINDING_HOLD,
                                     "a kind that this version does not know",
                                     "Look at it with the version that found it."};
    return unknown;
}

static struct worklist_item *
add_item(struct worklist_look *look, const struct finding_kind *kind)
{
    struct worklist *content = &look->content;
    struct worklist_item *item;

    memory_grow(&content->items, &content->capacity, content->count + 1, sizeof *content->items);
    item = &content->items[content->count++];
    *item = (struct worklist_item){.kind = kind};
    return item;
}

static bool
take_matter(void *context, const struct state_matter *matter, struct error *err)
{
    struct worklist_look *look = context;
    struct worklist_item *item = add_item(look, kind_of(look, matter->code));

    (void)err;
    item->how = worklist_how(matter->solved);
    item->id = identity_text(matter->key, look->arena);
    item->dn = arena_slice(look->arena, matter->dn);
    item->match_id = arena_slice(look->arena, matter->match_id);
    item->field = slice_of(matter->field[0] ? arena_string(look->arena, matter->field) : NULL);
    item->text = matter->text.length > 0 ? arena_slice(look->arena, matter->text)
                                         : slice_of(item->kind->help);
    item->since = matter->since;
    return true;
}

static bool
read_state(struct worklist_look *look, struct state *state, struct error *err)
{
    int64_t as_of;

    if (!state_get_number(state, "matters", &as_of, err) ||
        !state_each_matter(state, take_matter, look, err))
        return false;
    look->content.as_of = (time_t)as_of;
    worklist_sort(&look->content);
    return true;
}

struct worklist_look *
worklist_of_state(const struct settings *settings, struct error *err)
{
    struct state *state = state_open(settings->state, settings->name, STATE_READ, err);
    struct worklist_look *look;
    bool ok;

    if (!state)
        return NULL;
    look = worklist_new(settings);
    ok = read_state(look, state, err);
    state_close(state);
    if (ok)
        return look;
    worklist_free(look);
    return NULL;
}

/* Texts are borrowed from the report. */
static void
take_finding(struct worklist_look *look, const struct report_finding *finding)
{
    const struct finding_kind *kind = finding_kind(finding->code);
    struct worklist_item *item;

    if (kind->severity == FINDING_WARNING)
        return;
    item = add_item(look, kind);
    item->id = finding->key.data ? identity_text(finding->key, look->arena) : NULL;
    item->dn = finding->dn;
    item->match_id = finding->match_id;
    item->field = finding->field;
    item->text = finding->text;
    item->since = finding->since;
}

static void
take_solved(struct worklist_look *look, const struct report_solved *solved)
{
    struct worklist_item *item = add_item(look, kind_of(look, solved->code));

    item->how = solved->how;
    item->id = identity_text(solved->key, look->arena);
    item->dn = solved->dn;
    item->match_id = solved->match_id;
    item->field = slice_of(solved->field[0] ? solved->field : NULL);
    item->text = solved->text;
    item->since = solved->since;
}

struct worklist_look *
worklist_of_run(const struct settings *settings, const struct report *report, struct error *err)
{
    struct worklist_look *look;
    struct report_work work;

    if (!report || !report_list_work(report, &work)) {
        error_set(err, ERROR_DATA, "no work list: %s",
                  report ? "the run ended before everybody was judged" : "there was no run yet");
        return NULL;
    }
    look = worklist_new(settings);
    look->content.as_of = work.started;
    look->content.omitted = work.omitted;
    for (size_t i = 0; i < work.finding_count; i++)
        take_finding(look, &work.findings[i]);
    for (size_t i = 0; i < work.solved_count; i++)
        take_solved(look, &work.solved[i]);
    worklist_sort(&look->content);
    return look;
}

int
l2a_worklist(struct l2a *feed, unsigned flags)
{
    if (!feed_begin(feed, true, flags, L2A_WORKLIST_RUN))
        return feed_failed(feed);
    worklist_free(feed->worklist);
    feed->worklist = flags & L2A_WORKLIST_RUN
                         ? worklist_of_run(&feed->settings, feed->report, &feed->err)
                         : worklist_of_state(&feed->settings, &feed->err);
    if (!feed->worklist)
        return feed_failed(feed);
    if (feed->worklist->content.omitted > 0)
        message_say(&feed->messenger, MESSAGE_WARNING,
                    "%" PRIu64 " more are not in the work list of this run, as a report keeps the "
                    "first of each kind",
                    feed->worklist->content.omitted);
    return L2A_DONE;
}

const char *
l2a_worklist_report(struct l2a *feed, const char *format)
{
    feed->text.length = 0;
    if (!feed->worklist || !worklist_write(&feed->worklist->content, format, &feed->text))
        return NULL;
    buffer_add(&feed->text, "", 1);
    return feed->text.data;
}

const char *
l2a_worklist_format(const char *path)
{
    return worklist_format_of(path);
}

int
l2a_worklist_save(struct l2a *feed, const char *format, const char *path)
{
    feed->err = ERROR_INIT;
    if (!feed->worklist)
        error_set(&feed->err, ERROR_USAGE, "no work list was asked for");
    else
        (void)worklist_save(&feed->worklist->content, format, path, &feed->err);
    return feed_failed(feed);
}
