#include "run/collect.h"

#include "alma/alma.h"
#include "base/buffer.h"
#include "model/user_fields.h"

#include <stdlib.h>

struct collector {
    const struct collect *inputs;
    struct alma_writer *writer;
    struct arena *arena; /* of one person */
    struct buffer record;
    struct finding_sink findings;
    int record_type_field;
    struct user user;
    int *unseen; /* slots of the attributes that no entry had so far */
    size_t unseen_count;
};

enum { PROGRESS_EVERY = 512 };

static void
show_progress(const struct collector *collector, uint64_t read)
{
    const struct progress progress = {.phase = "reading", .done = read, .unit = "people"};

    message_progress(collector->inputs->messenger, &progress);
}

static void
expect_attributes(struct collector *collector)
{
    collector->unseen_count = attributes_count(collector->inputs->attributes);
    for (size_t i = 0; i < collector->unseen_count; i++)
        collector->unseen[i] = (int)i;
}

static void
note_attributes(struct collector *collector, const struct entry *entry)
{
    for (size_t i = 0; i < collector->unseen_count;)
        if (entry->slots[collector->unseen[i]].count > 0)
            collector->unseen[i] = collector->unseen[--collector->unseen_count];
        else
            i++;
}

/* A name with a typo looks just like an attribute that nobody has, or that we may not read. */
static void
tell_unseen(const struct collector *collector)
{
    const struct collect *inputs = collector->inputs;

    for (size_t i = 0; report_counts(inputs->report)->read > 0 && i < collector->unseen_count; i++)
        message_say(inputs->messenger, inputs->rehearsal ? MESSAGE_WARNING : MESSAGE_INFO,
                    "no entry has the attribute '%s', which the mapping names: it is misspelled, "
                    "hidden from the account, or without use",
                    attributes_name(inputs->attributes, collector->unseen[i]));
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
    people_write_label(&collector->record, user->dn, user->match_id);
    alma_write_user(collector->writer, user, &collector->record);
    return people_add(inputs->people, inputs->spool, &collector->record, err);
}

static bool
take_entry(void *context, const struct entry *entry, struct error *err)
{
    struct collector *collector = context;
    struct report_counts *counts = report_counts(collector->inputs->report);

    if (++counts->read % PROGRESS_EVERY == 0)
        show_progress(collector, counts->read);
    note_attributes(collector, entry);
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

    expect_attributes(collector);
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
        .unseen = memory_alloc(attributes_count(collect->attributes) * sizeof(int)),
    };
    const struct source_reader reader = {
        .entry = take_entry,
        .restart = begin_anew,
        .context = &collector,
        .findings = {count_bad_entry, &collector},
    };
    struct source_result result = {0};
    bool ok;

    expect_attributes(&collector);
    ok = source_read(collect->source, collect->attributes, &reader, &result, err);
    if (ok)
        tell_unseen(&collector);
    if (result.server[0]) /* else it failed before anybody was asked */
        report_set_source(collect->report, result.server, result.referrals, result.restarts);
    free(collector.unseen);
    buffer_free(&collector.record);
    arena_free(collector.arena);
    alma_writer_free(collector.writer);
    return ok;
}
