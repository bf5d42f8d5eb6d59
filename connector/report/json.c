#include "report/content.h"

#include "report/json_text.h"

#include <stdio.h>

/* Writes the value and drops it; NULL is JSON's null. */
static void
write_value(struct buffer *out, struct json_object *value)
{
    json_write(out, value, JSON_FORM);
    json_object_put(value);
}

static void
write_key(struct buffer *out, const char *key)
{
    buffer_format(out, "%s\n  \"%s\": ", out->data[out->length - 1] == '{' ? "" : ",", key);
}

/* The members are written one by one, not as one tree: with many findings the tree would be
 * several times as large as its text. One line an item also suits tools that look at lines. */
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
    json_add_text(value, "code", slice_of(error_code_name(report->code)));
    json_add_text(value, "text", slice_of(report->error));
    json_add_text(value, "hint", slice_of(report->hint));
    return value;
}

static struct json_object *
changed_fields_value(const struct report *report)
{
    struct json_object *object = json_object_new_object();

    for (size_t i = 0; i < user_field_count; i++)
        if (report->changed_fields[i] > 0)
            json_object_object_add(object, user_fields[i].name,
                                   json_object_new_uint64(report->changed_fields[i]));
    return object;
}

static struct json_object *
source_value(const struct report *report)
{
    struct json_object *value;

    if (!report->server)
        return NULL;
    value = json_object_new_object();
    json_add_text(value, "server", slice_of(report->server));
    json_add_number(value, "referrals", report->referrals);
    json_add_number(value, "restarts", report->restarts);
    return value;
}

static struct json_object *
counts_value(const struct report *report)
{
    struct json_object *value = json_object_new_object();
    const struct report_count_row *row;

    for (size_t i = 0; (row = report_count_row(report, i)); i++)
        json_add_number(value, row->name, report_count(report, row));
    return value;
}

static struct json_object *
leaver_value(const struct report *report, size_t index)
{
    const struct report_leaver *leaver = &report->leavers[index];
    struct json_object *value = json_object_new_object();

    json_add_text(value, "match_id", leaver->match_id);
    json_add_number(value, "absent", leaver->absent);
    json_object_object_add(value, "expired", json_object_new_boolean(leaver->expired));
    return value;
}

static struct json_object *
package_value(const struct report *report, size_t index)
{
    const struct report_package *package = &report->packages[index];
    struct json_object *value = json_object_new_object();

    json_add_text(value, "name", slice_of(package->name));
    json_add_number(value, "records", package->records);
    json_add_number(value, "files", package->files);
    json_add_number(value, "bytes", package->bytes);
    json_add_text(value, "sha256", slice_of(package->sha256));
    json_object_object_add(value, "delivered", json_object_new_boolean(package->delivered));
    return value;
}

static struct json_object *
brake_value(const struct report *report, size_t index)
{
    const struct report_brake *brake = &report->brakes[index];
    struct json_object *value = json_object_new_object();
    struct json_object *examples = json_object_new_array();

    json_add_text(value, "name", slice_of(brake->name));
    json_add_number(value, "value", brake->value);
    json_add_number(value, "limit", brake->limit);
    json_object_object_add(value, "pulled", json_object_new_boolean(brake->pulled));
    json_object_object_add(value, "released", json_object_new_boolean(brake->released));
    json_add_text(value, "unit", slice_of(brake->unit));
    json_add_number(value, "of", brake->of);
    json_add_text(value, "bears", slice_of(brake->bears));
    json_add_text(value, "field", slice_of(brake->field));
    json_object_object_add(value, "examples", examples);
    for (size_t i = 0; i < brake->example_count; i++)
        json_object_array_add(examples, json_text(brake->examples[i]));
    return value;
}

static struct json_object *
difference_value(const struct report *report, size_t index)
{
    return difference_json(&report->differences[index]);
}

