#include "base/text.h"
#include "report/content.h"
#include "report/page.h"
#include "report/status.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { INDENT = 2, DETAIL = 4, COLUMN_GAP = 2, COUNT_COLUMNS = 10 };

static void put(struct page *page, enum page_style style, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void
put(struct page *page, enum page_style style, const char *format, ...)
{
    char text[256];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    page_words(page, style, text);
}

static const char *
plural(uint64_t count)
{
    return count == 1 ? "" : "s";
}

static void
put_time(struct page *page, enum page_style style, time_t seconds)
{
    char text[REPORT_TIME_BYTES];

    report_time(seconds, text);
    page_words(page, style, text);
}

static void
put_duration(struct page *page, long long seconds)
{
    if (seconds < 0)
        put(page, PAGE_PLAIN, "-");
    else if (seconds < 120)
        put(page, PAGE_PLAIN, "%lld s", seconds);
    else if (seconds < 2 * 3600)
        put(page, PAGE_PLAIN, "%lld min %lld s", seconds / 60, seconds % 60);
    else
        put(page, PAGE_PLAIN, "%lld h %lld min", seconds / 3600, seconds / 60 % 60);
}

static enum page_style
outcome_style(const struct status_run *run)
{
    if (run->at_work)
        return PAGE_NAME;
    return run->finished && run->exit_status == 0 ? PAGE_GOOD : PAGE_BAD;
}

static void
write_run_counts(struct page *page, const struct status_run *run)
{
    const struct {
        const char *name;
        uint64_t count;
    } counts[] = {
        {"read", run->read},
        {"sent", run->sent},
        {"unchanged", run->unchanged},
        {"skipped", run->skipped},
        {"held", run->held},
        {"rejected", run->rejected},
        {"no longer there", run->leavers},
    };
    const char *between = "";

    if (run->read == 0)
        return;
    page_line(page, DETAIL);
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        if (counts[i].count == 0)
            continue;
        put(page, PAGE_PLAIN, "%s%" PRIu64 " ", between, counts[i].count);
        page_words(page, PAGE_DIM, counts[i].name);
        between = ", ";
    }
}

static void
write_run(struct page *page, const struct status_run *run)
{
    unsigned column = INDENT;

    page_line(page, column);
    put_time(page, PAGE_PLAIN, run->started);
    page_move(page, column += sizeof "2026-09-01T03:00:00Z" + 1);
    put_duration(page, run->finished ? (long long)(run->finished - run->started) : -1);
    page_move(page, column += sizeof "59 min 59 s" + 1);
    page_words(page, PAGE_PLAIN, run->mode);
    page_move(page, column += sizeof "synchronize" + 1);
    page_words(page, PAGE_PLAIN, run->full ? "full" : "changed");
    page_move(page, column + sizeof "changed" + 1);
    page_words(page, outcome_style(run), run->outcome);
    if (run->exit_status != 0)
        put(page, PAGE_DIM, " (exit %d)", run->exit_status);
    write_run_counts(page, run);
    if (run->error[0]) {
        page_line(page, DETAIL);
        page_words(page, PAGE_BAD, run->error);
    }
}

static void
write_runs(struct page *page, const struct status *status)
{
    page_heading(page, "Last runs");
    if (status->run_count == 0) {
        page_line(page, INDENT);
        page_words(page, PAGE_DIM, "none");
    }
    for (size_t i = 0; i < status->run_count; i++)
        write_run(page, &status->runs[i]);
    if (status->read_all == 0)
        return;
    page_line(page, INDENT);
    page_words(page, PAGE_DIM, "everybody was read last at ");
    put_time(page, PAGE_DIM, status->read_all);
}

static void
write_count(struct page *page, uint64_t count, const char *what)
{
    page_line(page, 0);
    put(page, PAGE_PLAIN, "%*" PRIu64, COUNT_COLUMNS, count);
    page_move(page, COUNT_COLUMNS + COLUMN_GAP);
    page_words(page, PAGE_PLAIN, what);
}

/* How long they wait yet for their last record. */
static void
write_leavers(struct page *page, const struct status *status, const struct status_leavers *group)
{
    page_line(page, 0);
    put(page, PAGE_DIM, "%*" PRIu64, COUNT_COLUMNS + DETAIL, group->people);
    page_move(page, COUNT_COLUMNS + DETAIL + COLUMN_GAP);
    put(page, PAGE_DIM, "absent from %u complete run%s", group->absent, plural(group->absent));
    if (status->grace == 0)
        return;
    if (group->absent >= status->grace)
        page_words(page, PAGE_WARNING, ": the last record is due, or not known");
    else if (group->absent + 1 == status->grace)
        page_words(page, PAGE_DIM, ": the next one sends the last record");
    else
        put(page, PAGE_DIM, ": the last record goes out after %u more",
            status->grace - group->absent);
}

static void
write_people(struct page *page, const struct status *status)
{
    page_heading(page, "People");
    write_count(page, status->people - status->expired, "delivered to Alma");
    if (status->absent > 0)
        write_count(page, status->absent,
                    status->grace ? "of these no longer in the directory"
                                  : "of these no longer in the directory; they stay in Alma");
    for (size_t i = 0; i < status->leaver_count; i++)
        write_leavers(page, status, &status->leavers[i]);
    if (status->expired > 0)
        write_count(page, status->expired, "others have left: Alma has their last record");
    if (status->pushed) {
        write_count(page, status->kept, "were put, and are kept");
        write_count(page, status->waiting, "put or removed since the last delivery");
        if (status->refused > 0)
            write_count(page, status->refused, "changes refused since the last delivery");
    }
}

struct words {
    enum page_style style;
    const char *text;
};

