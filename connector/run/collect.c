#include "run/collect.h"

#include "alma/alma.h"
#include "base/buffer.h"
#include "model/user_fields.h"

struct collector {
    const struct collect *inputs;
    struct alma_writer *writer;
    struct arena *arena; /* of one person */
    struct buffer record;
    struct finding_sink findings;
    int record_type_field;
    struct user user;
};

enum { PROGRESS_EVERY = 512 };

static void
show_progress(const struct collector *collector, uint64_t read)
{
    const struct progress progress = {.phase = "reading", .done = read, .unit = "people"};

    message_progress(collector->inputs->messenger, &progress);
}

static void
add_record_type(struct collector *collector)
{
    struct user_value *value = &collector->user.values[collector->record_type_field];

    if (!value->text.data)
        value->text = slice_of(collector->inputs->record_type);
}

static bool
keep_record(struct collector *collector, struct error *err)
{
    const struct collect *inputs = collector->inputs;
    const struct user *user = &collector->user;

    collector->record.length = 0;
    alma_write_user(collector->writer, user, &collector->record);
    return people_add(inputs->people, inputs->spool, user->dn, user->match_id,
                      (struct slice){collector->record.data, collector->record.length}, err);
}

static bool
take_entry(void *context, const struct entry *entry, struct error *err)
{
    struct collector *collector = context;
    struct report_counts *counts = report_counts(collector->inputs->report);

    if (++counts->read % PROGRESS_EVERY == 0)
        show_progress(collector, counts->read);
    arena_reset(collector->arena);
    switch (mapping_apply(collector->inputs->mapping, entry, collector->arena, &collector->user,
                          &collector->findings)) {
    case MAPPING_SKIPPED:
        counts->skipped++;
        return true;
    case MAPPING_REJECTED:
        counts->rejected++;
        return true;
    case MAPPING_MAPPED:
        break;
    }
    add_record_type(collector);
    if (!alma_check(&collector->user, &collector->findings)) {
        counts->rejected++;
        return true;
    }
    return keep_record(collector, err);
}

static bool
begin_anew(void *context, struct error *err)
{
    struct collector *collector = context;

    report_restart(collector->inputs->report);
    people_restart(collector->inputs->people);
    return spool_restart(collector->inputs->spool, err);
}

/* An entry that the source could not even hand over was read and rejected all the same. */
static void
count_bad_entry(void *context, const struct finding *finding)
{
    struct collector *collector = context;

    if (finding->code == FINDING_BAD_ENTRY) {
        report_counts(collector->inputs->report)->read++;
        report_counts(collector->inputs->report)->rejected++;
    }
    collector->findings.add(collector->findings.context, finding);
}

bool
collect_people(const struct collect *collect, struct error *err)
{
    struct collector collector = {
        .inputs = collect,
        .writer = alma_writer_new(),
        .arena = arena_new(),
        .findings = report_sink(collect->report),
        .record_type_field = user_field_find("record_type"),
    };
    const struct source_reader reader = {
        .entry = take_entry,
        .restart = begin_anew,
        .context = &collector,
        .findings = {count_bad_entry, &collector},
    };
    struct source_result result = {0};
    bool ok = source_read(collect->source, collect->attributes, &reader, &result, err);

    report_set_source(collect->report, result.server, result.referrals, result.restarts);
    buffer_free(&collector.record);
    arena_free(collector.arena);
    alma_writer_free(collector.writer);
    return ok;
}
