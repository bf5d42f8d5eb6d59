#include "run/brakes.h"

#include "base/buffer.h"
#include "base/fault.h"
#include "run/searches.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

/* What was measured for a brake. */
struct measure {
    uint64_t value, of;
    uint64_t least;    /* a share pulls only beyond so many */
    const char *field; /* NULL: it is about no field */
    const char *words; /* NULL: those of the row */
    const struct examples *examples;
};

/* Brakes that stop the run. */
struct stopping {
    const struct brakes *inputs;
    size_t count;
    const char *name, *says, *look; /* of the first one */
    struct buffer all, releases;
    const char *last; /* the name of the last one */
};

struct brake {
    const char *name;
    size_t limit;       /* offset in the settings; 0: the measure knows it */
    bool needs_history; /* it means nothing before a run has gone through to its end */
    void (*measure)(struct stopping *stopping, const struct brake *brake);
    size_t value, examples;      /* offsets in the comparison; of photos in brakes_photos */
    const char *between, *words; /* "VALUE between OF words" */
    const char *look;            /* what to look at first: full sentences */
};

static bool
is_released(const struct brakes *inputs, const char *name)
{
    const struct settings *settings = inputs->settings;
    struct date today = inputs->today;

    for (size_t i = 0; i < inputs->release_count; i++)
        if (strcmp(inputs->releases[i], name) == 0)
            return true;
    for (size_t i = 0; i < settings->brakes.release_count; i++) {
        const struct settings_release *release = &settings->brakes.releases[i];

        if (strcmp(release->brake, name) == 0 && release->day.year == today.year &&
            release->day.month == today.month && release->day.day == today.day)
            return true;
    }
    return false;
}

/* Notes what a brake came to; `look` NULL: what its row says. */
static void
conclude(struct stopping *stopping, const struct brake *brake, struct report_brake *told,
         const char *look)
{
    const struct brakes *inputs = stopping->inputs;

    told->name = brake->name;
    told->released = told->pulled && is_released(inputs, brake->name);
    report_add_brake(inputs->report, told);
    if (told->released)
        message_say(inputs->messenger, MESSAGE_WARNING, "the brake '%s' is released: %s",
                    brake->name, told->says);
    if (!told->pulled || told->released)
        return;
    if (stopping->count++ == 0) {
        stopping->name = brake->name;
        stopping->says = told->says;
        stopping->look = look ? look : brake->look;
    }
    buffer_format(&stopping->all, "%s'%s': %s", stopping->all.length > 0 ? "; " : "", brake->name,
                  told->says);
    if (stopping->last != brake->name)
        buffer_format(&stopping->releases, "%s--release %s",
                      stopping->releases.length > 0 ? " " : "", brake->name);
    stopping->last = brake->name;
}

/* Holds what was measured against the limit of the settings. */
static void
hold(struct stopping *stopping, const struct brake *brake, const struct measure *measure)
{
    const struct brakes *inputs = stopping->inputs;
    const struct settings_limit *limit =
        (const void *)((const char *)inputs->settings + brake->limit);
    struct report_brake told = {
        .field = measure->field,
        .unit = inputs->photos ? "photos" : "people",
        .bears = limit->written,
        .value = measure->value,
        .limit = limit->value,
        .of = measure->of,
    };
    bool idle = brake->needs_history && !inputs->ran_before;

    if (limit->kind == SETTINGS_LIMIT_OFF)
        return;
    if (limit->kind == SETTINGS_LIMIT_SHARE) {
        told.limit = measure->of * limit->value / 10000;
        if (told.limit < measure->least)
            told.limit = measure->least;
    }
    told.pulled = measure->value > told.limit && !idle;
    told.says =
        arena_format(inputs->arena, "%" PRIu64 " %s %" PRIu64 " %s, %s%s", measure->value,
                     brake->between, measure->of, measure->words ? measure->words : brake->words,
                     idle          ? "held against nothing in the first run"
                     : told.pulled ? "more than "
                                   : "at most ",
                     idle ? "" : limit->written);
    if (measure->examples) {
        told.examples = measure->examples->texts;
        told.example_count = measure->examples->count;
    }
    conclude(stopping, brake, &told, NULL);
}

static void
measure_empty_search(struct stopping *stopping, const struct brake *brake)
{
    const struct brakes *inputs = stopping->inputs;
    const struct settings *settings = inputs->settings;
    const struct source_result *source = inputs->source;
    struct report_brake told = {.unit = "searches", .of = source->search_count};
    struct examples empty = {.count = 0};
    const char *says = NULL;

    if (settings->brakes.empty_search == SETTINGS_OFF || !source->found)
        return;
    for (size_t i = 0; source->search_count > 1 && i < source->search_count; i++) {
        const struct settings_search *search = &settings->directory.searches[i];
        uint64_t before =
            source->found[i] == 0 ? searches_found(inputs->searched, search, inputs->arena) : 0;

        if (before == 0)
            continue;
        says = arena_format(
            inputs->arena,
            "%s%sthe search below '%s' for %s found nobody, and %" PRIu64 " people at the last run",
            says ? says : "", says ? "; " : "", search->base, search->filter, before);
        examples_add(&empty, inputs->arena, slice_of(search->base));
        told.value++;
    }
    told.pulled = told.value > 0;
    told.says = says;
    told.examples = empty.texts;
    told.example_count = empty.count;
    conclude(stopping, brake, &told, NULL);
}

