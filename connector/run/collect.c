#include "run/collect.h"

#include "alma/alma.h"
#include "base/buffer.h"
#include "run/person.h"
#include "run/unseen.h"

struct collector {
    const struct collect *inputs;
    struct person_work work;
    struct alma_writer *writer;
    struct arena *arena; /* of one person */
    struct slice key;    /* the present one's; SLICE_NONE: of nobody */
    struct buffer record;
    struct fingerprint fingerprint;
    struct alma_layout layout;
    struct user user;
    struct identifiers identifiers; /* the user's */
    bool complete;
    struct unseen unseen;
};

enum { PROGRESS_EVERY = 512 };

static void
show_progress(const struct collector *collector, uint64_t read)
{
    const struct progress progress = {.phase = "reading", .done = read, .unit = "people"};

    message_progress(collector->inputs->messenger, &progress);
}

static void
tell_unseen(const struct collector *collector)
{
    const struct collect *inputs = collector->inputs;

    for (size_t i = 0; report_counts(inputs->report)->read > 0 && i < collector->unseen.count; i++)
        message_say(inputs->messenger, inputs->rehearsal ? MESSAGE_WARNING : MESSAGE_INFO,
                    "no entry has the attribute '%s', which the mapping names: it is misspelled, "
                    "hidden from the account, or without use",
                    attributes_name(inputs->attributes, collector->unseen.slots[i]));
}

/* Who makes a finding does not know by what state knows the person. */
static void
add_finding(void *context, const struct finding *finding)
{
    struct collector *collector = context;
    const struct finding_sink matters = matters_sink(collector->inputs->matters);
    struct finding with_key = *finding;

    with_key.key = collector->key;
    matters.add(matters.context, &with_key);
}

static bool
keep_record(struct collector *collector, struct error *err)
{
    const struct collect *inputs = collector->inputs;
    struct person_facts facts = {
        .key = collector->key, .dn = collector->user.dn, .match_id = collector->user.match_id};

    collector->record.length = 0;
    alma_write_user_laid_out(collector->writer, &collector->user, &collector->record,
                             &collector->layout);
    facts.record = (struct slice){collector->record.data, collector->record.length};
    fingerprint_make(&collector->fingerprint, facts.record, &collector->layout);
    memcpy(facts.digest, collector->fingerprint.digest, sizeof facts.digest);
    facts.identifiers = collector->identifiers;
    facts.fields =
        (struct slice){collector->fingerprint.fields.data, collector->fingerprint.fields.length};
    if (inputs->tally)
        fingerprint_tally_add(inputs->tally, facts.fields);
    return people_add(inputs->people, inputs->spool, &facts, PERSON_FIT, SENDING_NEW, err);
}

static bool
judge_entry(struct collector *collector, const struct entry *entry, struct error *err)
{
    const struct collect *inputs = collector->inputs;
    struct report_counts *counts = report_counts(inputs->report);

    if (++counts->read % PROGRESS_EVERY == 0)
        show_progress(collector, counts->read);
    unseen_note(&collector->unseen, entry);
    arena_reset(collector->arena);
    collector->key = identity_key(inputs->identity, entry, collector->arena);
    switch (person_make(&collector->work, entry, collector->arena, &collector->user)) {
    case MAPPING_SKIPPED:
        counts->skipped++;
        people_note(inputs->people, collector->key, PERSON_SKIPPED);
        return true;
    case MAPPING_REJECTED:
        counts->rejected++;
        people_note(inputs->people, collector->key, PERSON_REJECTED);
        return true;
    case MAPPING_MAPPED:
        break;
    }
    return keep_record(collector, err);
}

static bool
take_entry(void *context, const struct entry *entry, struct error *err)
{
    struct collector *collector = context;

    if (!judge_entry(collector, entry, err))
        return false;
    if (collector->inputs->tally)
        people_note_origin(collector->inputs->people, entry);
    if (collector->inputs->seen)
        collector->inputs->seen(collector->inputs->seen_context, entry,
                                people_count(collector->inputs->people) - 1);
    return true;
}

static bool
begin_anew(void *context, struct error *err)
{
    struct collector *collector = context;

    unseen_restart(&collector->unseen, collector->inputs->mapping, collector->inputs->attributes);
    report_restart(collector->inputs->report);
    people_restart(collector->inputs->people);
    matters_restart(collector->inputs->matters);
    collector->complete = true;
    if (collector->inputs->tally)
        fingerprint_tally_begin(collector->inputs->tally);
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
        collector->complete = false;
    }
    collector->key = SLICE_NONE;
    add_finding(collector, finding);
}

bool
collect_people(const struct collect *collect, bool *ret_complete, struct error *err)
{
    struct collector collector = {
        .inputs = collect,
        .work = {collect->mapping,
                 collect->record_type,
                 NULL,
                 {add_finding, &collector},
                 &collector.identifiers},
        .writer = alma_writer_new(),
        .arena = arena_new(),
        .unseen = unseen_new(collect->mapping, collect->attributes),
        .complete = true,
    };
    const struct source_reader reader = {
        .entry = take_entry,
        .restart = begin_anew,
        .context = &collector,
        .findings = {count_bad_entry, &collector},
    };
    const struct source_result *result = collect->result;
    bool ok, all = true;

    if (collect->tally)
        fingerprint_tally_begin(collect->tally);
    if (collect->read)
        ok = collect->read(collect->context, &reader, collect->result, &all, err);
    else
        ok = source_read(collect->source, collect->attributes, &reader, collect->result, err);
    if (ok && all)
        tell_unseen(&collector);
    if (result->server[0]) /* else it failed before anybody was asked */
        report_set_source(collect->report, result->server, result->referrals, result->restarts);
    unseen_free(&collector.unseen);
    *ret_complete = ok && collector.complete;
    alma_layout_free(&collector.layout);
    fingerprint_free(&collector.fingerprint);
    buffer_free(&collector.record);
    arena_free(collector.arena);
    alma_writer_free(collector.writer);
    return ok;
}
