#include "report/report.h"

#include "report/content.h"

#include <stdlib.h>
#include <string.h>

struct report *
report_new(const char *feed, const char *mode, bool dry_run, time_t started)
{
    struct report *report = memory_zero(1, sizeof *report);

    report->arena = arena_new();
    report->finding_arena = arena_new();
    report->feed = arena_string(report->arena, feed);
    report->mode = arena_string(report->arena, mode);
    report->dry_run = dry_run;
    report->started = started;
    return report;
}

void
report_free(struct report *report)
{
    if (!report)
        return;
    arena_free(report->arena);
    arena_free(report->finding_arena);
    free(report->leavers);
    free(report->packages);
    free(report->brakes);
    free(report->findings);
    free(report->timings);
    free(report);
}

struct report_counts *
report_counts(struct report *report)
{
    return &report->counts;
}

/* A copy of at most REPORT_TEXT_BYTES, cut between characters: 10xxxxxx continues one. */
static struct slice
keep_text(struct arena *arena, struct slice text)
{
    static const char ellipsis[] = "\xe2\x80\xa6";
    size_t length = REPORT_TEXT_BYTES;
    char *copy;

    if (text.length <= length)
        return arena_slice(arena, text);
    while (length > 0 && ((unsigned char)text.data[length] & 0xc0) == 0x80)
        length--;
    copy = arena_bytes(arena, length + sizeof ellipsis);
    memcpy(copy, text.data, length);
    memcpy(copy + length, ellipsis, sizeof ellipsis);
    return (struct slice){copy, length + strlen(ellipsis)};
}

static struct slice
keep_position(struct arena *arena, struct position where)
{
    if (!where.line)
        return SLICE_NONE;
    return slice_of(arena_format(arena, "%s:%u", where.file, where.line));
}

static void
add_finding(void *context, const struct finding *finding)
{
    struct report *report = context;
    struct report_kind *kind = &report->kinds[finding->code];
    struct arena *arena =
        finding_is_about_mapping(finding->code) ? report->arena : report->finding_arena;
    struct report_finding *kept;

    kind->seen++;
    if (kind->kept >= REPORT_FINDINGS_MOST || kind->bytes >= REPORT_FINDINGS_BYTES)
        return;
    memory_grow(&report->findings, &report->finding_capacity, report->finding_count + 1,
                sizeof *report->findings);
    kept = &report->findings[report->finding_count++];
    kept->code = finding->code;
    kept->dn = keep_text(arena, finding->dn);
    kept->match_id = keep_text(arena, finding->match_id);
    kept->field = keep_text(arena, slice_of(finding->field));
    kept->where = keep_position(arena, finding->where);
    kept->text = keep_text(arena, finding->text);
    kind->kept++;
    kind->bytes += kept->dn.length + kept->match_id.length + kept->field.length +
                   kept->where.length + kept->text.length;
}

struct finding_sink
report_sink(struct report *report)
{
    return (struct finding_sink){add_finding, report};
}

void
report_restart(struct report *report)
{
    size_t kept = 0;

    arena_reset(report->finding_arena);
    for (size_t i = 0; i < report->finding_count; i++)
        if (finding_is_about_mapping(report->findings[i].code))
            report->findings[kept++] = report->findings[i];
    report->finding_count = kept;
    for (int i = 0; i < FINDING_CODE_COUNT; i++)
        if (!finding_is_about_mapping((enum finding_code)i))
            report->kinds[i] = (struct report_kind){0};
    report->counts = (struct report_counts){0};
}

void
report_set_source(struct report *report, const char *server, uint64_t referrals, unsigned restarts)
{
    report->server = arena_string(report->arena, server);
    report->referrals = referrals;
    report->restarts = restarts;
}

void
report_set_target(struct report *report, const char *target)
{
    report->target = arena_string(report->arena, target);
}

size_t
report_add_package(struct report *report, const struct report_package *package)
{
    struct report_package *kept;

    memory_grow(&report->packages, &report->package_capacity, report->package_count + 1,
                sizeof *report->packages);
    kept = &report->packages[report->package_count];
    *kept = *package;
    kept->name = arena_string(report->arena, package->name);
    kept->sha256 = arena_string(report->arena, package->sha256);
    return report->package_count++;
}

void
report_set_delivered(struct report *report, size_t index)
{
    report->packages[index].delivered = true;
}