/* A feed without anybody is never what was meant: a wrong base, a right that was taken away. */
static const char *
say_few(const struct brakes *inputs, uint64_t fit, bool pulled, const char **ret_look)
{
    const struct report_counts *counts = inputs->whole;
    const char *ldif = inputs->settings->directory.ldif;

    *ret_look = NULL;
    if (counts->read == 0 && ldif) {
        *ret_look = "Look first at what makes the LDIF.";
        return arena_format(inputs->arena, "the LDIF '%s' holds no entry at all", ldif);
    }
    if (counts->read == 0 && inputs->settings->directory.push.set) {
        *ret_look = "Look first at who is to push people: 'ldap2alma list' shows whom it has.";
        return arena_format(inputs->arena, "the store of pushed people '%s' keeps nobody",
                            inputs->settings->directory.push.entries);
    }
    if (counts->read == 0)
        return "the directory gave no entry at all";
    *ret_look = "Look first at the counts and the findings: they say what has become of everybody.";
    return arena_format(inputs->arena,
                        "%" PRIu64 " of %" PRIu64 " people are left to send (%" PRIu64
                        " skipped, %" PRIu64 " rejected, %" PRIu64 " held), %s %u",
                        fit, counts->read, counts->skipped, counts->rejected, counts->held,
                        pulled ? "fewer than" : "at least", inputs->settings->brakes.min_users);
}

static void
measure_min_users(struct stopping *stopping, const struct brake *brake)
{
    const struct brakes *inputs = stopping->inputs;
    const struct report_counts *counts = inputs->whole;
    uint64_t fit = counts->sent + counts->unchanged;
    unsigned least = inputs->settings->brakes.min_users;
    const char *look;
    struct report_brake told = {
        .unit = "people",
        .value = fit,
        .limit = least,
        .of = counts->read,
        .pulled = fit < least,
    };

    if (least == 0)
        return;
    told.says = say_few(inputs, fit, told.pulled, &look);
    conclude(stopping, brake, &told, look);
}

static void
measure_compared(struct stopping *stopping, const struct brake *brake)
{
    const struct comparison *comparison = stopping->inputs->comparison;
    const uint64_t *value = (const void *)((const char *)comparison + brake->value);
    const struct examples *examples = (const void *)((const char *)comparison + brake->examples);

    hold(stopping, brake,
         &(struct measure){.value = *value, .of = comparison->present, .examples = examples});
}

/* A row for each field that somebody has lost, or one that says nobody has. */
static void
measure_field_loss(struct stopping *stopping, const struct brake *brake)
{
    const struct comparison *comparison = stopping->inputs->comparison;
    bool any = false;

    for (size_t i = 0; i < user_field_count; i++) {
        if (comparison->lost[i] == 0)
            continue;
        any = true;
        hold(stopping, brake,
             &(struct measure){.value = comparison->lost[i],
                               .of = comparison->had.counts[i],
                               .least = comparison->present / 1000,
                               .field = user_fields[i].name,
                               .words = arena_format(stopping->inputs->arena,
                                                     "people who had '%s' have lost it",
                                                     user_fields[i].name),
                               .examples = &comparison->of_lost[i]});
    }
    if (!any)
        hold(stopping, brake, &(struct measure){.of = comparison->present});
}

/* People who are in the report for one thing, beside all whom the mapping selects. */
static void
hold_found(struct stopping *stopping, const struct brake *brake, uint64_t value,
           enum finding_severity severity)
{
    const struct report_counts *counts = stopping->inputs->whole;
    struct examples examples = {.count = 0};

    examples.count =
        report_list_people(stopping->inputs->report, severity, EXAMPLES_MOST, examples.texts);
    hold(stopping, brake,
         &(struct measure){
             .value = value, .of = counts->read - counts->skipped, .examples = &examples});
}

static void
measure_rejected(struct stopping *stopping, const struct brake *brake)
{
    hold_found(stopping, brake, stopping->inputs->whole->rejected, FINDING_REJECT);
}

static void
measure_held(struct stopping *stopping, const struct brake *brake)
{
    hold_found(stopping, brake, stopping->inputs->whole->held, FINDING_HOLD);
}

static void
measure_photos(struct stopping *stopping, const struct brake *brake)
{
    const struct brakes_photo *photos =
        (const void *)((const char *)stopping->inputs->photos + brake->value);

    hold(stopping, brake,
         &(struct measure){.value = photos->value,
                           .of = photos->of,
                           .least = photos->least,
                           .examples = photos->examples});
}

#define LIMIT(member) offsetof(struct settings, brakes.member)
#define COMPARED(count, of)                                                                        \
    measure_compared, offsetof(struct comparison, count), offsetof(struct comparison, of)

#define PHOTOS(member) measure_photos, offsetof(struct brakes_photos, member), 0

