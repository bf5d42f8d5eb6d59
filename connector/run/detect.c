#include "run/detect.h"

#include "config.h"

#include "base/buffer.h"
#include "base/digest.h"
#include "run/brakes.h"
#include "run/compare.h"
#include "run/detect_inside.h"
#include "run/identity.h"
#include "state/roster.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

bool
detection_is_wanted(const struct settings *settings)
{
    return settings->changes.mode == SETTINGS_CHANGES_CHANGED &&
           settings->changes.detect != SETTINGS_DETECT_FULL && !settings->directory.ldif;
}

/* What a roster was made under, and what to say where it is another one now. */
static const char *const conditions[] = {
    "another version of ldap2alma made the last run",
    "the mapping is another one than at the last run",
    "the settings are others than at the last run",
};

enum { CONDITION_COUNT = sizeof conditions / sizeof conditions[0] };

static const char nothing_remembered[] = "nothing is remembered of an earlier read";

static struct slice
conditions_text(const struct detect *inputs)
{
    char settings[DIGEST_TEXT_BYTES] = "";
    struct error unheard = ERROR_INIT;
    struct buffer text = BUFFER_INIT;
    struct slice result;

    /* They could be read a moment ago. */
    (void)digest_file(inputs->settings->path, settings, &unheard);
    buffer_format(&text, "%s%c%.*s%c%s %s%s%c", PACKAGE_VERSION, 0,
                  SLICE_ARG(inputs->mapping_digests), 0, settings, inputs->settings->given,
                  settings_mode_name(inputs->settings->mode), 0);
    result = arena_slice(inputs->arena, (struct slice){text.data, text.length});
    buffer_free(&text);
    return result;
}

struct detection *
detection_new(const struct detect *detect)
{
    struct detection *detection = memory_zero(1, sizeof *detection);

    detection->inputs = *detect;
    detection->conditions = conditions_text(detect);
    return detection;
}

void
detection_free(struct detection *detection)
{
    if (!detection)
        return;
    detection_wait(detection);
    roster_free(detection->roster);
    free(detection->fates);
    free(detection->asked);
    free(detection->strangers);
    free(detection);
}

bool
detection_is_part(const struct detection *detection)
{
    return detection && !detection->reason;
}

bool
detection_tells_leavers(const struct detection *detection)
{
    return !detection_is_part(detection) || detection->changes.deletions;
}

/* The first condition that is another one; NULL: none is. */
static const char *
changed_condition(struct slice before, struct slice now)
{
    for (size_t i = 0; i < CONDITION_COUNT; i++) {
        const char *end = memchr(now.data, '\0', now.length);
        size_t length = (size_t)(end - now.data) + 1;

        if (before.length < length || memcmp(before.data, now.data, length) != 0)
            return conditions[i];
        before = (struct slice){before.data + length, before.length - length};
        now = (struct slice){now.data + length, now.length - length};
    }
    return NULL;
}

/* A run that was cut short or failed delivered something of which the roster knows nothing. */
static bool
was_delivered_since(const struct detect *inputs, int64_t run, bool *ret_delivered,
                    struct error *err)
{
    const struct state_query query = {.fates = 1u << STATE_DELIVERED, .since = run + 1, .most = 1};
    struct state_package *packages;
    size_t count;
    bool ok = state_list_packages(inputs->state, &query, inputs->arena, &packages, &count, err);

    *ret_delivered = ok && count > 0;
    return ok;
}

static bool
is_reading_due(const struct detect *inputs, bool *ret_due, struct error *err)
{
    unsigned every = inputs->settings->changes.read_all_every_seconds;
    time_t last;
    bool ok = roster_read_all_time(inputs->state, &last, err);

    /* As with `full_every`, a 24th of the time is not waited for. */
    *ret_due = ok && every > 0 &&
               (last > inputs->now || inputs->now - last + (time_t)(every / 24) >= (time_t)every);
    return ok;
}

static bool
records_change(const struct detect *inputs, bool *ret_change, struct error *err)
{
    struct slice kept;
    bool ok = state_get(inputs->state, "records", inputs->arena, &kept, err);

    *ret_change =
        ok && slice_equal(kept, slice_of("kept")) != settings_keep_records(inputs->settings);
    return ok;
}

/* Opens the roster, or finds out why everybody has to be read. */
static bool
look_back(struct detection *detection, struct error *err)
{
    const struct detect *inputs = &detection->inputs;
    const struct roster_facts *facts;
    bool due, delivered, records;

    if (inputs->full) {
        detection->reason = "everybody goes out";
        return true;
    }
    if (mapping_depends_on_clock(inputs->mapping)) {
        detection->reason = "conditions of the mapping depend on the date";
        return true;
    }
    if (!roster_open(inputs->state, &detection->roster, err))
        return false;
    if (!detection->roster) {
        detection->reason = nothing_remembered;
        return true;
    }
    facts = roster_facts(detection->roster);
    if (!is_reading_due(inputs, &due, err) ||
        !was_delivered_since(inputs, facts->run, &delivered, err) ||
        !records_change(inputs, &records, err))
        return false;
    detection->reason = changed_condition(facts->conditions, detection->conditions);
    if (!detection->reason && due)
        detection->reason = "'changes.read_all_every'";
    if (!detection->reason && delivered)
        detection->reason = "a run that did not come to its end has delivered packages";
    if (!detection->reason && records)
        detection->reason = "last records are to be kept of everybody, or no more";
    return true;
}