void
report_set_changes(struct report *report, const char *changes)
{
    report->changes = changes;
}

void
report_add_leaver(struct report *report, const struct report_leaver *leaver)
{
    struct report_leaver *kept;

    if (report->leaver_count == REPORT_LEAVERS_MOST) {
        report->leavers_omitted++;
        return;
    }
    memory_grow(&report->leavers, &report->leaver_capacity, report->leaver_count + 1,
                sizeof *report->leavers);
    kept = &report->leavers[report->leaver_count++];
    *kept = *leaver;
    kept->match_id = keep_text(report->arena, leaver->match_id);
}

void
report_set_changed_fields(struct report *report, const uint64_t counts[USER_FIELDS_MOST])
{
    memcpy(report->changed_fields, counts, sizeof report->changed_fields);
}

void
report_add_brake(struct report *report, const struct report_brake *brake)
{
    memory_grow(&report->brakes, &report->brake_capacity, report->brake_count + 1,
                sizeof *report->brakes);
    report->brakes[report->brake_count++] = *brake;
}

void
report_add_timing(struct report *report, const char *step, double seconds)
{
    size_t i = 0;

    while (i < report->timing_count && strcmp(report->timings[i].step, step) != 0)
        i++;
    if (i == report->timing_count) {
        memory_grow(&report->timings, &report->timing_capacity, i + 1, sizeof *report->timings);
        report->timings[report->timing_count++] = (struct report_timing){step, 0};
    }
    report->timings[i].seconds += seconds;
}

void
report_finish(struct report *report, enum report_outcome outcome, const struct error *err,
              time_t finished)
{
    report->outcome = outcome;
    report->finished = finished;
    if (!err || err->code == ERROR_NONE)
        return;
    report->code = err->code;
    report->error = arena_string(report->arena, err->text);
    report->hint = err->hint[0] ? arena_string(report->arena, err->hint) : NULL;
}

bool
report_adds_up(const struct report *report)
{
    const struct report_counts *counts = &report->counts;

    return counts->read ==
           counts->skipped + counts->rejected + counts->held + counts->unchanged + counts->sent;
}

const struct report_count_row *
report_count_row(size_t index)
{
    static const struct report_count_row rows[] = {
        {"read", offsetof(struct report_counts, read), 0, false, "entries of the directory"},
        {"skipped", offsetof(struct report_counts, skipped), 1, false,
         "not selected by the mapping"},
        {"rejected", offsetof(struct report_counts, rejected), 1, false,
         "not good enough for Alma"},
        {"held", offsetof(struct report_counts, held), 1, false, "a person has to decide"},
        {"unchanged", offsetof(struct report_counts, unchanged), 1, false,
         "as Alma has them already"},
        {"sent", offsetof(struct report_counts, sent), 1, false,
         "complete records in the packages"},
        {"new", offsetof(struct report_counts, fresh), 2, true, "not sent before, or back again"},
        {"changed", offsetof(struct report_counts, changed), 2, true, "other than when last sent"},
        {"resent", offsetof(struct report_counts, resent), 2, true,
         "unchanged, and sent all the same"},
        {"leavers", offsetof(struct report_counts, leavers), 0, true, "no longer in the directory"},
        {"expired", offsetof(struct report_counts, expired), 1, true,
         "get a last record, which ends"},
    };

    return index < sizeof rows / sizeof rows[0] ? &rows[index] : NULL;
}

uint64_t
report_count(const struct report *report, const struct report_count_row *row)
{
    uint64_t count;

    memcpy(&count, (const char *)&report->counts + row->at, sizeof count);
    return count;
}

const char *
report_outcome_name(enum report_outcome outcome)
{
    static const char *const names[] = {
        [REPORT_DONE] = "done",
        [REPORT_NOTHING_TO_SEND] = "nothing-to-send",
        [REPORT_STOPPED] = "stopped",
        [REPORT_FAILED] = "failed",
    };

    return names[outcome];
}

void
report_time(time_t seconds, char ret_text[REPORT_TIME_BYTES])
{
    struct tm parts;

    if (seconds == 0 || !gmtime_r(&seconds, &parts) ||
        strftime(ret_text, REPORT_TIME_BYTES, "%Y-%m-%dT%H:%M:%SZ", &parts) == 0)
        ret_text[0] = '\0';
}
