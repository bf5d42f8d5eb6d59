#include "alma/alma.h"

#include <stdlib.h>
#include <string.h>

struct alma_inspector {
    bool (*record)(void *context, const struct alma_inspected *record, struct error *err);
    void *context;
    struct buffer rest;  /* what was not looked at yet */
    bool begun;          /* the first record of the document was reached */
    struct arena *arena; /* of one record */
    struct alma_identifier *identifiers;
    size_t capacity;
    struct alma_inspected found;
};

static const struct slice user_begin = {"<user>", 6}, user_end = {"</user>", 7};

enum scanned { SCANNED_RECORD, SCANNED_PART, SCANNED_WRONG };

struct alma_inspector *
alma_inspector_new(bool (*record)(void *context, const struct alma_inspected *record,
                                  struct error *err),
                   void *context)
{
    struct alma_inspector *inspector = memory_zero(1, sizeof *inspector);

    inspector->record = record;
    inspector->context = context;
    inspector->arena = arena_new();
    return inspector;
}

void
alma_inspector_free(struct alma_inspector *inspector)
{
    if (!inspector)
        return;
    arena_free(inspector->arena);
    buffer_free(&inspector->rest);
    free(inspector->identifiers);
    free(inspector);
}

/* Of a constant, whose length the compiler knows. */
static inline bool
is_name(struct slice name, const char *text)
{
    return slice_equal(name, slice_of(text));
}

/* XML 1.0 section 4.6; the writer needs no others. */
static bool
add_entity(struct buffer *out, struct slice entity)
{
    static const struct {
        const char *name;
        char character;
    } entities[] = {{"amp", '&'}, {"lt", '<'}, {"gt", '>'}, {"quot", '"'}, {"apos", '\''}};

    for (size_t i = 0; i < sizeof entities / sizeof entities[0]; i++) {
        if (!is_name(entity, entities[i].name))
            continue;
        buffer_add(out, &entities[i].character, 1);
        return true;
    }
    return false;
}

/* The text with its entities replaced; SLICE_NONE when one is unknown. */
static struct slice
decode(struct alma_inspector *inspector, struct slice text)
{
    const char *at = text.data, *end = text.data + text.length, *mark;
    struct buffer out = BUFFER_INIT;
    struct slice decoded = SLICE_NONE;

    if (!memchr(at, '&', text.length))
        return text;
    while ((mark = memchr(at, '&', (size_t)(end - at)))) {
        const char *stop = memchr(mark, ';', (size_t)(end - mark));

        buffer_add(&out, at, (size_t)(mark - at));
        if (!stop || !add_entity(&out, (struct slice){mark + 1, (size_t)(stop - mark - 1)}))
            goto done;
        at = stop + 1;
    }
    buffer_add(&out, at, (size_t)(end - at));
    decoded = arena_slice(inspector->arena, (struct slice){out.data, out.length});
done:
    buffer_free(&out);
    return decoded;
}

static void
begin_identifier(struct alma_inspector *inspector)
{
    memory_grow(&inspector->identifiers, &inspector->capacity,
                inspector->found.identifier_count + 1, sizeof *inspector->identifiers);
    inspector->identifiers[inspector->found.identifier_count++] =
        (struct alma_identifier){SLICE_NONE, SLICE_NONE};
    inspector->found.identifiers = inspector->identifiers;
}

static bool
begins(struct slice line, const char *text)
{
    size_t length = strlen(text);

    return line.length >= length && memcmp(line.data, text, length) == 0;
}

/* The decoded text of the element of that name in the line, SLICE_NONE where it is not there. False
 * where it is there twice, or has something else in it. */
static bool
element_text(struct alma_inspector *inspector, struct slice line, struct slice open,
             struct slice *ret_text)
{
    const char *at = memmem(line.data, line.length, open.data, open.length);
    const char *text = at ? at + open.length : NULL, *end;
    size_t rest;

    *ret_text = SLICE_NONE;
    if (!text)
        return true;
    end = memchr(text, '<', line.length - (size_t)(text - line.data));
    rest = end ? line.length - (size_t)(end - line.data) : 0;
    if (rest < open.length + 1 || end[1] != '/' ||
        memcmp(end + 2, open.data + 1, open.length - 1) != 0 ||
        memmem(end, rest, open.data, open.length))
        return false;
    *ret_text = decode(inspector, (struct slice){text, (size_t)(end - text)});
    return ret_text->data != NULL;
}

static bool
take_identifier(struct alma_inspector *inspector, struct slice line)
{
    static const struct slice id_type = {"<id_type>", 9}, value = {"<value>", 7};
    struct alma_identifier *identifier;

    begin_identifier(inspector);
    identifier = &inspector->identifiers[inspector->found.identifier_count - 1];
    return element_text(inspector, line, id_type, &identifier->id_type) &&
           element_text(inspector, line, value, &identifier->value);
}

