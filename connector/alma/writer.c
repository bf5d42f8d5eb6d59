#include "alma/alma.h"

#include "alma/escape.h"

/* What is copied before and after something. */
struct tags {
    struct slice open;
    struct slice close;
};

struct field_tags {
    struct tags outer;
    struct tags code; /* FIELD_CODES: each code */
};

struct list_tags {
    struct tags outer;
    struct tags item; /* its start tag ends before the attributes */
    struct field_tags fields[ITEM_FIELDS_MOST];
};

struct alma_writer {
    struct arena *arena;
    struct field_tags fields[USER_FIELDS_MOST];
    struct list_tags *lists[USER_FIELDS_MOST]; /* rows of kind FIELD_ITEMS */
};

#define SLICE(text)                                                                                \
    {                                                                                              \
        (text), sizeof(text) - 1                                                                   \
    }

const struct slice alma_document_begin =
    SLICE("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<users>\n");
const struct slice alma_document_end = SLICE("</users>\n");

static const struct tags user_tags = {SLICE("<user>\n"), SLICE("</user>\n")};
static const struct tags contact_info_tags = {SLICE("<contact_info>\n"),
                                              SLICE("</contact_info>\n")};

static struct tags
make_tags(struct arena *arena, const char *name, const char *behind_open, const char *behind_close)
{
    return (struct tags){slice_of(arena_format(arena, "<%s%s", name, behind_open)),
                         slice_of(arena_format(arena, "</%s>%s", name, behind_close))};
}

static struct field_tags
make_field_tags(struct arena *arena, const struct field *field, const char *behind)
{
    struct field_tags tags = {0};

    if (field->attribute) {
        tags.outer.open = slice_of(arena_format(arena, " %s=\"", field->name));
        tags.outer.close = slice_of("\"");
        return tags;
    }
    tags.outer = make_tags(arena, field->name, ">", behind);
    if (field->kind == FIELD_CODES)
        tags.code = make_tags(arena, field->child, ">", "");
    return tags;
}

static struct list_tags *
make_list_tags(struct arena *arena, const struct field *list)
{
    struct list_tags *tags = arena_alloc(arena, sizeof *tags);

    tags->outer = make_tags(arena, list->name, ">\n", "\n");
    tags->item = make_tags(arena, list->child, "", "\n");
    for (size_t i = 0; i < list->field_count; i++)
        tags->fields[i] = make_field_tags(arena, &list->fields[i], "");
    return tags;
}

struct alma_writer *
alma_writer_new(void)
{
    struct alma_writer *writer = memory_zero(1, sizeof *writer);

    writer->arena = arena_new();
    for (size_t i = 0; i < user_field_count; i++) {
        if (user_fields[i].kind == FIELD_ITEMS)
            writer->lists[i] = make_list_tags(writer->arena, &user_fields[i]);
        else
            writer->fields[i] = make_field_tags(writer->arena, &user_fields[i], "\n");
    }
    return writer;
}

void
alma_writer_free(struct alma_writer *writer)
{
    if (!writer)
        return;
    arena_free(writer->arena);
    free(writer);
}

/* Where a record goes, and the notes of where things are in it. */
struct writing {
    struct buffer *out;
    struct alma_layout *layout; /* NULL: nobody asks */
};

static inline void
add(struct buffer *out, struct slice slice)
{
    buffer_add(out, slice.data, slice.length);
}

static void
note_clock(const struct writing *writing, size_t begin)
{
    struct alma_layout *layout = writing->layout;

    memory_grow(&layout->clock, &layout->clock_capacity, layout->clock_count + 1,
                sizeof *layout->clock);
    layout->clock[layout->clock_count++] =
        (struct alma_span){(uint32_t)begin, (uint32_t)writing->out->length};
}

static void
write_codes(const struct field_tags *tags, const struct user_value *value, struct buffer *out)
{
    bool open = false;

    for (size_t i = 0; i < value->code_count; i++) {
        if (value->codes[i].length == 0)
            continue;
        if (!open)
            add(out, tags->outer.open);
        open = true;
        add(out, tags->code.open);
        escape_add(out, value->codes[i], ESCAPE_TEXT);
        add(out, tags->code.close);
    }
    if (open)
        add(out, tags->outer.close);
}