/* In the order in which one explains those behind it. */
static const struct brake brakes[] = {
    {"empty_search", 0, false, measure_empty_search, 0, 0, NULL, NULL,
     "Look first at that search: whether its base was renamed or emptied, its filter still fits, "
     "and the account may still read there."},
    {"min_users", 0, false, measure_min_users, 0, 0, NULL, NULL,
     "Look first at the searches' base and filter, and at what the account may read: many "
     "directories hide entries rather than refuse."},
    {"missing", LIMIT(missing), false, COMPARED(gone, of_gone), "of",
     "people whom Alma has are gone",
     "Look first in the directory for those of the examples: whether they are still there, and "
     "whether the account may still read them; then at the searches' base and filter and at the "
     "mapping's 'select'."},
    {"field_loss", LIMIT(field_loss), false, measure_field_loss, 0, 0, "of",
     "people have lost a field that they had",
     "Look first at one of the examples with 'ldap2alma preview': whether the directory still "
     "gives the attribute that the field is made of. A right that was taken away looks just like a "
     "value that is gone, and Alma would remove the field."},
    {"group_shift", LIMIT(group_shift), false, COMPARED(shifted, of_shifted), "of",
     "people whom Alma has get another user_group",
     "Look first at what the mapping makes 'user_group' of: an attribute that is gone, or a table "
     "that has lost rows, moves everybody into the last alternative."},
    {"rejected", LIMIT(rejected), false, measure_rejected, 0, 0, "of", "people are rejected",
     "Look first at the findings: mostly one attribute that is gone, or one rule, rejects "
     "everybody."},
    {"held", LIMIT(held), true, measure_held, 0, 0, "of", "people are held",
     "Look first at the findings: mostly one rule of the mapping gives people the identifiers of "
     "others."},
    {"changed", LIMIT(changed), false, COMPARED(changed, of_changed), "of",
     "people whom Alma has have changed",
     "Look first at the fields that have changed: the report counts them. Mostly the mapping, or a "
     "file that it reads, is another one."},
    {"new", LIMIT(fresh), true, COMPARED(fresh, of_fresh), "new people beside", "whom Alma has",
     "Look first at those of the examples: whether they belong into the library's feed. Mostly a "
     "search, a filter or the mapping's 'select' lets in more than before."},
    {"photos", LIMIT(photos), false, PHOTOS(removing), "of",
     "delivered photos would be removed without another in their place",
     "Look first at one of the examples: whether the directory still has the picture, and whether "
     "the account may still read it. A right that was taken away looks just like a picture that is "
     "gone."},
    {"photos_replaced", LIMIT(photos_replaced), false, PHOTOS(replacing), "of",
     "delivered photos would be replaced, as the directory has other pictures",
     "Look first at the pictures of some examples: whether they show these people, and not all the "
     "same placeholder."},
    {"photos_unread", LIMIT(photos_unread), false, PHOTOS(unread), "of",
     "pictures that were asked for could not be read",
     "Look first at the findings: they say what stood in the way of each."},
};

static_assert(sizeof brakes / sizeof brakes[0] <= BRAKES_MOST, "a handle releases all of them");

const char *
brakes_find(const char *name, struct error *err)
{
    const size_t count = sizeof brakes / sizeof brakes[0];
    const char *names[BRAKES_MOST], *nearest;
    struct buffer known = BUFFER_INIT;

    for (size_t i = 0; i < count; i++) {
        if (strcmp(brakes[i].name, name) == 0)
            return brakes[i].name;
        names[i] = brakes[i].name;
    }
    for (size_t i = 0; i < count; i++)
        buffer_format(&known, "%s%s", i == 0 ? "" : i + 1 < count ? ", " : " or ", names[i]);
    nearest = fault_nearest(name, names, count);
    if (nearest)
        error_set(err, ERROR_USAGE, "no brake '%s'; did you mean '%s'?", name, nearest);
    else
        error_set(err, ERROR_USAGE, "no brake '%s': it is %.*s", name, (int)known.length,
                  known.data);
    buffer_free(&known);
    return NULL;
}

bool
brakes_hold(const struct brakes *inputs, struct error *err)
{
    struct stopping stopping = {.inputs = inputs};

    for (size_t i = 0; i < sizeof brakes / sizeof brakes[0]; i++)
        if ((brakes[i].measure == measure_photos) == (inputs->photos != NULL))
            brakes[i].measure(&stopping, &brakes[i]);
    if (stopping.count > 0) {
        if (stopping.count == 1)
            error_set(err, ERROR_BRAKE, "the brake '%s' stopped the run: %s", stopping.name,
                      stopping.says);
        else
            error_set(err, ERROR_BRAKE, "brakes stopped the run: %.*s", (int)stopping.all.length,
                      stopping.all.data);
        error_hint(err,
                   "Nothing was delivered, and the state is as it was. %s If all of this is meant, "
                   "let one run through with '%.*s'.",
                   stopping.look, (int)stopping.releases.length, stopping.releases.data);
    }
    buffer_free(&stopping.all);
    buffer_free(&stopping.releases);
    return stopping.count == 0;
}