/* One line of a record. */
static bool
take_line(struct alma_inspector *inspector, struct slice line, bool *in_identifiers)
{
    static const struct slice primary_id = {"<primary_id>", 12};
    struct alma_inspected *found = &inspector->found;

    if (line.length < 3 || line.data[0] != '<' || line.data[line.length - 1] != '>' ||
        line.data[1] == '!' || line.data[1] == '?')
        return false;
    if (begins(line, "<primary_id")) {
        if (found->primary_id.data || *in_identifiers)
            return false;
        return element_text(inspector, line, primary_id, &found->primary_id) &&
               found->primary_id.data;
    }
    if (begins(line, "<user>"))
        return false; /* within another one */
    if (begins(line, "<user_identifiers") || begins(line, "</user_identifiers")) {
        *in_identifiers = line.data[1] != '/';
        return line.length == strlen("<user_identifiers>") + !*in_identifiers;
    }
    if (begins(line, "<user_identifier"))
        return *in_identifiers && take_identifier(inspector, line);
    return !*in_identifiers;
}

/* The record at the beginning of the text; *text is then behind it. One line is one field or item,
 * or begins or ends a list. */
static enum scanned
inspect_record(struct alma_inspector *inspector, struct slice *text)
{
    const char *at = text->data, *end = text->data + text->length, *stop;
    bool in_identifiers = false, is_first = true;

    arena_reset(inspector->arena);
    inspector->found = (struct alma_inspected){0};
    for (; (stop = memchr(at, '\n', (size_t)(end - at))); at = stop + 1) {
        struct slice line = {at, (size_t)(stop - at)};

        if (is_first != slice_equal(line, user_begin))
            return SCANNED_WRONG;
        if (!is_first && slice_equal(line, user_end)) {
            *text = (struct slice){stop + 1, (size_t)(end - stop - 1)};
            return in_identifiers ? SCANNED_WRONG : SCANNED_RECORD;
        }
        if (!is_first && !take_line(inspector, line, &in_identifiers))
            return SCANNED_WRONG;
        is_first = false;
    }
    return SCANNED_PART;
}

static struct slice
skip_blanks(struct slice text)
{
    while (text.length > 0 && text.data[0] && strchr(" \t\r\n", text.data[0]))
        text = (struct slice){text.data + 1, text.length - 1};
    return text;
}

/* How documents end, as far as it is there. */
static bool
is_end(struct slice text)
{
    static const char end[] = "</users>";

    return strncmp(text.data, end, text.length < strlen(end) ? text.length : strlen(end)) == 0;
}

/* Before the first record stands how documents begin. */
static struct slice
find_first(struct slice text)
{
    const char *at = memmem(text.data, text.length, user_begin.data, user_begin.length);

    return at ? (struct slice){at, text.length - (size_t)(at - text.data)} : SLICE_NONE;
}

static bool
inspect_text(struct alma_inspector *inspector, struct slice *text, struct error *err)
{
    for (;;) {
        struct slice next = inspector->begun ? skip_blanks(*text) : find_first(*text);

        if (next.length == 0 || (inspector->begun && is_end(next)))
            return true;
        inspector->begun = true;
        *text = next;
        switch (inspect_record(inspector, &next)) {
        case SCANNED_PART:
            return true;
        case SCANNED_WRONG:
            return error_set(err, ERROR_DATA, "a record is not as it was written");
        case SCANNED_RECORD:
            break;
        }
        *text = next;
        if (!inspector->record(inspector->context, &inspector->found, err))
            return false;
    }
}

/* The rest of the last piece is completed by some of this one, so that most of it need not be
 * copied: a record is seldom longer than that. */
static bool
complete_rest(struct alma_inspector *inspector, struct slice *piece, struct error *err)
{
    enum { SOME_BYTES = 4096 };

    while (inspector->rest.length > 0 && piece->length > 0) {
        size_t some = piece->length < SOME_BYTES ? piece->length : SOME_BYTES;
        struct slice text;

        buffer_add(&inspector->rest, piece->data, some);
        text = (struct slice){inspector->rest.data, inspector->rest.length};
        if (!inspect_text(inspector, &text, err))
            return false;
        /* What is left of these bytes is left of the piece as well. */
        if (text.length <= some) {
            some -= text.length;
            text.length = 0;
        }
        memmove(inspector->rest.data, text.data, text.length);
        inspector->rest.length = text.length;
        *piece = (struct slice){piece->data + some, piece->length - some};
    }
    return true;
}

bool
alma_inspect(struct alma_inspector *inspector, struct slice piece, struct error *err)
{
    if (!complete_rest(inspector, &piece, err) ||
        (piece.length > 0 && !inspect_text(inspector, &piece, err)))
        return false;
    buffer_add(&inspector->rest, piece.data, piece.length);
    return true;
}

bool
alma_inspect_end(struct alma_inspector *inspector, struct error *err)
{
    static const char end[] = "</users>";
    struct slice rest = skip_blanks((struct slice){inspector->rest.data, inspector->rest.length});
    bool ok =
        inspector->begun && rest.length >= strlen(end) && is_end(rest) &&
        skip_blanks((struct slice){rest.data + strlen(end), rest.length - strlen(end)}).length == 0;

    inspector->rest.length = 0;
    inspector->begun = false;
    return ok || error_set(err, ERROR_DATA, "the document does not end behind its last record");
}