/* A date may come with its Z or without; a date-time may come as a mere date. */
static void
write_date(const struct field *field, struct slice text, struct buffer *out)
{
    enum { DATE_LENGTH = sizeof "2026-09-01" - 1 };
    bool is_date = text.length <= DATE_LENGTH + 1;

    if (is_date && text.length > DATE_LENGTH)
        text.length = DATE_LENGTH;
    escape_add(out, text, ESCAPE_TEXT);
    if (is_date)
        buffer_add_text(out, field->kind == FIELD_DATE ? "Z" : "T00:00:00Z");
}

static void
write_field(const struct field *field, const struct field_tags *tags,
            const struct user_value *value, const struct writing *writing)
{
    struct buffer *out = writing->out;
    size_t begin = out->length;
    struct slice text =
        value->text.length || !field->fallback ? value->text : slice_of(field->fallback);

    if (field->kind == FIELD_CODES) {
        write_codes(tags, value, out);
    } else if (text.length > 0) {
        add(out, tags->outer.open);
        begin = out->length;
        if (field->kind == FIELD_DATE || field->kind == FIELD_DATE_TIME)
            write_date(field, text, out);
        else
            escape_add(out, text, field->attribute ? ESCAPE_ATTRIBUTE : ESCAPE_TEXT);
        if (writing->layout && (value->marks & VALUE_OF_CLOCK))
            note_clock(writing, begin);
        add(out, tags->outer.close);
        return;
    }
    if (writing->layout && (value->marks & VALUE_OF_CLOCK) && out->length > begin)
        note_clock(writing, begin);
}

static void
write_item(const struct field *list, const struct list_tags *tags, const struct user_item *item,
           const struct writing *writing)
{
    struct buffer *out = writing->out;
    size_t i = 0;

    add(out, tags->item.open);
    /* The table puts attributes first. */
    for (; i < list->field_count && list->fields[i].attribute; i++)
        write_field(&list->fields[i], &tags->fields[i], &item->values[i], writing);
    buffer_add(out, ">", 1);
    for (; i < list->field_count; i++)
        write_field(&list->fields[i], &tags->fields[i], &item->values[i], writing);
    add(out, tags->item.close);
}

static void
write_list(const struct field *list, const struct list_tags *tags, const struct user_items *items,
           const struct writing *writing)
{
    add(writing->out, tags->outer.open);
    for (size_t i = 0; i < items->count; i++)
        write_item(list, tags, &items->items[i], writing);
    add(writing->out, tags->outer.close);
}

/* Lists without items are left out. */
static void
write_user_field(const struct alma_writer *writer, const struct user *user, size_t i,
                 const struct writing *writing)
{
    size_t begin = writing->out->length;

    if (user_fields[i].kind == FIELD_ITEMS)
        write_list(&user_fields[i], writer->lists[i], &user->lists[i], writing);
    else
        write_field(&user_fields[i], &writer->fields[i], &user->values[i], writing);
    if (writing->layout) {
        writing->layout->begins[i] = (uint32_t)begin;
        writing->layout->ends[i] = (uint32_t)writing->out->length;
    }
}

void
alma_write_user_laid_out(const struct alma_writer *writer, const struct user *user,
                         struct buffer *out, struct alma_layout *layout)
{
    const struct writing writing = {out, layout};
    bool in_contact_info = false;

    if (layout) {
        memset(layout->begins, 0, sizeof layout->begins);
        memset(layout->ends, 0, sizeof layout->ends);
        layout->clock_count = 0;
    }
    add(out, user_tags.open);
    for (size_t i = 0; i < user_field_count; i++) {
        const struct field *field = &user_fields[i];

        if (field->kind == FIELD_ITEMS && user->lists[i].count == 0)
            continue;
        if (field->in_contact_info != in_contact_info) {
            add(out, in_contact_info ? contact_info_tags.close : contact_info_tags.open);
            in_contact_info = field->in_contact_info;
        }
        write_user_field(writer, user, i, &writing);
    }
    if (in_contact_info)
        add(out, contact_info_tags.close);
    add(out, user_tags.close);
}

void
alma_write_user(const struct alma_writer *writer, const struct user *user, struct buffer *out)
{
    alma_write_user_laid_out(writer, user, out, NULL);
}

void
alma_layout_free(struct alma_layout *layout)
{
    free(layout->clock);
    *layout = (struct alma_layout){0};
}
