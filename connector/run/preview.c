#include "run/preview.h"

#include "run/feed.h"
#include "run/person.h"
#include "run/preview_run.h"
#include "run/stages.h"

#include <stdlib.h>

enum { PEOPLE_MOST = 10, PROGRESS_EVERY = 512 };

/* Findings grow in steps. Their texts may be gone behind the call. */
void
preview_add_finding(struct preview_run *run, struct preview_person *person,
                    const struct finding *finding)
{
    struct finding *copy;

    if (person->finding_count == person->finding_capacity) {
        size_t more = person->finding_capacity ? person->finding_capacity * 2 : 4;
        struct finding *findings = arena_alloc(run->people, more * sizeof *findings);

        if (person->finding_count > 0)
            memcpy(findings, person->findings, person->finding_count * sizeof *findings);
        person->findings = findings;
        person->finding_capacity = more;
    }
    copy = &person->findings[person->finding_count++];
    *copy = *finding;
    copy->text = arena_slice(run->people, finding->text);
    copy->field = finding->field ? arena_string(run->people, finding->field) : NULL;
}

struct finder {
    struct preview_run *run;
    struct preview_person *person;
};

static void
take_finding(void *context, const struct finding *finding)
{
    const struct finder *finder = context;

    preview_add_finding(finder->run, finder->person, finding);
}

static struct slice
write_record(struct preview_run *run, const struct user *user)
{
    struct buffer record = BUFFER_INIT;
    struct slice copy;

    alma_write_user_laid_out(run->writer, user, &record, &run->layout);
    copy = arena_slice(run->people, (struct slice){record.data, record.length});
    fingerprint_make(&run->fingerprint, copy, &run->layout);
    buffer_free(&record);
    return copy;
}

static void
keep(struct preview_run *run, const struct entry *entry, const char *found_as)
{
    struct preview_person *person = arena_alloc(run->people, sizeof *person);
    struct finder finder = {run, person};
    const struct mapping_watch watch = {.derive = true};
    const struct person_work work = {
        run->mapping, run->settings->record_type, &watch, {take_finding, &finder}, NULL};

    person->entry = entry_copy(run->people, entry);
    person->found_as = found_as ? arena_string(run->people, found_as) : NULL;
    switch (person_make(&work, &person->entry, run->people, &person->user)) {
    case MAPPING_SKIPPED:
        person->verdict = PREVIEW_SKIPPED;
        break;
    case MAPPING_REJECTED:
        person->verdict = PREVIEW_REJECTED;
        break;
    case MAPPING_MAPPED:
        person->verdict = PREVIEW_SENT;
        person->record = write_record(run, &person->user);
        preview_compare(run, person);
        break;
    }
    memory_grow(&run->content.people, &run->content.capacity, run->content.count + 1,
                sizeof(struct preview_person *));
    run->content.people[run->content.count++] = person;
}

static void
note_unselected(struct preview_run *run, const struct entry *entry, const char *attribute)
{
    if (run->unselected++ > 0)
        return;
    run->unselected_dn = arena_copy(run->people, entry->dn.data, entry->dn.length);
    run->unselected_as = arena_string(run->people, attribute);
}

static bool
take_entry(void *context, const struct entry *entry, struct error *err)
{
    struct preview_run *run = context;
    struct whom_found found = {NULL};
    enum whom_match match = WHOM_MEANT;

    (void)err;
    if (++run->read % PROGRESS_EVERY == 0)
        message_progress(
            run->messenger,
            &(struct progress){.phase = "reading", .done = run->read, .unit = "people"});
    arena_reset(run->scratch);
    /* Of a DN or a filter the server knows better what is the same. */
    if (!run->narrowed || run->whom.kind == WHOM_IDENTIFIER)
        match = whom_judge(&run->whom, run->mapping, entry, run->scratch, &found);
    if (match == WHOM_UNSELECTED)
        note_unselected(run, entry, found.as);
    if (match != WHOM_MEANT)
        return true;
    if (run->content.count < run->most)
        keep(run, entry, found.as);
    else
        run->content.more++;
    return true;
}

static bool
begin_anew(void *context, struct error *err)
{
    struct preview_run *run = context;

    (void)err;
    arena_reset(run->people);
    run->content.count = 0;
    run->content.more = 0;
    run->read = run->unselected = 0;
    return true;
}

