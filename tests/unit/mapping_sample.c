#include "mapping_sample.h"

#include "base/file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void
say(void *context, enum message_level level, const char *text)
{
    struct buffer *out = context;

    if (level != MESSAGE_ERROR)
        return;
    buffer_add_text(out, text);
    buffer_add_text(out, "\n");
}

static void
add_finding(void *context, const struct finding *finding)
{
    struct buffer *out = context;

    buffer_format(out, "finding = %s %s: %.*s\n", finding_kind(finding->code)->name,
                  finding->field ? finding->field : "-", SLICE_ARG(finding->text));
}

void
sample_open(struct sample *sample, struct slice mapping)
{
    const struct finding_sink sink = {add_finding, &sample->findings};
    struct mapping_options options = {"mapping.yaml", {2026, 9, 1}, 1788231600, &sink};
    struct messenger messenger = {say, NULL, &sample->messages};

    memset(sample, 0, sizeof *sample);
    sample->arena = arena_new();
    sample->attributes = attributes_new();
    sample->mapping =
        mapping_parse(&options, mapping, sample->attributes, &messenger, &sample->err);
}

void
sample_close(struct sample *sample)
{
    mapping_free(sample->mapping);
    attributes_free(sample->attributes);
    arena_free(sample->arena);
    buffer_free(&sample->messages);
    buffer_free(&sample->findings);
}

static int
base64_digit(char c)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *at = c ? strchr(digits, c) : NULL;

    return at ? (int)(at - digits) : -1;
}

static struct slice
decode_base64(struct arena *arena, struct slice text)
{
    char *out = arena_bytes(arena, text.length + 1);
    size_t used = 0;
    unsigned bits = 0, held = 0;

    for (size_t i = 0; i < text.length; i++) {
        int digit = base64_digit(text.data[i]);

        if (digit < 0)
            continue;
        held = held << 6 | (unsigned)digit;
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            out[used++] = (char)(held >> bits & 0xff);
        }
    }
    return (struct slice){out, used};
}

/* The next logical line, with what goes on in further lines; false at the end. */
static bool
next_line(struct arena *arena, struct slice text, size_t *at, struct slice *ret_line)
{
    char *out = arena_bytes(arena, text.length - *at + 1);
    size_t used = 0;

    if (*at >= text.length)
        return false;
    do {
        *at += used > 0;
        while (*at < text.length && text.data[*at] != '\n')
            out[used++] = text.data[(*at)++];
        ++*at;
    } while (*at < text.length && text.data[*at] == ' ' && used > 0);
    *ret_line = (struct slice){out, used};
    return true;
}

static void
add_value(struct arena *arena, struct entry_values *slot, struct slice value)
{
    struct slice *values = arena_alloc(arena, (slot->count + 1) * sizeof *values);

    if (slot->count)
        memcpy(values, slot->values, slot->count * sizeof *values);
    values[slot->count++] = value;
    slot->values = values;
}

struct entry
sample_entry(struct sample *sample, struct slice text)
{
    struct entry_values *slots =
        arena_alloc(sample->arena, attributes_count(sample->attributes) * sizeof *slots);
    struct entry entry = {.dn = slice_of(""), .attributes = sample->attributes, .slots = slots};
    struct slice line;
    size_t at = 0;

    while (next_line(sample->arena, text, &at, &line)) {
        const char *colon = line.length ? memchr(line.data, ':', line.length) : NULL;
        struct slice name, value;
        bool encoded;
        int slot;

        if (!colon || line.data[0] == '#')
            continue;
        name = (struct slice){line.data, (size_t)(colon - line.data)};
        value = (struct slice){colon + 1, line.length - name.length - 1};
        encoded = value.length > 0 && value.data[0] == ':';
        while (value.length > 0 && (value.data[0] == ' ' || value.data[0] == ':'))
            value = (struct slice){value.data + 1, value.length - 1};
        if (encoded)
            value = decode_base64(sample->arena, value);
        slot = attributes_find(sample->attributes, name);
        if (slice_equal(name, slice_of("dn")))
            entry.dn = value;
        else if (slot != ATTRIBUTE_NONE)
            add_value(sample->arena, &slots[slot], value);
    }
    return entry;
}

