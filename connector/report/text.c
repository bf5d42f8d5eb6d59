#include "report/content.h"

#include "base/text.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* Of each kind of finding so many are listed; JSON has them all. Of a value so much is shown. */
enum { LISTED_MOST = 100, SHOWN_CHARACTERS = 300 };

/* Everything that comes from outside goes through here. */
static void
add_shown(struct buffer *out, struct arena *scratch, struct slice text)
{
    struct slice shown = text_printable(scratch, text, SHOWN_CHARACTERS);

    buffer_add(out, shown.data, shown.length);
}

/* One indented line "LABEL  TEXT"; nothing where there is no text. */
static void
add_line(struct buffer *out, struct arena *scratch, const char *label, struct slice text)
{
    if (!text.data)
        return;
    buffer_format(out, "    %-9s ", label);
    add_shown(out, scratch, text);
    buffer_add_text(out, "\n");
}

static void
write_head(const struct report *report, struct buffer *out, struct arena *scratch)
{
    char started[REPORT_TIME_BYTES], finished[REPORT_TIME_BYTES];

    report_time(report->started, started);
    report_time(report->finished, finished);
    add_shown(out, scratch, slice_of(report->feed));
    buffer_format(out, ": %s%s\n", report_outcome_name(report->outcome),
                  report->dry_run ? " (a dry run: nothing is delivered)" : "");
    add_line(out, scratch, "mode", slice_of(report->mode));
    add_line(out, scratch, "changes", slice_of(report->changes));
    add_line(out, scratch, "started", slice_of(started));
    add_line(out, scratch, "finished", slice_of(finished));
    add_line(out, scratch, "source", slice_of(report->server));
    add_line(out, scratch, "target", slice_of(report->target));
    add_line(out, scratch, "error", slice_of(report->error));
    add_line(out, scratch, "hint", slice_of(report->hint));
}

static void
write_counts(const struct report *report, struct buffer *out)
{
    const struct report_count_row *row;

    buffer_add_text(out, "\nCounts\n");
    for (size_t i = 0; (row = report_count_row(i)); i++) {
        int indent = (int)(2 * row->depth);
        uint64_t count = report_count(report, row);

        if (count || !row->optional)
            buffer_format(out, "    %*s%-*s %10" PRIu64 "  %s\n", indent, "", 14 - indent,
                          row->name, count, row->help);
    }
}

static int
compare_changed_fields(const void *a, const void *b, void *counts)
{
    size_t first = *(const size_t *)a, second = *(const size_t *)b;
    const uint64_t *of = counts;

    if (of[first] != of[second])
        return of[first] > of[second] ? -1 : 1;
    return (first > second) - (first < second);
}

/* The fields that changed, those of most people first. */
static void
write_changed_fields(const struct report *report, struct buffer *out)
{
    uint64_t counts[USER_FIELDS_MOST];
    size_t order[USER_FIELDS_MOST], count = 0;

    memcpy(counts, report->changed_fields, sizeof counts);
    for (size_t i = 0; i < user_field_count; i++)
        if (counts[i] > 0)
            order[count++] = i;
    if (count > 0)
        buffer_add_text(out, "\nChanged fields\n");
    qsort_r(order, count, sizeof *order, compare_changed_fields, counts);
    for (size_t i = 0; i < count; i++)
        buffer_format(out, "    %-18s %6" PRIu64 " of %" PRIu64 " changed\n",
                      user_fields[order[i]].name, counts[order[i]], report->counts.changed);
}

static void
write_leavers(const struct report *report, struct buffer *out, struct arena *scratch)
{
    uint64_t count = report->leaver_count + report->leavers_omitted;
    size_t listed = report->leaver_count < LISTED_MOST ? report->leaver_count : LISTED_MOST;

    if (count > 0)
        buffer_add_text(out, "\nLeavers\n");
    for (size_t i = 0; i < listed; i++) {
        const struct report_leaver *leaver = &report->leavers[i];

        buffer_add_text(out, "    ");
        add_shown(out, scratch, leaver->match_id);
        buffer_format(out, "  absent from %u complete run%s%s\n", leaver->absent,
                      leaver->absent == 1 ? "" : "s",
                      leaver->expired ? ", gets a last record" : "");
        arena_reset(scratch);
    }
    if (listed < count)
        buffer_format(out, "    and %" PRIu64 " more\n", count - listed);
}

static void
write_packages(const struct report *report, struct buffer *out, struct arena *scratch)
{
    if (report->package_count)
        buffer_add_text(out, "\nPackages\n");
    for (size_t i = 0; i < report->package_count; i++) {
        const struct report_package *package = &report->packages[i];

        buffer_add_text(out, "    ");
        add_shown(out, scratch, slice_of(package->name));
        buffer_format(out, "  %" PRIu64 " record%s, %" PRIu64 " bytes, %s\n", package->records,
                      package->records == 1 ? "" : "s", package->bytes,
                      package->delivered ? "delivered" : "NOT delivered");
    }
}

static void
write_finding(const struct report_finding *finding, struct buffer *out, struct arena *scratch)
{
    buffer_add_text(out, "\n");
    add_line(out, scratch, "DN", finding->dn);
    add_line(out, scratch, "match id", finding->match_id);
    add_line(out, scratch, "field", finding->field);
    add_line(out, scratch, "rule", finding->where);
    add_line(out, scratch, "why", finding->text);
    arena_reset(scratch);
}

static void
write_kind(const struct report *report, enum finding_code code, struct buffer *out,
           struct arena *scratch)
{
    static const char *const fates[] = {
        [FINDING_WARNING] = "sent all the same",
        [FINDING_REJECT] = "rejected",
        [FINDING_HOLD] = "held",
    };
    const struct finding_kind *kind = finding_kind(code);
    const char *fate = finding_is_about_mapping(code) ? "about the mapping" : fates[kind->severity];
    uint64_t seen = report->kinds[code].seen, listed = 0;

    buffer_format(out, "\n%s: %s (%" PRIu64 ", %s)\n", kind->name, kind->help, seen, fate);
    for (size_t i = 0; i < report->finding_count && listed < LISTED_MOST; i++) {
        if (report->findings[i].code != code)
            continue;
        write_finding(&report->findings[i], out, scratch);
        listed++;
    }
    if (listed < seen)
        buffer_format(out, "\n    and %" PRIu64 " more of this kind\n", seen - listed);
}

void
report_write_text(const struct report *report, struct buffer *out)
{
    struct arena *scratch = arena_new();

    write_head(report, out, scratch);
    write_counts(report, out);
    write_changed_fields(report, out);
    write_packages(report, out, scratch);
    write_leavers(report, out, scratch);
    for (int i = 0; i < FINDING_CODE_COUNT; i++)
        if (report->kinds[i].seen)
            write_kind(report, (enum finding_code)i, out, scratch);
    arena_free(scratch);
}
