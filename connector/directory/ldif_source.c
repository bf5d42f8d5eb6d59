#include "directory/source.h"

#include "base/arena.h"
#include "directory/group_slots.h"
#include "directory/ldif_reader.h"
#include "directory/ldif_record.h"
#include "directory/source_driver.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct ldif_source {
    struct source source;
    const char *path;
    struct slice text; /* SLICE_NONE: the file is read */
    unsigned long line;
};

/* One read of the file. */
struct reading {
    struct ldif_reader *reader;
    struct ldif_parser *parser;
    const struct source_reader *out;
    struct source_result *result;
    struct group_slots *groups; /* NULL: not wanted */
};

static void
report_bad_entry(const struct reading *reading, const struct entry *entry,
                 const struct ldif_record *record, const struct error *fault)
{
    const struct finding_sink *sink = &reading->out->findings;
    struct arena *arena = arena_new();
    struct finding finding = {.code = FINDING_BAD_ENTRY, .dn = entry->dn};

    finding.text =
        slice_of(arena_format(arena, "'%s', record at line %lu: %s",
                              ldif_reader_name(reading->reader), record->line, fault->text));
    if (sink->add)
        sink->add(sink->context, &finding);
    arena_free(arena);
}

static bool
take_record(struct reading *reading, const struct ldif_record *record, struct error *err)
{
    const char *name = ldif_reader_name(reading->reader);
    struct entry entry = {.dn = SLICE_NONE};
    struct error fault = ERROR_INIT;

    switch (ldif_record_parse(reading->parser, name, record, &entry, &fault)) {
    case LDIF_PARSED_ENTRY:
        reading->result->entries++;
        if (reading->groups)
            group_slots_fill_alone(reading->groups, &entry);
        return reading->out->entry(reading->out->context, &entry, err);
    case LDIF_PARSED_NOTHING:
        return true;
    case LDIF_PARSED_REFERENCE:
        reading->result->referrals++;
        return true;
    case LDIF_PARSED_BAD:
        if (!record->last) {
            report_bad_entry(reading, &entry, record, &fault);
            return true;
        }
        *err = fault;
        error_prefix(err, "'%s' is cut off in its last record, at line %lu", name, record->line);
        return error_hint(err, "Make the file anew. If it is whole, mend that record or end the "
                               "file with a blank line.");
    case LDIF_PARSED_REFUSED:
        *err = fault;
        return false;
    }
    return error_set(err, ERROR_INTERNAL, "unknown kind of LDIF record");
}

static bool
read_records(struct reading *reading, struct error *err)
{
    struct ldif_record record = {0};
    enum ldif_read read;

    while ((read = ldif_reader_next(reading->reader, &record, err)) == LDIF_READ_RECORD)
        if (!take_record(reading, &record, err))
            return false;
    return read == LDIF_READ_END;
}

/* LDIF has no groups: what an entry says of them itself has to do. */
static void
want_groups(struct reading *reading, struct group_slots *slots, const struct attributes *attributes)
{
    if (!group_slots_are_wanted(attributes))
        return;
    group_slots_open(slots, attributes);
    group_slots_hide_own(slots);
    reading->groups = slots;
}

static bool
ldif_source_read(struct source *source, const struct attributes *attributes,
                 const struct source_reader *reader, struct source_result *ret_result,
                 struct error *err)
{
    struct ldif_source *self = (struct ldif_source *)source;
    struct reading reading = {.out = reader, .result = ret_result};
    struct group_slots groups = {0};
    struct names *names;
    bool ok;

    reading.reader = self->text.data ? ldif_reader_open_text(self->path, self->line, self->text)
                                     : ldif_reader_open(self->path, err);
    if (!reading.reader)
        return false;
    snprintf(ret_result->server, sizeof ret_result->server, "%s", ldif_reader_name(reading.reader));
    want_groups(&reading, &groups, attributes);
    names = names_new(reading.groups ? groups.asked : attributes);
    names_seal(names);
    reading.parser = ldif_parser_new(names);
    ok = read_records(&reading, err);
    if (ok)
        message_say(source->messenger, MESSAGE_INFO, "read '%s': %" PRIu64 " entries",
                    ret_result->server, ret_result->entries);
    ldif_parser_free(reading.parser);
    names_free(names);
    group_slots_close(&groups);
    ldif_reader_close(reading.reader);
    return ok;
}

static void
ldif_source_close(struct source *source)
{
    free(source);
}

static const struct source_driver driver = {.read = ldif_source_read, .close = ldif_source_close};

struct source *
source_open_ldif_text(const char *name, unsigned long line, struct slice text,
                      const struct messenger *messenger)
{
    struct ldif_source *self = memory_zero(1, sizeof *self);

    *self = (struct ldif_source){{&driver, messenger, 0}, name, text, line};
    return &self->source;
}

struct source *
source_open_ldif(const char *path, const struct messenger *messenger)
{
    return source_open_ldif_text(path, 1, SLICE_NONE, messenger);
}
