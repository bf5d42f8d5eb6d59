#include "run/prove.h"

#include "alma/alma.h"
#include "base/sort.h"
#include "base/text.h"
#include "run/identifiers.h"

#include <inttypes.h>
#include <stdlib.h>

enum { IDENTIFIER_CHARACTERS = 255, PROGRESS_EVERY = 4096 };

struct proving {
    const struct prove *inputs;
    struct alma_inspector *inspector;
    struct arena *arena;   /* of one record */
    size_t seen;           /* records */
    uint64_t *identifiers; /* hashes of all that were seen */
    size_t count, capacity;
};

static struct slice
match_id_of(const struct proving *proving, const struct alma_inspected *record)
{
    struct slice type = slice_of(proving->inputs->match_id);

    if (slice_equal(type, slice_of("primary_id")))
        return record->primary_id;
    for (size_t i = 0; i < record->identifier_count; i++)
        if (slice_equal(record->identifiers[i].id_type, type))
            return record->identifiers[i].value;
    return SLICE_NONE;
}

/* Once for each person, who may have the same value under several types as far as this goes. */
static void
note_identifier(struct proving *proving, size_t first, struct slice value)
{
    uint64_t hash = identifier_hash(value, proving->arena);

    for (size_t i = first; i < proving->count; i++)
        if (proving->identifiers[i] == hash)
            return;
    memory_grow(&proving->identifiers, &proving->capacity, proving->count + 1,
                sizeof *proving->identifiers);
    proving->identifiers[proving->count++] = hash;
}

static bool
prove_record(void *context, const struct alma_inspected *record, struct error *err)
{
    struct proving *proving = context;
    const struct prove *inputs = proving->inputs;
    struct slice match_id = match_id_of(proving, record);
    size_t first = proving->count, number = proving->seen++;

    arena_reset(proving->arena);
    if (match_id.length == 0)
        return error_set(err, ERROR_INTERNAL, "record %zu has no match identifier '%s'", number + 1,
                         inputs->match_id);
    if (text_characters(match_id) > IDENTIFIER_CHARACTERS)
        return error_set(err, ERROR_INTERNAL, "the match identifier of record %zu is too long",
                         number + 1);
    if (number >= inputs->count ||
        identifier_hash(match_id, proving->arena) != inputs->people[number]->identity)
        return error_set(err, ERROR_INTERNAL, "record %zu is not that of the person planned there",
                         number + 1);
    if (number % PROGRESS_EVERY == 0)
        message_progress(inputs->messenger,
                         &(struct progress){"proving", number, inputs->count, "people"});
    if (record->primary_id.length > 0)
        note_identifier(proving, first, record->primary_id);
    for (size_t i = 0; i < record->identifier_count; i++)
        if (record->identifiers[i].value.length > 0)
            note_identifier(proving, first, record->identifiers[i].value);
    return true;
}

static bool
begin_document(void *context, const char *name, struct error *err)
{
    (void)context;
    (void)name;
    (void)err;
    return true;
}

static bool
take_piece(void *context, struct slice piece, struct error *err)
{
    return alma_inspect(((struct proving *)context)->inspector, piece, err);
}

static bool
end_document(void *context, struct error *err)
{
    return alma_inspect_end(((struct proving *)context)->inspector, err);
}

static bool
prove_package(struct proving *proving, const struct package *package, struct error *err)
{
    const struct package_pieces pieces = {begin_document, take_piece, end_document, proving};
    size_t before = proving->seen;

    if (!package_unpack(package->path, &pieces, err))
        return false;
    if (proving->seen - before == package->records)
        return true;
    return error_set(err, ERROR_INTERNAL, "it holds %zu records in place of %" PRIu64,
                     proving->seen - before, package->records);
}

static bool
prove_unique(struct proving *proving, struct error *err)
{
    sort_numbers(proving->identifiers, proving->count);
    for (size_t i = 1; i < proving->count; i++)
        if (proving->identifiers[i] == proving->identifiers[i - 1])
            return error_set(err, ERROR_INTERNAL, "an identifier is in the packages twice");
    return true;
}

bool
prove_packages(const struct prove *prove, struct error *err)
{
    struct proving proving = {.inputs = prove, .arena = arena_new()};
    bool ok = true;

    proving.inspector = alma_inspector_new(prove_record, &proving);
    for (size_t i = 0; ok && i < prove->packages->count; i++) {
        ok = prove_package(&proving, &prove->packages->items[i], err);
        if (!ok)
            error_prefix(err, "'%s' is not what it should be", prove->packages->items[i].path);
    }
    if (ok && proving.seen != prove->count)
        ok = error_set(err, ERROR_INTERNAL, "the packages hold %zu records in place of %zu",
                       proving.seen, prove->count);
    ok = ok && prove_unique(&proving, err);
    if (!ok) {
        err->code = ERROR_INTERNAL;
        error_prefix(err, "finished packages failed their last check, nothing is delivered");
        error_hint(err, "Run again; if it says so again, report it as a fault of ldap2alma, with "
                        "the package.");
    }
    alma_inspector_free(proving.inspector);
    free(proving.identifiers);
    arena_free(proving.arena);
    return ok;
}
