#include "run/photos_run.h"

#include "run/collect.h"
#include "run/collisions.h"
#include "run/stages.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static void
keep_places(struct photos_run *run, const struct entry *entry, size_t number)
{
    const struct entry_values *values = &entry->slots[run->place_slot];
    struct photo_values *kept;

    memory_grow(&run->places, &run->place_capacity, number + 1, sizeof *run->places);
    kept = &run->places[number];
    kept->count = values->count;
    kept->values = arena_alloc(run->arena, values->count * sizeof *kept->values);
    for (size_t i = 0; i < values->count; i++)
        kept->values[i] = arena_slice(run->arena, values->values[i]);
}

/* Of each entry of the first read, whoever it is. */
static void
see(void *context, const struct entry *entry, size_t number)
{
    struct photos_run *run = context;

    if (run->settings->photos.from != SETTINGS_PHOTO_ATTRIBUTE) {
        keep_places(run, entry, number);
        return;
    }
    memory_grow(&run->versions, &run->version_capacity, number + 1, sizeof *run->versions);
    run->versions[number] = photo_version(&run->version_slots, entry, run->now);
}

static bool
collect(struct photos_run *run, struct error *err)
{
    struct source *source = stages_open_source(run->arena, run->settings, run->messenger);
    struct source_result result = {0};
    const struct collect collect = {
        .source = source,
        .attributes = run->attributes,
        .identity = &run->identity,
        .mapping = run->mapping,
        .record_type = run->settings->record_type,
        .people = run->people,
        .spool = run->spool,
        .report = run->feed_report,
        .matters = run->matters,
        .messenger = run->messenger,
        .result = &result,
        .seen = see,
        .seen_context = run,
    };
    bool ok = collect_people(&collect, &run->complete, err);

    if (result.server[0])
        report_set_source(run->report, arena_string(run->arena, result.server), result.referrals,
                          result.restarts);
    source_close(source);
    return ok;
}

static bool
compare(struct photos_run *run, struct error *err)
{
    const struct compare compare = {
        .settings = &run->feed_settings,
        .state = run->state,
        .people = run->people,
        .spool = run->spool,
        .match_id = mapping_match_id(run->mapping),
        .complete = run->complete,
        .now = run->now,
        .messenger = run->messenger,
        .report = run->feed_report,
        .findings = matters_sink(run->matters),
        .arena = run->arena,
    };

    if (!compare_people(&compare, &run->comparison, err))
        return false;
    if (!run->comparison.rebuilt)
        return true;
    error_set(err, ERROR_BRAKE,
              "the directory seems to have been rebuilt: nearly everybody has another immutable id "
              "than state knows");
    return error_hint(err, "No photo was touched. 'ldap2alma run' tells more; where they are the "
                           "same people, 'ldap2alma identity relink' takes over their new ids.");
}

static void
report_people(struct photos_run *run)
{
    const struct report_counts *judged = report_counts(run->feed_report);
    struct report_counts *counts = report_counts(run->report);

    counts->read = judged->read;
    counts->skipped = judged->skipped;
    counts->rejected = judged->rejected;
    counts->held = judged->held + run->comparison.held;
}

bool
photos_read_people(struct photos_run *run, struct error *err)
{
    const struct finding_sink findings = matters_sink(run->matters);
    struct collisions found;

    if (!collect(run, err) || !collisions_find(run->people, run->spool, &findings, &found, err))
        return false;
    report_counts(run->feed_report)->read -= found.twice;
    report_counts(run->feed_report)->held += found.held;
    if (!compare(run, err))
        return false;
    report_people(run);
    run->index = people_index_new(run->people);
    return true;
}
