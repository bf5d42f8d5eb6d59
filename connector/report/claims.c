#include "report/claims.h"

#include "base/csv_write.h"
#include "base/text.h"
#include "report/content.h"
#include "report/json_text.h"

enum { SHOWN_CHARACTERS = 400, COLUMN_MOST = 32 };

static const char *
kind_of(const struct claim *claim)
{
    return claim->moved ? "moved" : "reused";
}

/* The columns that the longest of one of the identifiers takes, within bounds. */
static size_t
widest(const struct claims *claims, bool former, const char *heading, struct arena *scratch)
{
    size_t most = text_columns(slice_of(heading));

    for (size_t i = 0; i < claims->count; i++) {
        const struct claim *claim = &claims->items[i];
        size_t columns = text_columns(
            text_printable(scratch, former ? claim->former : claim->match_id, SHOWN_CHARACTERS));

        if (columns > most)
            most = columns;
        arena_reset(scratch);
    }
    return most < COLUMN_MOST ? most : COLUMN_MOST;
}

static void
add_cell(struct buffer *out, struct slice text, size_t width, struct arena *scratch)
{
    struct slice shown = text_printable(scratch, text, SHOWN_CHARACTERS);
    size_t columns = text_columns(shown);

    buffer_add(out, shown.data, shown.length);
    for (; columns < width; columns++)
        buffer_add_text(out, " ");
    buffer_add_text(out, "  ");
}

static void
add_row(struct buffer *out, const struct claim *claim, size_t former_width, size_t now_width,
        struct arena *scratch)
{
    buffer_format(out, "%-6s  ", kind_of(claim));
    add_cell(out, claim->former, former_width, scratch);
    add_cell(out, claim->match_id, now_width, scratch);
    buffer_format(out, "%-8s  ", claim->accepted ? "accepted" : "held");
    add_cell(out, claim->dn, 0, scratch);
    out->length -= 2;
    if (claim->owner) {
        struct slice owner = text_printable(scratch, slice_of(claim->owner), SHOWN_CHARACTERS);

        buffer_format(out, "\n        was delivered for %.*s", SLICE_ARG(owner));
    }
    buffer_add_text(out, "\n");
    arena_reset(scratch);
}

static void
write_text(const struct claims *claims, struct buffer *out)
{
    static const char in_alma[] = "IN ALMA", now[] = "NOW";
    struct arena *scratch = arena_new();
    size_t former_width = widest(claims, true, in_alma, scratch);
    size_t now_width = widest(claims, false, now, scratch);

    if (claims->count == 0)
        buffer_add_text(out, "nobody is held for a match identifier\n");
    else
        buffer_format(out, "%-6s  %-*s  %-*s  %-8s  WHO\n", "WHY", (int)former_width, in_alma,
                      (int)now_width, now, "");
    for (size_t i = 0; i < claims->count; i++)
        add_row(out, &claims->items[i], former_width, now_width, scratch);
    arena_free(scratch);
}

static void
write_csv(const struct claims *claims, struct buffer *out)
{
    struct arena *scratch = arena_new();
    const struct slice header[] = {slice_of("why"),     slice_of("in_alma"), slice_of("now"),
                                   slice_of("dn"),      slice_of("id"),      slice_of("owner"),
                                   slice_of("accepted")};

    csv_write_row(out, scratch, header, sizeof header / sizeof header[0]);
    for (size_t i = 0; i < claims->count; i++) {
        const struct claim *claim = &claims->items[i];
        char accepted[REPORT_TIME_BYTES];

        report_time(claim->accepted, accepted);
        const struct slice row[] = {
            slice_of(kind_of(claim)), claim->former,          claim->match_id,   claim->dn,
            slice_of(claim->id),      slice_of(claim->owner), slice_of(accepted)};

        csv_write_row(out, scratch, row, sizeof row / sizeof row[0]);
    }
    arena_free(scratch);
}

static struct json_object *
claim_value(const struct claim *claim)
{
    struct json_object *value = json_object_new_object();
    char accepted[REPORT_TIME_BYTES];

    report_time(claim->accepted, accepted);
    json_add_text(value, "why", slice_of(kind_of(claim)));
    json_add_text(value, "in_alma", claim->former);
    json_add_text(value, "now", claim->match_id);
    json_add_text(value, "dn", claim->dn);
    json_add_text(value, "id", slice_of(claim->id));
    json_add_text(value, "owner", slice_of(claim->owner));
    json_add_text(value, "accepted", slice_of(accepted[0] ? accepted : NULL));
    return value;
}

static void
write_json(const struct claims *claims, struct buffer *out)
{
    struct json_object *value = json_object_new_object(), *items = json_object_new_array();

    for (size_t i = 0; i < claims->count; i++)
        json_object_array_add(items, claim_value(&claims->items[i]));
    json_object_object_add(value, "claims", items);
    json_write(out, value, JSON_PAGE);
    buffer_add_text(out, "\n");
    json_object_put(value);
}

static const struct format {
    const char *name;
    void (*write)(const struct claims *claims, struct buffer *out);
} formats[] = {
    {"text", write_text},
    {"csv", write_csv},
    {"json", write_json},
};

bool
claims_write(const struct claims *claims, const char *format, struct buffer *out)
{
    for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++) {
        if (strcmp(formats[i].name, format) != 0)
            continue;
        formats[i].write(claims, out);
        return true;
    }
    return false;
}
