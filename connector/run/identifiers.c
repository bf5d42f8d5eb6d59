#include "run/identifiers.h"

#include "base/buffer.h"
#include "base/text.h"
#include "model/field_path.h"
#include "model/user_fields.h"

#include <string.h>
#include <xxhash.h>

/* The Turkish i without a dot and the one with a dot above, which folding keeps apart from i: their
 * capital or small letter is that of i, so that whoever compares by those takes them for i. */
static struct slice
drop_dots(struct arena *arena, struct slice folded)
{
    static const char dotless[] = "\xc4\xb1", dotted[] = "i\xcc\x87";
    char *text;
    size_t length = 0;

    if (!memmem(folded.data, folded.length, dotless, 2) &&
        !memmem(folded.data, folded.length, dotted, 3))
        return folded;
    text = arena_bytes(arena, folded.length);
    for (size_t i = 0; i < folded.length; i++) {
        const char *at = folded.data + i;
        size_t rest = folded.length - i;
        bool is_dotless = rest >= 2 && memcmp(at, dotless, 2) == 0;

        text[length++] = is_dotless ? 'i' : *at;
        if (is_dotless)
            i++;
        else if (rest >= 3 && memcmp(at, dotted, 3) == 0)
            i += 2;
    }
    return (struct slice){text, length};
}

struct slice
identifier_fold(struct arena *arena, struct slice value)
{
    return drop_dots(arena, text_tidy(arena, text_fold_compatible(arena, value)));
}

uint64_t
identifier_hash(struct slice value, struct arena *arena)
{
    struct slice folded = identifier_fold(arena, value);

    return XXH3_64bits(folded.data, folded.length) | 1;
}

static void
add(struct identifiers *identifiers, struct slice type, const struct user_value *value,
    struct arena *arena)
{
    if (value->text.length == 0)
        return;
    identifiers->items[identifiers->count++] =
        (struct identifier){type, value->text, identifier_hash(value->text, arena), value->where};
}

/* Index of a list's field that identifies, or -1. */
static int
identifying_field(const struct field *list)
{
    for (size_t i = 0; i < list->field_count; i++)
        if (list->fields[i].identifier)
            return (int)i;
    return -1;
}

struct identifiers
identifiers_gather(const struct user *user, struct arena *arena)
{
    struct identifiers identifiers = {NULL, 0};
    size_t most = 0;

    for (size_t i = 0; i < user_field_count; i++)
        most += user_fields[i].kind == FIELD_ITEMS ? user->lists[i].count
                                                   : (size_t)user_fields[i].identifier;
    identifiers.items = arena_alloc(arena, most * sizeof *identifiers.items);
    for (size_t i = 0; i < user_field_count; i++) {
        const struct field *field = &user_fields[i];
        const struct user_items *list = &user->lists[i];
        int value = list->count > 0 ? identifying_field(field) : -1;

        if (field->identifier)
            add(&identifiers, slice_of(field->name), &user->values[i], arena);
        for (size_t j = 0; value >= 0 && j < list->count; j++)
            add(&identifiers, list->items[j].values[field_type_index(field)].text,
                &list->items[j].values[value], arena);
    }
    return identifiers;
}

static void
find(const struct user *user, enum finding_code code, struct slice text,
     const struct position *where, const struct finding_sink *findings)
{
    if (findings && findings->add)
        findings->add(findings->context,
                      &(struct finding){.code = code,
                                        .dn = user->dn,
                                        .match_id = user->match_id,
                                        .where = where ? *where : (struct position){0},
                                        .text = text});
}

static void
tell_twice(const struct user *user, const struct identifier *one, const struct identifier *other,
           const struct finding_sink *findings)
{
    struct buffer text = BUFFER_INIT;

    buffer_format(&text, "%.*s '%.*s' and %.*s '%.*s' are the same to Alma", SLICE_ARG(one->type),
                  SLICE_ARG(one->value), SLICE_ARG(other->type), SLICE_ARG(other->value));
    find(user, FINDING_TWICE_IN_RECORD, (struct slice){text.data, text.length}, other->where,
         findings);
    buffer_free(&text);
}

static bool
hold_match_id(const struct user *user, const struct identifiers *identifiers)
{
    for (size_t i = 0; i < identifiers->count; i++)
        if (slice_equal(identifiers->items[i].value, user->match_id))
            return true;
    return false;
}

bool
identifiers_check(const struct user *user, const struct identifiers *identifiers,
                  const struct finding_sink *findings)
{
    if (!hold_match_id(user, identifiers)) {
        find(user, FINDING_MATCH_ID, slice_of("the record does not hold its match identifier"),
             NULL, findings);
        return false;
    }
    for (size_t i = 1; i < identifiers->count; i++)
        for (size_t j = 0; j < i; j++)
            if (identifiers->items[i].hash == identifiers->items[j].hash) {
                tell_twice(user, &identifiers->items[j], &identifiers->items[i], findings);
                return false;
            }
    return true;
}