static struct words
outbox_words(const struct status *status, const struct status_package *package)
{
    static const struct words renaming[STATUS_PLACE_COUNT] = {
        [STATUS_UNKNOWN] = {PAGE_WARNING, "the next run finds out whether it arrived"},
        [STATUS_NOWHERE] = {PAGE_WARNING, "the next run finds out whether it arrived"},
        [STATUS_WAITING] = {PAGE_WARNING, "it arrived; the next run takes note of it"},
        [STATUS_TAKEN] = {PAGE_WARNING, "it arrived; the next run takes note of it"},
        [STATUS_FOREIGN] = {PAGE_BAD, "another file has its name: look at it"},
    };

    if (status->pid != 0)
        return (struct words){PAGE_NAME, "the run at work delivers it"};
    if (strcmp(package->fate, "planned") == 0)
        return (struct words){PAGE_WARNING, "never delivered; the next run sends its people"};
    return renaming[package->place];
}

static struct words
package_words(const struct status *status, const struct status_package *package)
{
    static const struct words words[STATUS_PLACE_COUNT] = {
        [STATUS_UNKNOWN] = {PAGE_DIM, "not seen taken yet"},
        [STATUS_NOWHERE] = {PAGE_GOOD, "taken, and gone from there"},
        [STATUS_WAITING] = {PAGE_WARNING, "waits for Alma"},
        [STATUS_TAKEN] = {PAGE_GOOD, "taken by Alma"},
        [STATUS_FOREIGN] = {PAGE_BAD, "another file has its name"},
    };

    (void)status;
    return words[package->place];
}

static void
write_packages(struct page *page, const struct status *status,
               const struct status_package *packages, size_t count,
               struct words (*words_of)(const struct status *status,
                                        const struct status_package *package))
{
    unsigned width = 0;

    for (size_t i = 0; i < count; i++) {
        size_t columns = text_columns(slice_of(packages[i].name));

        if (columns > width)
            width = (unsigned)columns;
    }
    for (size_t i = 0; i < count; i++) {
        struct words words = words_of(status, &packages[i]);

        if (i == 0 || strcmp(packages[i].target, packages[i - 1].target) != 0) {
            page_line(page, INDENT);
            page_words(page, PAGE_DIM, "to");
            page_move(page, 0);
            page_words(page, PAGE_DIM, packages[i].target);
        }
        page_line(page, INDENT);
        page_words(page, PAGE_NAME, packages[i].name);
        page_move(page, INDENT + width + COLUMN_GAP);
        put(page, PAGE_PLAIN, "%" PRIu64 " record%s", packages[i].records,
            plural(packages[i].records));
        page_line(page, DETAIL);
        put_time(page, PAGE_DIM, packages[i].changed);
        page_move(page, page->column + COLUMN_GAP);
        page_words(page, words.style, words.text);
        if (packages[i].taken_as) {
            page_move(page, 0);
            page_words(page, PAGE_DIM, "as");
            page_move(page, 0);
            page_words(page, PAGE_DIM, packages[i].taken_as);
        }
    }
}

static void
write_deliveries(struct page *page, const struct status *status)
{
    page_heading(page, "Outbox");
    write_packages(page, status, status->outbox, status->outbox_count, outbox_words);
    if (status->outbox_count == 0) {
        page_line(page, INDENT);
        page_words(page, PAGE_DIM, "empty");
    }
    if (status->package_count > 0)
        page_heading(page, "Delivered");
    write_packages(page, status, status->packages, status->package_count, package_words);
    if (status->unreachable) {
        page_line(page, INDENT);
        page_words(page, PAGE_BAD, "This is what was seen last, as nobody could be asked.");
    }
}

static void
write_photos(struct page *page, const struct status_photos *photos)
{
    if (photos->started == 0)
        return;
    page_heading(page, "Photos");
    write_count(page, photos->there, "at their server");
    page_line(page, INDENT);
    put_time(page, PAGE_DIM, photos->started);
    page_move(page, page->column + COLUMN_GAP);
    page_words(page, photos->exit_status ? PAGE_BAD : PAGE_PLAIN, photos->outcome);
    page_move(page, page->column + COLUMN_GAP);
    put(page, PAGE_PLAIN,
        "%" PRIu64 " added, %" PRIu64 " replaced, %" PRIu64 " removed, %" PRIu64 " finding%s",
        photos->added, photos->replaced, photos->removed, photos->findings,
        plural(photos->findings));
    if (photos->error[0]) {
        page_line(page, DETAIL);
        page_words(page, PAGE_BAD, photos->error);
    }
}

static void
write_head(struct page *page, const struct status *status)
{
    page_words(page, PAGE_BOLD, status->feed);
    if (status->pid != 0) {
        put(page, PAGE_NAME, ": a run is at work (pid %ld, since ", status->pid);
        put_time(page, PAGE_NAME, status->since);
        page_words(page, PAGE_NAME, ")");
    }
    page_line(page, INDENT);
    page_words(page, PAGE_DIM, status->known ? "state" : "there is no state yet:");
    page_move(page, 0);
    page_words(page, PAGE_DIM, status->state);
}

static void
write_all(const struct status *status, unsigned width, bool color, struct buffer *out)
{
    struct page page = {out, arena_new(), width, color, 0};

    write_head(&page, status);
    if (status->known) {
        write_runs(&page, status);
        write_people(&page, status);
        write_photos(&page, &status->photos);
        write_deliveries(&page, status);
    } else if (status->pushed) {
        write_people(&page, status);
    }
    page_line(&page, 0);
    arena_free(page.scratch);
}

void
status_write_text(const struct status *status, unsigned width, struct buffer *out)
{
    write_all(status, width, false, out);
}

void
status_write_color(const struct status *status, unsigned width, struct buffer *out)
{
    write_all(status, width, true, out);
}
