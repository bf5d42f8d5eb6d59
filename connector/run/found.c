#include "run/found.h"

#include "base/text.h"
#include "run/feed.h"

#include <stdlib.h>

enum { TEXT_CHARACTERS = 2000 };

struct found_row {
    enum finding_code code;
    const char *field, *text, *dn, *where; /* "" where there is none */
};

void
found_restart(struct found *found)
{
    if (found->arena)
        arena_reset(found->arena);
    found->count = 0;
    found_next(found);
}

void
found_next(struct found *found)
{
    found->reason.length = 0;
}

void
found_free(struct found *found)
{
    arena_free(found->arena);
    free(found->rows);
    buffer_free(&found->reason);
}

static const char *
shown(struct arena *arena, struct slice text)
{
    struct slice printable = text_printable(arena, text, TEXT_CHARACTERS);

    return arena_copy(arena, printable.data, printable.length);
}

static const char *
write_where(struct arena *arena, struct position where)
{
    return where.line == 0 ? ""
                           : arena_format(arena, "%s:%u:%u", where.file, where.line, where.column);
}

static void
keep_reason(struct found *found, const struct finding *finding)
{
    if (found->reason.length > 0 || finding_kind(finding->code)->severity == FINDING_WARNING)
        return;
    buffer_add(&found->reason, finding->text.data, finding->text.length);
    buffer_add(&found->reason, "", 1);
}

static void
add_finding(void *context, const struct finding *finding)
{
    struct found *found = context;

    keep_reason(found, finding);
    if (found->count == FOUND_MOST)
        return;
    if (!found->arena)
        found->arena = arena_new();
    memory_grow(&found->rows, &found->capacity, found->count + 1, sizeof *found->rows);
    found->rows[found->count++] = (struct found_row){
        .code = finding->code,
        .field = finding->field ? arena_string(found->arena, finding->field) : "",
        .text = shown(found->arena, finding->text),
        .dn = shown(found->arena, finding->dn),
        .where = write_where(found->arena, finding->where),
    };
}

struct finding_sink
found_sink(struct found *found)
{
    return (struct finding_sink){add_finding, found};
}

const char *
found_reason(const struct found *found)
{
    return found->reason.length > 0 ? found->reason.data : "";
}

const char *
l2a_finding(struct l2a *feed, size_t row, size_t column)
{
    const struct found_row *found;
    const struct finding_kind *kind;

    if (row >= feed->found.count || column > 5)
        return NULL;
    found = &feed->found.rows[row];
    kind = finding_kind(found->code);
    return (const char *const[]){kind->name,   finding_severity_name(kind->severity),
                                 found->field, found->text,
                                 found->dn,    found->where}[column];
}
