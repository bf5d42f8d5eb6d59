#include "report/check.h"

#include "base/text.h"
#include "report/json_text.h"

#include <inttypes.h>
#include <stdlib.h>

/* Of a text so much is shown. */
enum { SHOWN_CHARACTERS = 400 };

static void
add_shown(struct buffer *out, struct arena *scratch, struct slice text)
{
    struct slice shown = text_printable(scratch, text, SHOWN_CHARACTERS);

    buffer_add(out, shown.data, shown.length);
}

/* "FILE:LINE:COLUMN: warning: TEXT: 12 people, such as 'DN' (several_values)" */
static void
write_line(const struct check_line *line, struct buffer *out, struct arena *scratch)
{
    static const char *const words[] = {
        [FINDING_WARNING] = "warning",
        [FINDING_REJECT] = "rejected",
        [FINDING_HOLD] = "held",
    };
    const struct finding_kind *kind = finding_kind(line->code);

    if (line->where.line)
        buffer_format(out, "%s:%u:%u: ", line->where.file, line->where.line, line->where.column);
    buffer_format(out, "%s: ", words[kind->severity]);
    add_shown(out, scratch, line->text);
    if (line->people > 0) {
        buffer_format(out, ": %" PRIu64 " %s '", line->people,
                      line->people == 1 ? "person," : "people, such as");
        add_shown(out, scratch, line->example);
        buffer_add_text(out, "'");
    }
    buffer_format(out, " (%s)\n", kind->name);
    arena_reset(scratch);
}

static const char *
plural(uint64_t count)
{
    return count == 1 ? "" : "s";
}

static void
write_text(const struct check *check, struct buffer *out)
{
    struct arena *scratch = arena_new();
    size_t warnings = 0;

    for (size_t i = 0; i < check->count; i++) {
        write_line(&check->lines[i], out, scratch);
        warnings += finding_kind(check->lines[i].code)->severity == FINDING_WARNING;
    }
    if (check->source) {
        buffer_format(out, "%" PRIu64 " entr%s of '", check->read, check->read == 1 ? "y" : "ies");
        add_shown(out, scratch, slice_of(check->source));
        buffer_format(out,
                      "': %" PRIu64 " would be sent, %" PRIu64 " skipped, %" PRIu64 " rejected; ",
                      check->fit, check->skipped, check->rejected);
    } else {
        buffer_format(out, "%zu mapping%s without faults; ", check->mappings,
                      plural(check->mappings));
    }
    buffer_format(out, "%zu warning%s\n", warnings, plural(warnings));
    arena_free(scratch);
}

static struct json_object *
line_value(const struct check_line *line)
{
    const struct finding_kind *kind = finding_kind(line->code);
    struct json_object *value = json_object_new_object();

    json_add_text(value, "code", slice_of(kind->name));
    json_add_text(value, "severity", slice_of(finding_severity_name(kind->severity)));
    json_add_text(value, "file", slice_of(line->where.line ? line->where.file : NULL));
    json_add_number(value, "line", line->where.line);
    json_add_number(value, "column", line->where.column);
    json_add_text(value, "text", line->text);
    json_add_number(value, "people", line->people);
    json_add_text(value, "example", line->example);
    return value;
}

static void
write_json(const struct check *check, struct buffer *out)
{
    struct json_object *value = json_object_new_object(), *lines = json_object_new_array();

    for (size_t i = 0; i < check->count; i++)
        json_object_array_add(lines, line_value(&check->lines[i]));
    json_add_number(value, "mappings", check->mappings);
    json_add_text(value, "source", slice_of(check->source));
    json_add_number(value, "read", check->read);
    json_add_number(value, "skipped", check->skipped);
    json_add_number(value, "rejected", check->rejected);
    json_add_number(value, "fit", check->fit);
    json_object_object_add(value, "findings", lines);
    buffer_add_text(out, json_object_to_json_string_ext(value, JSON_PAGE));
    buffer_add_text(out, "\n");
    json_object_put(value);
}

static const struct format {
    const char *name;
    void (*write)(const struct check *check, struct buffer *out);
} formats[] = {
    {"text", write_text},
    {"json", write_json},
};

const char *
check_format_name(size_t index)
{
    return index < sizeof formats / sizeof formats[0] ? formats[index].name : NULL;
}

bool
check_write(const struct check *check, const char *format, struct buffer *out)
{
    for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++) {
        if (strcmp(formats[i].name, format) != 0)
            continue;
        formats[i].write(check, out);
        return true;
    }
    return false;
}

static int
compare_numbers(uint64_t a, uint64_t b)
{
    return (a > b) - (a < b);
}

static int
compare_lines(const void *a, const void *b)
{
    const struct check_line *first = a, *second = b;
    int order = (first->where.line == 0) - (second->where.line == 0);

    if (order == 0 && first->where.line)
        order = strcmp(first->where.file, second->where.file);
    if (order == 0)
        order = compare_numbers(first->where.line, second->where.line);
    if (order == 0)
        order = compare_numbers(first->where.column, second->where.column);
    if (order == 0)
        order = compare_numbers(first->code, second->code);
    return order ? order : slice_compare(first->text, second->text);
}

void
check_sort(struct check *check)
{
    if (check->count > 0)
        qsort(check->lines, check->count, sizeof *check->lines, compare_lines);
}
