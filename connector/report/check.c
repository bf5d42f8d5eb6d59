#include "report/check.h"

#include "base/text.h"
#include "report/json_text.h"

#include <inttypes.h>
#include <stdlib.h>

/* Of a text so much is shown; what went wrong is told whole. */
enum { SHOWN_CHARACTERS = 400, TOLD_CHARACTERS = 2000 };

static void
add_printable(struct buffer *out, struct arena *scratch, struct slice text, size_t most)
{
    struct slice shown = text_printable(scratch, text, most);

    buffer_add(out, shown.data, shown.length);
}

static void
add_shown(struct buffer *out, struct arena *scratch, struct slice text)
{
    add_printable(out, scratch, text, SHOWN_CHARACTERS);
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

/* "failure: TEXT (directory.login)", and on a line of its own what to do. */
static void
write_probe(const struct check_probe *probe, struct buffer *out, struct arena *scratch)
{
    buffer_format(out, "%s: ", probe_verdict_name(probe->verdict));
    add_printable(out, scratch, probe->text, TOLD_CHARACTERS);
    buffer_format(out, " (%s)\n", probe->name);
    if (probe->hint.length > 0) {
        buffer_add_text(out, "    ");
        add_printable(out, scratch, probe->hint, TOLD_CHARACTERS);
        buffer_add_text(out, "\n");
    }
    arena_reset(scratch);
}

static const char *
plural(uint64_t count)
{
    return count == 1 ? "" : "s";
}

/* A line each, so that what stands behind the name can be marked and copied. */
static void
write_values(const struct check *check, struct buffer *out, struct arena *scratch)
{
    if (check->value_count > 0)
        buffer_add_text(out, "Alma, Configuration > General > Other Settings:\n");
    for (size_t i = 0; i < check->value_count; i++) {
        buffer_format(out, "    %-22s ", check->values[i].name);
        add_shown(out, scratch, slice_of(check->values[i].value));
        buffer_add_text(out, "\n");
    }
}

static void
write_text(const struct check *check, struct buffer *out)
{
    struct arena *scratch = arena_new();
    size_t warnings = check_count_probes(check, PROBE_WARNING);
    size_t failures = check_count_probes(check, PROBE_FAILURE);

    for (size_t i = 0; i < check->count; i++) {
        write_line(&check->lines[i], out, scratch);
        warnings += finding_kind(check->lines[i].code)->severity == FINDING_WARNING;
    }
    for (size_t i = 0; i < check->probe_count; i++)
        write_probe(&check->probes[i], out, scratch);
    if (check->source) {
        buffer_format(out, "%" PRIu64 " entr%s of '", check->read, check->read == 1 ? "y" : "ies");
        add_shown(out, scratch, slice_of(check->source));
        buffer_format(out,
                      "': %" PRIu64 " would be sent, %" PRIu64 " skipped, %" PRIu64 " rejected; ",
                      check->fit, check->skipped, check->rejected);
    } else if (check->probe_count == 0) {
        buffer_format(out, "%zu mapping%s without faults; ", check->mappings,
                      plural(check->mappings));
    } else if (check->value_count == 0) {
        buffer_add_text(out, "nobody was read; ");
    }
    buffer_format(out, "%zu warning%s", warnings, plural(warnings));
    if (failures > 0)
        buffer_format(out, ", %zu failure%s", failures, plural(failures));
    buffer_add_text(out, "\n");
    write_values(check, out, scratch);
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

static struct json_object *
probe_value(const struct check_probe *probe)
{
    struct json_object *value = json_object_new_object();

    json_add_text(value, "name", slice_of(probe->name));
    json_add_text(value, "verdict", slice_of(probe_verdict_name(probe->verdict)));
    json_add_text(value, "code",
                  probe->verdict == PROBE_FAILURE ? slice_of(error_code_name(probe->code))
                                                  : SLICE_NONE);
    json_add_text(value, "text", probe->text);
    json_add_text(value, "hint", probe->hint.length > 0 ? probe->hint : SLICE_NONE);
    return value;
}

static struct json_object *
values_value(const struct check *check)
{
    struct json_object *values = json_object_new_object();

    for (size_t i = 0; i < check->value_count; i++)
        json_add_text(values, check->values[i].name, slice_of(check->values[i].value));
    return values;
}

static void
write_json(const struct check *check, struct buffer *out)
{
    struct json_object *value = json_object_new_object(), *lines = json_object_new_array(),
                       *probes = json_object_new_array();

    for (size_t i = 0; i < check->count; i++)
        json_object_array_add(lines, line_value(&check->lines[i]));
    json_add_number(value, "mappings", check->mappings);
    json_add_text(value, "source", slice_of(check->source));
    json_add_number(value, "read", check->read);
    json_add_number(value, "skipped", check->skipped);
    json_add_number(value, "rejected", check->rejected);
    json_add_number(value, "fit", check->fit);
    json_object_object_add(value, "findings", lines);
    for (size_t i = 0; i < check->probe_count; i++)
        json_object_array_add(probes, probe_value(&check->probes[i]));
    json_object_object_add(value, "probes", probes);
    if (check->value_count > 0)
        json_object_object_add(value, "alma", values_value(check));
    json_write(out, value, JSON_PAGE);
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

size_t
check_count_probes(const struct check *check, enum probe_verdict verdict)
{
    size_t count = 0;

    for (size_t i = 0; i < check->probe_count; i++)
        count += check->probes[i].verdict == verdict;
    return count;
}
