#include "report/report.h"

#include "base/text.h"
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
    free(report->differences);
    free(report->brakes);
    free(report->findings);
    free(report->solved);
    free(report->timings);
    free(report);
}

struct report_counts *
report_counts(struct report *report)
{
    return &report->counts;
}

void
report_set_photos(struct report *report)
{
    report->photos = true;
}

bool
report_is_of_photos(const struct report *report)
{
    return report->photos;
}

static struct slice
keep_text(struct arena *arena, struct slice text)
{
    return text_cut(arena, text, REPORT_TEXT_BYTES);
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
    kept->key = arena_slice(arena, finding->key);
    kept->since = 0;
    kept->dn = keep_text(arena, finding->dn);
    kept->match_id = keep_text(arena, finding->match_id);
    kept->field = keep_text(arena, slice_of(finding->field));
    kept->where = keep_position(arena, finding->where);
    kept->text = keep_text(arena, finding->text);
    kind->kept++;
    kind->bytes += kept->dn.length + kept->match_id.length + kept->field.length +
                   kept->where.length + kept->text.length;
}

static bool
is_work(enum finding_code code)
{
    return finding_kind(code)->severity != FINDING_WARNING;
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
report_set_detect(struct report *report, const struct report_detect *detect)
{
    report->detect = *detect;
    report->detect.reason = detect->reason ? arena_string(report->arena, detect->reason) : NULL;
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
report_date_findings(struct report *report,
                     time_t (*since)(void *context, const struct report_finding *finding),
                     void *context)
{
    report->listed = true;
    for (size_t i = 0; i < report->finding_count; i++)
        if (is_work(report->findings[i].code))
            report->findings[i].since = since(context, &report->findings[i]);
}

void
report_add_solved(struct report *report, const struct report_solved *solved)
{
    struct report_solved *kept;

    if (report->solved_count == REPORT_SOLVED_MOST) {
        report->solved_omitted++;
        return;
    }
    memory_grow(&report->solved, &report->solved_capacity, report->solved_count + 1,
                sizeof *report->solved);
    kept = &report->solved[report->solved_count++];
    *kept = *solved;
    kept->code = arena_string(report->arena, solved->code);
    kept->field = arena_string(report->arena, solved->field);
    kept->key = arena_slice(report->arena, solved->key);
    kept->dn = keep_text(report->arena, solved->dn);
    kept->match_id = keep_text(report->arena, solved->match_id);
    kept->text = keep_text(report->arena, solved->text);
}

bool
report_list_work(const struct report *report, struct report_work *ret_work)
{
    *ret_work = (struct report_work){
        .findings = report->findings,
        .finding_count = report->finding_count,
        .solved = report->solved,
        .solved_count = report->solved_count,
        .omitted = report->solved_omitted,
        .started = report->started,
    };
    for (int i = 0; i < FINDING_CODE_COUNT; i++)
        if (is_work((enum finding_code)i))
            ret_work->omitted += report->kinds[i].seen - report->kinds[i].kept;
    return report->listed;
}

void
report_add_brake(struct report *report, const struct report_brake *brake)
{
    struct report_brake *kept;
    struct slice *examples;

    memory_grow(&report->brakes, &report->brake_capacity, report->brake_count + 1,
                sizeof *report->brakes);
    kept = &report->brakes[report->brake_count++];
    *kept = *brake;
    kept->bears = brake->bears ? arena_string(report->arena, brake->bears) : NULL;
    kept->says = brake->says ? arena_string(report->arena, brake->says) : NULL;
    examples = arena_alloc(report->arena, brake->example_count * sizeof *examples);
    for (size_t i = 0; i < brake->example_count; i++)
        examples[i] = keep_text(report->arena, brake->examples[i]);
    kept->examples = examples;
}

size_t
report_list_people(const struct report *report, enum finding_severity severity, size_t most,
                   struct slice *ret_who)
{
    size_t count = 0;

    for (size_t i = 0; i < report->finding_count && count < most; i++) {
        const struct report_finding *finding = &report->findings[i];
        struct slice who = finding->dn.data ? finding->dn : finding->match_id;
        size_t j = 0;

        if (finding_kind(finding->code)->severity != severity || !who.data)
            continue;
        while (j < count && !slice_equal(ret_who[j], who))
            j++;
        if (j == count)
            ret_who[count++] = who;
    }
    return count;
}

void
report_add_difference(struct report *report, const struct difference *difference)
{
    if (report->difference_count == REPORT_DIFFERENCES_MOST) {
        report->differences_omitted++;
        return;
    }
    memory_grow(&report->differences, &report->difference_capacity, report->difference_count + 1,
                sizeof *report->differences);
    report->differences[report->difference_count++] = *difference;
}

struct arena *
report_arena(struct report *report)
{
    return report->arena;
}

void
report_set_kept(struct report *report, const char *folder)
{
    report->kept = arena_string(report->arena, folder);
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

enum report_outcome
report_outcome(const struct report *report)
{
    return report->outcome;
}

enum error_code
report_error(const struct report *report)
{
    return report->code;
}

bool
report_adds_up(const struct report *report)
{
    const struct report_counts *counts = &report->counts;
    const struct report_photo_counts *photos = &counts->photos;

    if (report->photos)
        return counts->read == counts->skipped + counts->rejected + counts->held + photos->current +
                                   photos->added + photos->replaced + photos->without +
                                   photos->unnamed + photos->refused + photos->unread +
                                   photos->foreign + photos->unsent;
    return counts->read ==
           counts->skipped + counts->rejected + counts->held + counts->unchanged + counts->sent;
}

#define PHOTOS(member) offsetof(struct report_counts, photos.member)

static const struct report_count_row *
photo_row(size_t index)
{
    static const struct report_count_row rows[] = {
        {"read", offsetof(struct report_counts, read), 0, false, "entries of the directory", NULL},
        {"skipped", offsetof(struct report_counts, skipped), 1, false,
         "not selected by the mapping", NULL},
        {"rejected", offsetof(struct report_counts, rejected), 1, false, "have no record", NULL},
        {"held", offsetof(struct report_counts, held), 1, false, "a person has to decide", NULL},
        {"current", PHOTOS(current), 1, false, "have their photo already", NULL},
        {"added", PHOTOS(added), 1, false, "got a photo", "would have, but did not"},
        {"replaced", PHOTOS(replaced), 1, false, "got another photo", "would have, but did not"},
        {"without", PHOTOS(without), 1, false, "have no picture", NULL},
        {"unnamed", PHOTOS(unnamed), 1, true, "no file can be named for them", NULL},
        {"refused", PHOTOS(refused), 1, true, "no photo can be made of the picture", NULL},
        {"unread", PHOTOS(unread), 1, true, "the picture could not be read", NULL},
        {"foreign", PHOTOS(foreign), 1, true, "another file has the photo's name", NULL},
        {"unsent", PHOTOS(unsent), 1, true, "the server does not take the photo", NULL},
        {"removed", PHOTOS(removed), 0, false, "photos that were taken away",
         "would have been, but were not"},
        {"waiting", PHOTOS(waiting), 0, true, "photos that are to go when their time is over",
         NULL},
    };

    return index < sizeof rows / sizeof rows[0] ? &rows[index] : NULL;
}

const struct report_count_row *
report_count_row(const struct report *report, size_t index)
{
    static const struct report_count_row rows[] = {
        {"read", offsetof(struct report_counts, read), 0, false, "entries of the directory", NULL},
        {"skipped", offsetof(struct report_counts, skipped), 1, false,
         "not selected by the mapping", NULL},
        {"rejected", offsetof(struct report_counts, rejected), 1, false, "not good enough for Alma",
         NULL},
        {"held", offsetof(struct report_counts, held), 1, false, "a person has to decide", NULL},
        {"unchanged", offsetof(struct report_counts, unchanged), 1, false,
         "as Alma has them already", NULL},
        {"sent", offsetof(struct report_counts, sent), 1, false, "complete records in the packages",
         "would have been, but nothing was"},
        {"new", offsetof(struct report_counts, fresh), 2, true, "not sent before, or back again",
         NULL},
        {"changed", offsetof(struct report_counts, changed), 2, true, "other than when last sent",
         NULL},
        {"resent", offsetof(struct report_counts, resent), 2, true,
         "unchanged, and sent all the same", NULL},
        {"leavers", offsetof(struct report_counts, leavers), 0, true, "no longer in the directory",
         NULL},
        {"expired", offsetof(struct report_counts, expired), 1, true,
         "get a last record, which ends", "would have got a last record"},
    };

    if (report->photos)
        return photo_row(index);
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