static void
say_reason(const struct detection *detection)
{
    if (detection->reason && !detection->inputs.full)
        message_say(detection->inputs.messenger, MESSAGE_INFO, "everybody is read: %s",
                    detection->reason);
}

/* More than that is not read faster than everybody, and then all guards see everybody. */
static bool
is_too_much(const struct detection *detection)
{
    uint64_t asked = detection->asked_count + detection->stranger_count;

    return 4 * asked > detection->sums.here;
}

static void
say_what_is_untold(const struct detection *detection)
{
    if (!detection->reason && !detection->changes.deletions)
        message_say(detection->inputs.messenger, MESSAGE_INFO,
                    "'%s' does not tell who has left: they wait for a run that reads everybody",
                    detection->changes.server);
}

void
detection_wait(struct detection *detection)
{
    struct roster_loaded loaded;

    if (!detection->loading)
        return;
    roster_loading_end(detection->loading, &loaded);
    detection->loading = NULL;
    detection->trouble = loaded.err;
    detection->row_count = roster_count(detection->roster);
    detection->sums = loaded.sums;
    detection->fates = memory_zero(detection->row_count + 1, 1);
    if (!loaded.good)
        detection->reason = nothing_remembered;
}

static bool
ask_directory(struct detection *detection, struct error *err)
{
    const struct detect *inputs = &detection->inputs;
    const struct changes_sink sink = detection_sink(detection);
    const struct changes_question question = {
        .way = (enum changes_way)inputs->settings->changes.detect,
        .mark = detection->reason ? SLICE_NONE : roster_facts(detection->roster)->mark,
        .groups = detection->reason ? SLICE_NONE : roster_facts(detection->roster)->groups,
        .attributes = inputs->attributes,
    };
    struct changes *changes = &detection->changes;

    enum changes_outcome outcome =
        source_changes(inputs->source, &question, &sink, inputs->arena, changes, err);

    detection_wait(detection);
    if (outcome != CHANGES_FAILED && detection->trouble.code != ERROR_NONE) {
        *err = detection->trouble;
        return false;
    }
    switch (outcome) {
    case CHANGES_FAILED:
        return false;
    case CHANGES_READ_ALL:
        if (!detection->reason)
            detection->reason = changes->reason;
        break;
    case CHANGES_NAMED:
        if (detection->reason || !detection_want_others(detection, err))
            return detection->reason != NULL;
        if (is_too_much(detection))
            detection->reason = "the directory names more than a quarter of them";
        break;
    }
    return true;
}

bool
detection_ask(struct detection *detection, struct error *err)
{
    if (!look_back(detection, err))
        return false;
    if (!detection->reason)
        detection->loading = roster_loading_begin(detection->roster, detection->inputs.state);
    if (!ask_directory(detection, err))
        return error_prefix(err, "cannot ask for changes");
    say_reason(detection);
    say_what_is_untold(detection);
    return true;
}

bool
detection_knows(const struct detection *detection, struct slice key,
                enum person_verdict *ret_verdict)
{
    static const enum person_verdict verdicts[ROSTER_VERDICT_COUNT] = {
        [ROSTER_VOID] = PERSON_LEFT,       [ROSTER_FIT] = PERSON_FIT,
        [ROSTER_SKIPPED] = PERSON_SKIPPED, [ROSTER_REJECTED] = PERSON_REJECTED,
        [ROSTER_HELD] = PERSON_HELD,       [ROSTER_AWAY] = PERSON_LEFT,
    };
    struct directory_id id;
    uint32_t number;

    if (!detection_is_part(detection) || !identity_id(key, &id))
        return false;
    number = roster_find(detection->roster, &id);
    if (number == ROSTER_NONE)
        return false;
    *ret_verdict = verdicts[roster_row(detection->roster, number)->verdict];
    return true;
}

static int
compare_slices(const void *a, const void *b)
{
    return slice_compare(*(const struct slice *)a, *(const struct slice *)b);
}

/* Of somebody who is absent for being skipped, and who was not read, the roster says that it is
 * so still. */
