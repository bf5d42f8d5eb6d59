#include "report/difference.h"

#include "report/json_text.h"
#include "report/page.h"

enum { FIELD_INDENT = 2 };

static bool
has(const struct difference_texts *texts, struct slice text)
{
    for (size_t i = 0; i < texts->count; i++)
        if (slice_equal(texts->items[i], text))
            return true;
    return false;
}

/* Where only the order is another one, all of them differ. */
static bool
any_missing(const struct difference_texts *texts, const struct difference_texts *others)
{
    for (size_t i = 0; i < texts->count; i++)
        if (!has(others, texts->items[i]))
            return true;
    return false;
}

static void
write_texts(struct page *page, unsigned column, const char *sign, enum page_style style,
            const struct difference_texts *texts, const struct difference_texts *others)
{
    for (size_t i = 0; i < texts->count; i++) {
        if (others && has(others, texts->items[i]))
            continue;
        page_line(page, column);
        page_words(page, style, sign);
        page_move(page, 0);
        page_text(page, style, texts->items[i]);
    }
}

static void
write_field(const struct difference *difference, const struct difference_field *field,
            struct page *page, unsigned column)
{
    bool some = any_missing(&field->old, &field->new) || any_missing(&field->new, &field->old);

    page_line(page, column);
    page_words(page, PAGE_NAME, field->name);
    column += FIELD_INDENT;
    if (!difference->old_known) {
        page_line(page, column);
        page_words(page, PAGE_DIM, "the old value is not kept ('changes.keep_records')");
    }
    write_texts(page, column, "-", PAGE_BAD, &field->old, some ? &field->new : NULL);
    write_texts(page, column, "+", PAGE_GOOD, &field->new, some ? &field->old : NULL);
}

void
difference_write_text(const struct difference *difference, struct page *page, unsigned column)
{
    for (size_t i = 0; i < difference->field_count; i++)
        write_field(difference, &difference->fields[i], page, column);
}

static struct json_object *
texts_json(const struct difference_texts *texts)
{
    struct json_object *list = json_object_new_array();

    for (size_t i = 0; i < texts->count; i++)
        json_object_array_add(list, json_text(texts->items[i]));
    return list;
}

struct json_object *
difference_json(const struct difference *difference)
{
    struct json_object *value = json_object_new_object(), *fields = json_object_new_array();

    json_add_text(value, "dn", difference->dn);
    json_add_text(value, "match_id", difference->match_id);
    json_add_text(value, "id", slice_of(difference->id));
    json_add_text(value, "fate", slice_of(difference->fate));
    json_object_object_add(value, "old_known", json_object_new_boolean(difference->old_known));
    for (size_t i = 0; i < difference->field_count; i++) {
        const struct difference_field *field = &difference->fields[i];
        struct json_object *row = json_object_new_object();

        json_add_text(row, "name", slice_of(field->name));
        json_object_object_add(row, "old", difference->old_known ? texts_json(&field->old) : NULL);
        json_object_object_add(row, "new", texts_json(&field->new));
        json_object_array_add(fields, row);
    }
    json_object_object_add(value, "fields", fields);
    return value;
}
