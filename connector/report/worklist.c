#include "report/worklist.h"

#include "base/csv_write.h"
#include "report/content.h"
#include "report/json_text.h"
#include "report/save.h"

#include <stdlib.h>
#include <string.h>

const char *
worklist_status(const struct worklist_item *item)
{
    if (item->how)
        return "solved";
    return item->kind->severity == FINDING_HOLD ? "held" : "rejected";
}

static const struct {
    const char *how, *words, *sentence;
} solved[] = {
    {"fit", "fit for Alma", "Nothing: the record is fit for Alma now."},
    {"skipped", "no longer selected by the mapping",
     "Nothing: the mapping no longer selects the entry."},
    {"gone", "no longer in the directory", "Nothing: the directory no longer has the entry."},
    {"over", "not met again", "Nothing: it was not met again."},
};

enum { SOLVED_COUNT = sizeof solved / sizeof solved[0] };

/* What a later version says of it is not known here. */
static size_t
solved_row(const char *how)
{
    size_t row = 0;

    while (row < SOLVED_COUNT - 1 && strcmp(solved[row].how, how) != 0)
        row++;
    return row;
}

const char *
worklist_solved_words(const char *how)
{
    return solved[solved_row(how)].words;
}

const char *
worklist_remedy(const struct worklist_item *item)
{
    return item->how ? solved[solved_row(item->how)].sentence : item->kind->remedy;
}

static int
kind_order(const struct finding_kind *kind)
{
    enum finding_code code;

    return finding_find(slice_of(kind->name), &code) ? (int)code : FINDING_CODE_COUNT;
}

static int
compare_items(const void *a, const void *b)
{
    const struct worklist_item *first = a, *second = b;
    int order = (first->how != NULL) - (second->how != NULL);

    if (order == 0)
        order = kind_order(first->kind) - kind_order(second->kind);
    if (order == 0)
        order = (first->since > second->since) - (first->since < second->since);
    return order ? order : slice_compare(first->dn, second->dn);
}

void
worklist_sort(struct worklist *worklist)
{
    if (worklist->count > 1)
        qsort(worklist->items, worklist->count, sizeof *worklist->items, compare_items);
}

/* What a row shows, in the order of the columns; json has the same names. */
enum { COLUMN_COUNT = 9 };

static const char *const columns[COLUMN_COUNT] = {"status", "since", "match_id", "dn", "text",
                                                  "remedy", "code",  "field",    "id"};

struct row {
    struct slice cells[COLUMN_COUNT];
    char since[REPORT_TIME_BYTES];
};

static void
fill_row(const struct worklist_item *item, struct row *row)
{
    struct slice *cell = row->cells;

    report_time(item->since, row->since);
    *cell++ = slice_of(worklist_status(item));
    *cell++ = slice_of(row->since[0] ? row->since : NULL);
    *cell++ = item->match_id;
    *cell++ = item->dn;
    *cell++ = item->text;
    *cell++ = slice_of(worklist_remedy(item));
    *cell++ = slice_of(item->kind->name);
    *cell++ = item->field;
    *cell = slice_of(item->id);
}

static void
write_csv(const struct worklist *worklist, struct buffer *out)
{
    struct arena *scratch = arena_new();
    struct row row;

    for (size_t i = 0; i < COLUMN_COUNT; i++)
        row.cells[i] = slice_of(columns[i]);
    csv_write_row(out, scratch, row.cells, COLUMN_COUNT);
    for (size_t i = 0; i < worklist->count; i++) {
        fill_row(&worklist->items[i], &row);
        csv_write_row(out, scratch, row.cells, COLUMN_COUNT);
    }
    arena_free(scratch);
}

static void
add_value(struct buffer *out, const char *before, struct json_object *value)
{
    buffer_add_text(out, before);
    json_write(out, value, JSON_FORM);
    json_object_put(value);
}

static struct json_object *
item_value(const struct worklist_item *item)
{
    struct json_object *value = json_object_new_object();
    struct row row;

    fill_row(item, &row);
    for (size_t i = 0; i < COLUMN_COUNT; i++)
        json_add_text(value, columns[i], row.cells[i]);
    json_add_text(value, "how", slice_of(item->how));
    return value;
}

/* Item by item, as a list of everybody would be a large tree. */
static void
write_json(const struct worklist *worklist, struct buffer *out)
{
    char as_of[REPORT_TIME_BYTES];

    report_time(worklist->as_of, as_of);
    add_value(out, "{\n  \"feed\": ", json_text(slice_of(worklist->feed)));
    add_value(out, ",\n  \"as_of\": ", json_text(slice_of(as_of[0] ? as_of : NULL)));
    buffer_add_text(out, ",\n  \"items\": [");
    for (size_t i = 0; i < worklist->count; i++)
        add_value(out, i ? ",\n    " : "\n    ", item_value(&worklist->items[i]));
    buffer_add_text(out, worklist->count ? "\n  ]" : "]");
    add_value(out, ",\n  \"omitted\": ", json_object_new_uint64(worklist->omitted));
    buffer_add_text(out, "\n}\n");
}

static const struct format {
    const char *name, *ending;
    void (*write)(const struct worklist *worklist, struct buffer *out);
} formats[] = {
    {"text", ".txt", worklist_write_text},
    {"csv", ".csv", write_csv},
    {"json", ".json", write_json},
};

bool
worklist_write(const struct worklist *worklist, const char *format, struct buffer *out)
{
    for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++) {
        if (strcmp(formats[i].name, format) != 0)
            continue;
        formats[i].write(worklist, out);
        return true;
    }
    return false;
}

bool
worklist_save(const struct worklist *worklist, const char *format, const char *path,
              struct error *err)
{
    struct buffer text = BUFFER_INIT;
    bool ok = worklist_write(worklist, format, &text)
                  ? save_text("work list", path, &text, err)
                  : error_set(err, ERROR_USAGE, "no work list format '%s'", format);

    buffer_free(&text);
    return ok;
}

const char *
worklist_format_of(const char *path)
{
    for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++)
        if (save_ends(path, formats[i].ending))
            return formats[i].name;
    return NULL;
}