static struct json_object *
finding_value(const struct report *report, size_t index)
{
    const struct report_finding *finding = &report->findings[index];
    const struct finding_kind *kind = finding_kind(finding->code);
    struct json_object *value = json_object_new_object();

    json_add_text(value, "code", slice_of(kind->name));
    json_add_text(value, "severity", slice_of(finding_severity_name(kind->severity)));
    json_add_text(value, "dn", finding->dn);
    json_add_text(value, "match_id", finding->match_id);
    json_add_text(value, "field", finding->field);
    json_add_text(value, "where", finding->where);
    json_add_text(value, "text", finding->text);
    if (finding->since)
        json_object_object_add(value, "since", time_value(finding->since));
    return value;
}

static struct json_object *
solved_value(const struct report *report, size_t index)
{
    const struct report_solved *solved = &report->solved[index];
    struct json_object *value = json_object_new_object();

    json_add_text(value, "code", slice_of(solved->code));
    json_add_text(value, "how", slice_of(solved->how));
    json_add_text(value, "dn", solved->dn);
    json_add_text(value, "match_id", solved->match_id);
    json_add_text(value, "field", slice_of(solved->field[0] ? solved->field : NULL));
    json_add_text(value, "text", solved->text);
    json_object_object_add(value, "since", time_value(solved->since));
    return value;
}

/* Only the kinds of which some are omitted. */
static struct json_object *
omitted_value(const struct report *report)
{
    struct json_object *value = json_object_new_object();

    for (int i = 0; i < FINDING_CODE_COUNT; i++)
        if (report->kinds[i].seen > report->kinds[i].kept)
            json_add_number(value, finding_kind((enum finding_code)i)->name,
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

static struct json_object *
detect_value(const struct report *report)
{
    const struct report_detect *detect = &report->detect;
    struct json_object *value;

    if (!detect->way)
        return NULL;
    value = json_object_new_object();
    json_add_text(value, "way", slice_of(detect->way));
    json_add_text(value, "read", slice_of(detect->all ? "all" : "changed"));
    json_add_number(value, "named", detect->named);
    json_add_text(value, "reason", slice_of(detect->reason));
    return value;
}

void
report_write_json(const struct report *report, struct buffer *out)
{
    buffer_add_text(out, "{");
    write_member(out, "feed", json_text(slice_of(report->feed)));
    write_member(out, "mode", json_text(slice_of(report->mode)));
    write_member(out, "changes", json_text(slice_of(report->changes)));
    write_member(out, "detect", detect_value(report));
    write_member(out, "dry_run", json_object_new_boolean(report->dry_run));
    write_member(out, "started", time_value(report->started));
    write_member(out, "finished", time_value(report->finished));
    write_member(out, "outcome", json_object_new_string(report_outcome_name(report->outcome)));
    write_member(out, "exit", json_object_new_int(error_exit_status(report->code)));
    write_member(out, "error", error_value(report));
    write_member(out, "counts", counts_value(report));
    write_member(out, "changed_fields", changed_fields_value(report));
    write_member(out, "source", source_value(report));
    write_member(out, "target", json_text(slice_of(report->target)));
    write_list(out, "packages", report, report->package_count, package_value);
    write_member(out, "kept", json_text(slice_of(report->kept)));
    write_list(out, "differences", report, report->difference_count, difference_value);
    write_member(out, "differences_omitted", json_object_new_uint64(report->differences_omitted));
    write_list(out, "leavers", report, report->leaver_count, leaver_value);
    write_member(out, "leavers_omitted", json_object_new_uint64(report->leavers_omitted));
    write_list(out, "findings", report, report->finding_count, finding_value);
    write_member(out, "findings_omitted", omitted_value(report));
    write_list(out, "solved", report, report->solved_count, solved_value);
    write_member(out, "solved_omitted", json_object_new_uint64(report->solved_omitted));
    write_list(out, "brakes", report, report->brake_count, brake_value);
    write_member(out, "timings", timings_value(report));
    buffer_add_text(out, "\n}\n");
}