/* An LDIF record that cannot be read is nobody whom one could look at. */
static void
tell_bad_entry(void *context, const struct finding *finding)
{
    const struct preview_run *run = context;

    message_say(run->messenger, MESSAGE_WARNING, "%.*s", SLICE_ARG(finding->text));
}

bool
preview_read(struct preview_run *run, struct source *source, bool narrowed, struct error *err)
{
    const struct source_reader reader = {
        .entry = take_entry,
        .restart = begin_anew,
        .context = run,
        .findings = {tell_bad_entry, run},
    };
    struct source_result result = {0};
    bool ok;

    run->narrowed = narrowed;
    ok = begin_anew(run, err) && source_read(source, run->attributes, &reader, &result, err);
    source_close(source);
    run->content.source = arena_string(run->arena, result.server);
    run->content.repeated = result.repeated;
    return ok;
}

/* A preview is of use also where the state is not for the one who looks. */
static void
open_state(struct preview_run *run)
{
    const struct settings *settings = run->settings;
    struct error err = ERROR_INIT;

    run->content.attribute_count = attributes_count(run->attributes);
    run->identity = identity_add_attributes(run->attributes);
    if (!state_is_there(settings->state))
        return;
    run->state = state_open(settings->state, settings->name, STATE_READ, &err);
    if (!run->state)
        message_say(run->messenger, MESSAGE_WARNING, "what Alma has is not known: %s", err.text);
}

static bool
prepare(struct preview_run *run, const char *who, struct error *err)
{
    const struct mapping_options options = stages_mapping_options(run->settings, time(NULL));
    struct mapping_part select;

    run->mapping = mapping_load(&options, run->attributes, run->messenger, err);
    who = arena_string(run->arena, who);
    if (!run->mapping ||
        !whom_parse(&run->whom, who, run->settings, run->mapping, run->attributes, run->arena, err))
        return false;
    select = mapping_select(run->mapping);
    run->content.who = who;
    run->content.mapping = run->settings->mapping;
    run->content.select = select.text;
    run->content.select_where = select.where;
    run->content.document_begin = alma_document_begin;
    run->content.document_end = alma_document_end;
    open_state(run);
    return true;
}

struct preview_run *
preview_people(const struct settings *settings, const char *who, size_t most,
               const struct messenger *messenger, struct error *err)
{
    struct preview_run *run = memory_zero(1, sizeof *run);

    run->settings = settings;
    run->messenger = messenger;
    run->most = most;
    run->arena = arena_new();
    run->people = arena_new();
    run->scratch = arena_new();
    run->attributes = attributes_new();
    run->writer = alma_writer_new();
    if (prepare(run, who, err) && preview_look(run, err)) {
        preview_judge(run);
        return run;
    }
    preview_free(run);
    return NULL;
}

void
preview_free(struct preview_run *run)
{
    if (!run)
        return;
    whom_close(&run->whom);
    mapping_free(run->mapping);
    attributes_free(run->attributes);
    alma_writer_free(run->writer);
    alma_layout_free(&run->layout);
    fingerprint_free(&run->fingerprint);
    state_close(run->state);
    arena_free(run->scratch);
    arena_free(run->people);
    arena_free(run->arena);
    free(run->content.people);
    free(run);
}

const struct preview *
preview_content(const struct preview_run *run)
{
    return &run->content;
}

int
l2a_preview(struct l2a *feed, const char *who, unsigned flags)
{
    if (!feed_begin(feed, true, flags, L2A_PREVIEW_ALL))
        return feed_failed(feed);
    preview_free(feed->preview);
    feed->preview =
        preview_people(&feed->settings, who, flags & L2A_PREVIEW_ALL ? SIZE_MAX : PEOPLE_MOST,
                       &feed->messenger, &feed->err);
    return feed->preview ? L2A_DONE : feed_failed(feed);
}

const char *
l2a_preview_report(struct l2a *feed, const char *format, unsigned width)
{
    feed->text.length = 0;
    if (!feed->preview ||
        !preview_write(preview_content(feed->preview), format, width, &feed->text))
        return NULL;
    buffer_add(&feed->text, "", 1);
    return feed->text.data;
}
