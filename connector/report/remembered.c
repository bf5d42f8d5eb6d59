#include "report/remembered.h"

#include "base/text.h"
#include "report/content.h"
#include "report/json_text.h"

#include <inttypes.h>

enum { SHOWN_CHARACTERS = 400 };

static void
add_line(struct buffer *out, struct arena *scratch, const char *label, const char *text)
{
    struct slice shown = text_printable(scratch, slice_of(text), SHOWN_CHARACTERS);

    buffer_format(out, "  %-10s %.*s\n", label, SLICE_ARG(shown));
}

static void
add_fields(struct buffer *out, const struct remembered_person *person)
{
    const char *between = "";

    buffer_format(out, "  %-10s ", "fields");
    for (size_t i = 0; i < user_field_count; i++) {
        if (!person->fields[i])
            continue;
        buffer_format(out, "%s%s", between, user_fields[i].name);
        between = ", ";
    }
    buffer_add_text(out, "\n");
}

static void
add_record(struct buffer *out, struct arena *scratch, struct slice record)
{
    while (record.length > 0) {
        const char *end = memchr(record.data, '\n', record.length);
        size_t length = end ? (size_t)(end - record.data) : record.length;
        struct slice line = text_printable(scratch, (struct slice){record.data, length}, length);

        buffer_format(out, "%.*s\n", SLICE_ARG(line));
        length += end != NULL;
        record = (struct slice){record.data + length, record.length - length};
    }
}

static void
write_person(const struct remembered_person *person, struct buffer *out, struct arena *scratch)
{
    struct slice match_id = text_printable(scratch, person->match_id, SHOWN_CHARACTERS);
    char delivered[REPORT_TIME_BYTES];

    report_time(person->delivered, delivered);
    buffer_format(out, "%.*s\n", SLICE_ARG(match_id));
    add_line(out, scratch, "id", person->id);
    add_line(out, scratch, "delivered",
             arena_format(scratch, "%s in %s", delivered, person->package));
    add_fields(out, person);
    if (person->expired)
        add_line(out, scratch, "expired", "a last record has told Alma that this person left");
    else if (person->absent > 0)
        add_line(out, scratch, "absent",
                 arena_format(scratch, "from %u complete run%s", person->absent,
                              person->absent == 1 ? "" : "s"));
    if (person->record_bytes > 0)
        add_line(out, scratch, "record",
                 arena_format(scratch, "%" PRIu64 " bytes are kept", person->record_bytes));
    add_record(out, scratch, person->record);
    arena_reset(scratch);
}

static void
write_text(const struct remembered *remembered, struct buffer *out)
{
    struct arena *scratch = arena_new();

    for (size_t i = 0; i < remembered->count; i++) {
        if (i > 0)
            buffer_add_text(out, "\n");
        write_person(&remembered->people[i], out, scratch);
    }
    arena_free(scratch);
}

static struct json_object *
person_value(const struct remembered_person *person)
{
    struct json_object *value = json_object_new_object(), *fields = json_object_new_array();
    char delivered[REPORT_TIME_BYTES];

    report_time(person->delivered, delivered);
    for (size_t i = 0; i < user_field_count; i++)
        if (person->fields[i])
            json_object_array_add(fields, json_object_new_string(user_fields[i].name));
    json_add_text(value, "id", slice_of(person->id));
    json_add_text(value, "match_id", person->match_id);
    json_add_text(value, "delivered", slice_of(delivered[0] ? delivered : NULL));
    json_add_text(value, "package", slice_of(person->package));
    json_add_number(value, "absent", person->absent);
    json_object_object_add(value, "expired", json_object_new_boolean(person->expired));
    json_object_object_add(value, "fields", fields);
    json_add_number(value, "record_bytes", person->record_bytes);
    json_add_text(value, "record", person->record);
    return value;
}

static void
write_json(const struct remembered *remembered, struct buffer *out)
{
    struct json_object *value = json_object_new_object(), *people = json_object_new_array();

    for (size_t i = 0; i < remembered->count; i++)
        json_object_array_add(people, person_value(&remembered->people[i]));
    json_add_text(value, "who", slice_of(remembered->who));
    json_object_object_add(value, "people", people);
    json_write(out, value, JSON_PAGE);
    buffer_add_text(out, "\n");
    json_object_put(value);
}

static const struct format {
    const char *name;
    void (*write)(const struct remembered *remembered, struct buffer *out);
} formats[] = {
    {"text", write_text},
    {"json", write_json},
};

bool
remembered_write(const struct remembered *remembered, const char *format, struct buffer *out)
{
    for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++) {
        if (strcmp(formats[i].name, format) != 0)
            continue;
        formats[i].write(remembered, out);
        return true;
    }
    return false;
}
