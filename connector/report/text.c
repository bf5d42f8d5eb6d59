#include "report/content.h"

#include "base/text.h"
#include "report/page.h"
#include "report/worklist.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* Of each kind of finding so many are listed; JSON has them all. Of a value so much is shown. */
enum { LISTED_MOST = 100, SHOWN_CHARACTERS = 300, DIFFERENCE_COLUMN = 4 };

/* Everything that comes from outside goes through here. */
static void
add_shown_to(struct buffer *out, struct arena *scratch, struct slice text, size_t most)
{
    struct slice shown = text_printable(scratch, text, most);

    buffer_add(out, shown.data, shown.length);
}

static void
add_shown(struct buffer *out, struct arena *scratch, struct slice text)
{
    add_shown_to(out, scratch, text, SHOWN_CHARACTERS);
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

/* The same for a sentence of ours, which is shown whole. */
static void
add_told(struct buffer *out, struct arena *scratch, const char *label, const char *text)
{
    if (!text)
        return;
    buffer_format(out, "    %-9s ", label);
    add_shown_to(out, scratch, slice_of(text), strlen(text));
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
    if (report->detect.way)
        buffer_format(out, "    %-9s %s%s\n", "read",
                      report->detect.all ? "everybody" : "who may have changed, by ",
                      report->detect.all ? "" : report->detect.way);
    add_told(out, scratch, "because", report->detect.reason);
    add_line(out, scratch, "started", slice_of(started));
    add_line(out, scratch, "finished", slice_of(finished));
    add_line(out, scratch, "source", slice_of(report->server));
    add_line(out, scratch, "target", slice_of(report->target));
    add_line(out, scratch, "kept in", slice_of(report->kept));
    add_told(out, scratch, "error", report->error);
    add_told(out, scratch, "hint", report->hint);
}

static void
write_counts(const struct report *report, struct buffer *out)
{
    const struct report_count_row *row;

    buffer_add_text(out, "\nCounts\n");
    for (size_t i = 0; (row = report_count_row(report, i)); i++) {
        int indent = (int)(2 * row->depth);
        uint64_t count = report_count(report, row);

        if (count || !row->optional)
            buffer_format(
                out, "    %*s%-*s %10" PRIu64 "  %s\n", indent, "", 14 - indent, row->name, count,
                report->outcome == REPORT_STOPPED && row->stopped ? row->stopped : row->help);
    }
}

static void
write_brake(const struct report_brake *brake, struct buffer *out, struct arena *scratch)
{
    buffer_format(out, "    %-12s  ", brake->name);
    add_shown(out, scratch, slice_of(brake->says));
    buffer_add_text(out, brake->released ? ": released" : brake->pulled ? ": STOPPED" : "");
    buffer_add_text(out, "\n");
    for (size_t i = 0; i < brake->example_count; i++) {
        buffer_add_text(out, i ? ", " : "                  such as ");
        add_shown(out, scratch, brake->examples[i]);
    }
    buffer_add_text(out, brake->example_count ? "\n" : "");
    arena_reset(scratch);
}

/* Where one was pulled, all that have something to say: what is far from its limit tells as much.
 */
static void
write_brakes(const struct report *report, struct buffer *out, struct arena *scratch)
{
    bool pulled = false;

    for (size_t i = 0; i < report->brake_count; i++)
        pulled |= report->brakes[i].pulled;
    if (!pulled)
        return;
    buffer_add_text(out, "\nBrakes\n");
    for (size_t i = 0; i < report->brake_count; i++)
        if (report->brakes[i].says)
            write_brake(&report->brakes[i], out, scratch);
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
write_differences(const struct report *report, struct buffer *out, struct arena *scratch)
{
    struct page page = {.out = out, .scratch = scratch};

    if (report->difference_count > 0)
        buffer_add_text(out, "\nDifferences\n");
    for (size_t i = 0; i < report->difference_count; i++) {
        const struct difference *difference = &report->differences[i];

        page_line(&page, DIFFERENCE_COLUMN);
        page_text(&page, PAGE_PLAIN,
                  difference->match_id.data ? difference->match_id : slice_of(difference->id));
        page_move(&page, page.column + 2);
        page_words(&page, PAGE_PLAIN, difference->fate);
        page_line(&page, DIFFERENCE_COLUMN + 2);
        page_text(&page, PAGE_PLAIN,
                  difference->dn.data ? difference->dn : slice_of(difference->id));
        difference_write_text(difference, &page, DIFFERENCE_COLUMN + 2);
        page_line(&page, 0);
    }
    if (report->differences_omitted > 0)
        buffer_format(out, "    and of %" PRIu64 " more\n", report->differences_omitted);
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
add_since(struct buffer *out, time_t since)
{
    char text[REPORT_TIME_BYTES];

    report_time(since, text);
    if (text[0])
        buffer_format(out, "    %-9s %s\n", "since", text);
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
    add_since(out, finding->since);
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
    const char *fate = finding_is_about_mapping(code) ? "about the mapping"
                       : report->photos               ? "warning"
                                                      : fates[kind->severity];
    uint64_t seen = report->kinds[code].seen, listed = 0;

    buffer_format(out, "\n%s: %s (%" PRIu64 ", %s)\n", kind->name, kind->help, seen, fate);
    if (kind->severity != FINDING_WARNING || report->photos)
        buffer_format(out, "    %-9s %s\n", "to do", kind->remedy);
    for (size_t i = 0; i < report->finding_count && listed < LISTED_MOST; i++) {
        if (report->findings[i].code != code)
            continue;
        write_finding(&report->findings[i], out, scratch);
        listed++;
    }
    if (listed < seen)
        buffer_format(out, "\n    and %" PRIu64 " more of this kind\n", seen - listed);
}

static void
write_solved(const struct report *report, struct buffer *out, struct arena *scratch)
{
    uint64_t count = report->solved_count + report->solved_omitted;
    size_t listed = report->solved_count < LISTED_MOST ? report->solved_count : LISTED_MOST;

    if (count > 0)
        buffer_format(out, "\nSolved (%" PRIu64 ")\n", count);
    for (size_t i = 0; i < listed; i++) {
        const struct report_solved *solved = &report->solved[i];

        buffer_add_text(out, "\n");
        add_line(out, scratch, "DN", solved->dn);
        add_line(out, scratch, "match id", solved->match_id);
        add_line(out, scratch, "was", solved->text);
        add_since(out, solved->since);
        add_line(out, scratch, "now", slice_of(worklist_solved_words(solved->how)));
        arena_reset(scratch);
    }
    if (listed < count)
        buffer_format(out, "\n    and %" PRIu64 " more\n", count - listed);
}

void
report_write_text(const struct report *report, struct buffer *out)
{
    struct arena *scratch = arena_new();

    write_head(report, out, scratch);
    write_counts(report, out);
    write_brakes(report, out, scratch);
    write_changed_fields(report, out);
    write_packages(report, out, scratch);
    write_leavers(report, out, scratch);
    write_differences(report, out, scratch);
    for (int i = 0; i < FINDING_CODE_COUNT; i++)
        if (report->kinds[i].seen)
            write_kind(report, (enum finding_code)i, out, scratch);
    write_solved(report, out, scratch);
    arena_free(scratch);
}
