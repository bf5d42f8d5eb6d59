#include "report/content.h"

#include "base/text.h"

#include <json-c/json.h>
#include <stdio.h>

/* The members are written one by one, not as one tree: with many findings the tree would be
 * several times as large as its text. One line an item also suits tools that look at lines. */
enum { FORM = JSON_C_TO_STRING_SPACED | JSON_C_TO_STRING_NOSLASHESCAPE };

/* How many bytes the character has that begins with this byte (RFC 3629 section 3). */
static size_t
character_length(char first)
{
    unsigned char byte = (unsigned char)first;

    return byte < 0xc0 ? 1 : byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
}

/* JSON is UTF-8 (RFC 8259 section 8.1): each byte that is none becomes U+FFFD. */
static struct json_object *
mended_text(struct slice text)
{
    struct buffer mended = BUFFER_INIT;
    struct json_object *value;

    for (size_t at = 0, length; at < text.length; at += length) {
        length = character_length(text.data[at]);
        if (length <= text.length - at && text_is_utf8((struct slice){text.data + at, length})) {
            buffer_add(&mended, text.data + at, length);
        } else {
            buffer_add_text(&mended, "\xef\xbf\xbd");
            length = 1;
        }
    }
    value = json_object_new_string_len(mended.data, (int)mended.length);
    buffer_free(&mended);
    return value;
}

static struct json_object *
text_value(struct slice text)
{
    if (!text.data)
        return NULL;
    if (!text_is_utf8(text))
        return mended_text(text);
    return json_object_new_string_len(text.data, (int)text.length);
}

static void
add_text(struct json_object *object, const char *key, struct slice text)
{
    json_object_object_add(object, key, text_value(text));
}

static void
add_number(struct json_object *object, const char *key, uint64_t number)
{
    json_object_object_add(object, key, json_object_new_uint64(number));
}

/* Writes the value and drops it; NULL is JSON's null. */
static void
write_value(struct buffer *out, struct json_object *value)
{
    buffer_add_text(out, json_object_to_json_string_ext(value, FORM));
    json_object_put(value);
}

static void
write_key(struct buffer *out, const char *key)
{
    buffer_format(out, "%s\n  \"%s\": ", out->data[out->length - 1] == '{' ? "" : ",", key);
}

static void
write_member(struct buffer *out, const char *key, struct json_object *value)
{
    write_key(out, key);
    write_value(out, value);
}

static void
write_list(struct buffer *out, const char *key, const struct report *report, size_t count,
           struct json_object *(*item)(const struct report *report, size_t index))
{
    write_key(out, key);
    buffer_add_text(out, "[");
    for (size_t i = 0; i < count; i++) {
        buffer_add_text(out, i ? ",\n    " : "\n    ");
        write_value(out, item(report, i));
    }
    buffer_add_text(out, count ? "\n  ]" : "]");
}

static struct json_object *
time_value(time_t seconds)
{
    char text[REPORT_TIME_BYTES];

    report_time(seconds, text);
    return text[0] ? json_object_new_string(text) : NULL;
}

static struct json_object *
error_value(const struct report *report)
{
    struct json_object *value;

    if (!report->error)
        return NULL;
    value = json_object_new_object();
    add_text(value, "code", slice_of(error_code_name(report->code)));
    add_text(value, "text", slice_of(report->error));
    add_text(value, "hint", slice_of(report->hint));
    return value;
}

static struct json_object *
source_value(const struct report *report)
{
    struct json_object *value;

    if (!report->server)
        return NULL;
    value = json_object_new_object();
    add_text(value, "server", slice_of(report->server));
    add_number(value, "referrals", report->referrals);
    add_number(value, "restarts", report->restarts);
    return value;
}

static struct json_object *
counts_value(const struct report *report)
{
    struct json_object *value = json_object_new_object();
    const struct report_count_row *row;

    for (size_t i = 0; (row = report_count_row(i)); i++)
        add_number(value, row->name, report_count(report, row));
    return value;
}

static struct json_object *
package_value(const struct report *report, size_t index)
{
    const struct report_package *package = &report->packages[index];
    struct json_object *value = json_object_new_object();

    add_text(value, "name", slice_of(package->name));
    add_number(value, "records", package->records);
    add_number(value, "files", package->files);
    add_number(value, "bytes", package->bytes);
    add_text(value, "sha256", slice_of(package->sha256));
    json_object_object_add(value, "delivered", json_object_new_boolean(package->delivered));
    return value;
}

static struct json_object *
brake_value(const struct report *report, size_t index)
{
    const struct report_brake *brake = &report->brakes[index];
    struct json_object *value = json_object_new_object();

    add_text(value, "name", slice_of(brake->name));
    add_number(value, "value", brake->value);
    add_number(value, "limit", brake->limit);
    json_object_object_add(value, "pulled", json_object_new_boolean(brake->pulled));
    return value;
}

static struct json_object *
finding_value(const struct report *report, size_t index)
{
    const struct report_finding *finding = &report->findings[index];
    const struct finding_kind *kind = finding_kind(finding->code);
    struct json_object *value = json_object_new_object();

    add_text(value, "code", slice_of(kind->name));
    add_text(value, "severity", slice_of(finding_severity_name(kind->severity)));
    add_text(value, "dn", finding->dn);
    add_text(value, "match_id", finding->match_id);
    add_text(value, "field", finding->field);
    add_text(value, "where", finding->where);
    add_text(value, "text", finding->text);
    return value;
}

/* Only the kinds of which some are omitted. */
static struct json_object *
omitted_value(const struct report *report)
{
    struct json_object *value = json_object_new_object();

    for (int i = 0; i < FINDING_CODE_COUNT; i++)
        if (report->kinds[i].seen > report->kinds[i].kept)
            add_number(value, finding_kind((enum finding_code)i)->name,
                       report->kinds[i].seen - report->kinds[i].kept);
    return value;
}

static struct json_object *
timings_value(const struct report *report)
{
    struct json_object *value = json_object_new_object();
    char seconds[64];

    for (size_t i = 0; i < report->timing_count; i++) {
        const struct report_timing *timing = &report->timings[i];

        snprintf(seconds, sizeof seconds, "%.3f", timing->seconds);
        json_object_object_add(value, timing->step,
                               json_object_new_double_s(timing->seconds, seconds));
    }
    return value;
}

void
report_write_json(const struct report *report, struct buffer *out)
{
    buffer_add_text(out, "{");
    write_member(out, "feed", text_value(slice_of(report->feed)));
    write_member(out, "mode", text_value(slice_of(report->mode)));
    write_member(out, "dry_run", json_object_new_boolean(report->dry_run));
    write_member(out, "started", time_value(report->started));
    write_member(out, "finished", time_value(report->finished));
    write_member(out, "outcome", json_object_new_string(report_outcome_name(report->outcome)));
    write_member(out, "exit", json_object_new_int(error_exit_status(report->code)));
    write_member(out, "error", error_value(report));
    write_member(out, "counts", counts_value(report));
    write_member(out, "source", source_value(report));
    write_member(out, "target", text_value(slice_of(report->target)));
    write_list(out, "packages", report, report->package_count, package_value);
    write_list(out, "findings", report, report->finding_count, finding_value);
    write_member(out, "findings_omitted", omitted_value(report));
    write_list(out, "brakes", report, report->brake_count, brake_value);
    write_member(out, "timings", timings_value(report));
    buffer_add_text(out, "\n}\n");
}