enum mapping_verdict
sample_watch(struct sample *sample, const struct entry *entry, const struct mapping_watch *watch)
{
    struct finding_sink sink = {add_finding, &sample->findings};

    return mapping_apply_watched(sample->mapping, entry, sample->arena, &sample->user, &sink,
                                 watch);
}

enum mapping_verdict
sample_apply(struct sample *sample, const struct entry *entry)
{
    struct finding_sink sink = {add_finding, &sample->findings};

    return mapping_apply(sample->mapping, entry, sample->arena, &sample->user, &sink);
}

static void
render_value(const struct user_value *value, const char *prefix, const char *name,
             struct buffer *out)
{
    if (!value->text.data && value->code_count == 0)
        return;
    buffer_format(out, "%s%s = %.*s", prefix, name, SLICE_ARG(value->text));
    for (size_t i = 0; i < value->code_count; i++)
        buffer_format(out, "%s%.*s", i ? ", " : "", SLICE_ARG(value->codes[i]));
    buffer_add_text(out, "\n");
}

static void
render_items(const struct user_items *list, const struct field *field, struct buffer *out)
{
    for (size_t i = 0; i < list->count; i++) {
        char prefix[64];

        snprintf(prefix, sizeof prefix, "%s[%zu].", field->name, i + 1);
        for (size_t j = 0; j < field->field_count; j++)
            render_value(&list->items[i].values[j], prefix, field->fields[j].name, out);
    }
}

void
sample_render(const struct sample *sample, enum mapping_verdict verdict, struct buffer *out)
{
    const struct user *user = &sample->user;

    if (verdict != MAPPING_MAPPED)
        buffer_add_text(out, verdict == MAPPING_SKIPPED ? "skipped\n" : "rejected\n");
    for (size_t i = 0; i < user_field_count; i++) {
        render_value(&user->values[i], "", user_fields[i].name, out);
        render_items(&user->lists[i], &user_fields[i], out);
    }
    if (user->match_id.data)
        buffer_format(out, "match_id = %.*s\n", SLICE_ARG(user->match_id));
    buffer_add(out, sample->findings.data, sample->findings.length);
}

static void
add_doubt(void *context, const struct finding *finding)
{
    struct buffer *out = context;

    buffer_format(out, "%u:%u %s %s: %.*s\n", finding->where.line, finding->where.column,
                  finding_kind(finding->code)->name, finding->field ? finding->field : "-",
                  SLICE_ARG(finding->text));
}

struct buffer
sample_lint(const struct mapping *mapping)
{
    struct buffer out = BUFFER_INIT;
    const struct finding_sink sink = {add_doubt, &out};

    mapping_lint(mapping, &sink);
    buffer_add(&out, "", 1);
    return out;
}

struct buffer
sample_run(struct slice mapping, struct slice entry)
{
    struct sample sample;
    struct buffer out = BUFFER_INIT;

    sample_open(&sample, mapping);
    if (sample.mapping) {
        struct entry sampled = sample_entry(&sample, entry);

        sample_render(&sample, sample_apply(&sample, &sampled), &out);
    } else {
        buffer_add(&out, sample.messages.data, sample.messages.length);
    }
    sample_close(&sample);
    buffer_add(&out, "", 1);
    out.length--;
    return out;
}

bool
sample_read(struct arena *arena, const char *path, struct slice *ret_text)
{
    struct error err = ERROR_INIT;

    if (file_read(arena, path, 16 * 1024 * 1024, ret_text, &err))
        return true;
    fprintf(stderr, "%s\n", err.text);
    return false;
}