static void
note_skipped(struct detection *detection)
{
    detection->noted = people_count(detection->inputs.people);
    for (size_t i = 0; i < detection->absent_count; i++) {
        struct directory_id id;
        uint32_t row = identity_id(detection->absent[i], &id) ? roster_find(detection->roster, &id)
                                                              : (uint32_t)ROSTER_NONE;

        if (row != ROSTER_NONE && !(detection->fates[row] & FATE_WANTED) &&
            roster_row(detection->roster, row)->verdict == ROSTER_SKIPPED)
            people_note(detection->inputs.people, detection->absent[i], PERSON_SKIPPED);
    }
}

static size_t
sort_keys(struct slice *keys, size_t count)
{
    size_t kept = 0;

    qsort(keys, count, sizeof *keys, compare_slices);
    for (size_t i = 0; i < count; i++)
        if (kept == 0 || !slice_equal(keys[kept - 1], keys[i]))
            keys[kept++] = keys[i];
    return kept;
}

bool
detection_part(struct detection *detection, struct compare_part *ret_part, struct error *err)
{
    const struct detect *inputs = &detection->inputs;
    struct people *people = inputs->people;
    size_t count = 0, most, rows = detection->row_count;
    struct slice *keys;

    *ret_part =
        (struct compare_part){.had = roster_facts(detection->roster)->had, .detection = detection};
    note_skipped(detection);
    most = people_count(people) + detection->absent_count;
    for (size_t i = 0; i < rows; i++)
        most += (detection->fates[i] & (FATE_WANTED | FATE_CONCERNED)) != 0;
    keys = arena_alloc(inputs->arena, most * sizeof *keys);
    for (size_t i = 0; i < people_count(people); i++)
        keys[count++] = people_key(people, &people_items(people)[i]);
    for (size_t i = 0; i < detection->absent_count; i++)
        keys[count++] = detection->absent[i];
    for (size_t i = 0; i < rows; i++) {
        const struct directory_id id = roster_id(roster_row(detection->roster, (uint32_t)i));

        if (detection->fates[i] & (FATE_WANTED | FATE_CONCERNED))
            keys[count++] = identity_key_of_id(&id, inputs->arena);
    }
    ret_part->keys = keys;
    ret_part->count = sort_keys(keys, count);
    return state_count_settled(inputs->state, &ret_part->census, err);
}

struct report_counts
detection_whole(const struct detection *detection, const struct report_counts *counts)
{
    struct report_counts whole = *counts;

    if (!detection_is_part(detection))
        return whole;
    whole.read += detection->sums.here;
    whole.skipped += detection->sums.skipped;
    for (size_t i = 0; i < detection->row_count; i++) {
        const struct roster_row *row = roster_row(detection->roster, (uint32_t)i);
        bool again = (detection->fates[i] & FATE_FOUND) ||
                     ((detection->fates[i] & FATE_WANTED) && detection->changes.deletions);

        whole.read -= again && roster_is_here(row);
        whole.skipped -= again && row->verdict == ROSTER_SKIPPED;
    }
    whole.unchanged = whole.read - whole.skipped - whole.rejected - whole.held - whole.sent;
    return whole;
}

/* The mark is from before the read, and good for what that server gave. */
static bool
has_good_mark(const struct detection *detection)
{
    return detection->changes.mark.length > 0 && detection->read.restarts == 0 &&
           strcmp(detection->read.server, detection->changes.server) == 0;
}

bool
detection_forget(struct state *state, struct error *err)
{
    return state_roster_drop(state, err);
}

static bool
forget_strange_ids(const struct detection *detection, struct error *err)
{
    message_say(detection->inputs.messenger, MESSAGE_INFO,
                "the next run reads everybody, as somebody is known by another id than the one by "
                "which '%s' tells of changes",
                detection->changes.server);
    return detection_forget(detection->inputs.state, err);
}

/* What was kept is the next run's as well, and mostly there was nothing. */
static bool
is_to_be_kept(const struct detection *detection, struct slice groups)
{
    return groups.data && (groups.length > 0 || !detection_is_part(detection) ||
                           roster_facts(detection->roster)->groups.length > 0);
}

bool
detection_remember(struct detection *detection, const struct detection_end *end, struct error *err)
{
    const struct detect *inputs = &detection->inputs;
    bool part = detection_is_part(detection), ok;

    if (!has_good_mark(detection) || !end->complete || end->comparison->clashes) {
        /* What is known of the read before serves the next run as well. */
        return part || detection_forget(inputs->state, err);
    }
    if (part) {
        ok = roster_update(detection, end, err);
    } else {
        roster_free(detection->roster);
        detection->roster = roster_of_people(detection, end, err);
        ok = detection->roster != NULL;
    }
    if (!ok)
        return err->code == ERROR_NONE && forget_strange_ids(detection, err);
    roster_facts(detection->roster)->run = inputs->run;
    roster_set_texts(detection->roster, detection->conditions, detection->changes.mark);
    if (is_to_be_kept(detection, detection->changes.groups))
        roster_set_groups(detection->roster, detection->changes.groups);
    return roster_store(detection->roster, inputs->state, part ? 0 : inputs->now, err);
}
