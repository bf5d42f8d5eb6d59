#include "report/metrics.h"

#include "report/content.h"
#include "report/measure.h"
#include "report/save.h"

#include <inttypes.h>
#include <string.h>

struct metric;

struct writing {
    struct buffer *out;
    const struct report *report;
    const struct status *status; /* NULL: not known */
    const struct metric *metric;
};

/* What a family is told of. */
enum { OF_RUNS = 1, OF_PHOTOS = 2, OF_BOTH = OF_RUNS | OF_PHOTOS, OF_PUSHED = 4 };

struct metric {
    const char *name; /* behind "ldap2alma_", and of photos behind "photos_" */
    const char *help;
    void (*write)(const struct writing *writing);
    unsigned of;
    bool of_state;
};

static const char *
prefix(const struct writing *writing)
{
    return writing->report->photos ? "ldap2alma_photos_" : "ldap2alma_";
}

/* A sample without its value. Feeds, steps, codes and all other labels are words of our own tables,
 * or letters, digits, '-', '_' and '.': nothing needs to be escaped. */
static void
begin_sample(const struct writing *writing, const char *label, const char *value)
{
    buffer_format(writing->out, "%s%s{feed=\"%s\"", prefix(writing), writing->metric->name,
                  writing->report->feed);
    if (label)
        buffer_format(writing->out, ",%s=\"%s\"", label, value);
}

static void
add_number(const struct writing *writing, const char *label, const char *value, uint64_t number)
{
    begin_sample(writing, label, value);
    buffer_format(writing->out, "} %" PRIu64 "\n", number);
}

static void
add_seconds(const struct writing *writing, const char *label, const char *value, double seconds)
{
    uint64_t milliseconds = seconds > 0 ? (uint64_t)(seconds * 1000) : 0;

    begin_sample(writing, label, value);
    /* Not %f, which writes the comma of the caller's locale. */
    buffer_format(writing->out, "} %" PRIu64 ".%03u\n", milliseconds / 1000,
                  (unsigned)(milliseconds % 1000));
}

static void
write_last_run(const struct writing *writing)
{
    add_number(writing, NULL, NULL, (uint64_t)writing->report->finished);
}

static void
write_last_success(const struct writing *writing)
{
    time_t succeeded =
        writing->report->photos ? writing->status->photos.succeeded : writing->status->succeeded;

    add_number(writing, NULL, NULL, (uint64_t)succeeded);
}

static void
write_outcome(const struct writing *writing)
{
    for (int i = REPORT_DONE; i <= REPORT_FAILED; i++)
        add_number(writing, "outcome", report_outcome_name((enum report_outcome)i),
                   writing->report->outcome == (enum report_outcome)i);
}

static void
write_exit(const struct writing *writing)
{
    add_number(writing, NULL, NULL, (uint64_t)error_exit_status(writing->report->code));
}

static void
write_full(const struct writing *writing)
{
    const char *changes = writing->report->changes;

    add_number(writing, NULL, NULL, changes && strcmp(changes, "full") == 0);
}

static void
write_duration(const struct writing *writing)
{
    double seconds = 0;

    for (size_t i = 0; i < writing->report->timing_count; i++)
        seconds += writing->report->timings[i].seconds;
    add_seconds(writing, NULL, NULL, seconds);
}

static void
write_steps(const struct writing *writing)
{
    for (size_t i = 0; i < writing->report->timing_count; i++)
        add_seconds(writing, "step", writing->report->timings[i].step,
                    writing->report->timings[i].seconds);
}

static void
write_counts(const struct writing *writing)
{
    const struct report_count_row *row;

    for (size_t i = 0; (row = report_count_row(writing->report, i)); i++)
        add_number(writing, "kind", row->name, report_count(writing->report, row));
}

static void
write_findings(const struct writing *writing)
{
    for (int i = 0; i < FINDING_CODE_COUNT; i++)
        add_number(writing, "code", finding_kind((enum finding_code)i)->name,
                   writing->report->kinds[i].seen);
}

/* One brake may be held against several fields. */
static void
add_brake(const struct writing *writing, const struct report_brake *brake, uint64_t number)
{
    begin_sample(writing, "brake", brake->name);
    if (brake->field)
        buffer_format(writing->out, ",field=\"%s\"", brake->field);
    buffer_format(writing->out, "} %" PRIu64 "\n", number);
}

static void
write_brake_values(const struct writing *writing)
{
    for (size_t i = 0; i < writing->report->brake_count; i++)
        add_brake(writing, &writing->report->brakes[i], writing->report->brakes[i].value);
}

static void
write_brake_limits(const struct writing *writing)
{
    for (size_t i = 0; i < writing->report->brake_count; i++)
        add_brake(writing, &writing->report->brakes[i], writing->report->brakes[i].limit);
}

static void
write_brake_pulls(const struct writing *writing)
{
    for (size_t i = 0; i < writing->report->brake_count; i++)
        add_brake(writing, &writing->report->brakes[i], writing->report->brakes[i].pulled);
}

static void
write_packages(const struct writing *writing)
{
    const struct report *report = writing->report;
    uint64_t delivered = 0;

    for (size_t i = 0; i < report->package_count; i++)
        delivered += report->packages[i].delivered;
    add_number(writing, NULL, NULL, delivered);
}

static void
write_package_bytes(const struct writing *writing)
{
    const struct report *report = writing->report;
    uint64_t bytes = 0;

    for (size_t i = 0; i < report->package_count; i++)
        bytes += report->packages[i].delivered ? report->packages[i].bytes : 0;
    add_number(writing, NULL, NULL, bytes);
}

static uint64_t
measured(const struct writing *writing, const char *name)
{
    int64_t value;

    (void)measure_find(name)->value(writing->status, writing->report->finished, &value);
    return (uint64_t)value;
}

static void
write_outbox(const struct writing *writing)
{
    add_number(writing, NULL, NULL, measured(writing, "outbox"));
}

static void
write_waiting(const struct writing *writing)
{
    add_number(writing, NULL, NULL, measured(writing, "waiting"));
}

/* A time, as an age would stand still in a file. */
static void
write_oldest_waiting(const struct writing *writing)
{
    uint64_t now = (uint64_t)writing->report->finished;
    bool is_any = measured(writing, "waiting") > 0;

    add_number(writing, NULL, NULL, is_any ? now - measured(writing, "waiting_age") : 0);
}

static void
write_known(const struct writing *writing)
{
    add_number(writing, "state", "known", writing->status->people);
    add_number(writing, "state", "absent", writing->status->absent);
    add_number(writing, "state", "expired", writing->status->expired);
}

static void
write_kept(const struct writing *writing)
{
    add_number(writing, NULL, NULL, writing->status->kept);
}

static void
write_pending(const struct writing *writing)
{
    add_number(writing, NULL, NULL, writing->status->waiting);
}

/* Ever, as a run that has just delivered would always tell of none since. */
static void
write_refused(const struct writing *writing)
{
    add_number(writing, NULL, NULL, writing->status->refused_ever);
}

static void
write_last_refused(const struct writing *writing)
{
    add_number(writing, NULL, NULL, (uint64_t)writing->status->refused_last);
}

static void
write_there(const struct writing *writing)
{
    add_number(writing, NULL, NULL, writing->status->photos.there);
}

static const struct metric metrics[] = {
    {"last_run_timestamp_seconds", "When the last run ended.", write_last_run, OF_BOTH, false},
    {"last_success_timestamp_seconds",
     "When the last run ended that went well; 0 where there was none.", write_last_success, OF_BOTH,
     true},
    {"last_run_outcome", "1 for the outcome of the last run, 0 for the others.", write_outcome,
     OF_BOTH, false},
    {"last_run_exit_status", "Exit status of the last run, see ldap2alma(1).", write_exit, OF_BOTH,
     false},
    {"last_run_full", "1 when the last run was for everybody, 0 when for those who have changed.",
     write_full, OF_RUNS, false},
    {"last_run_duration_seconds", "How long the last run took.", write_duration, OF_BOTH, false},
    {"last_run_step_duration_seconds", "How long the last run took for each of its steps.",
     write_steps, OF_BOTH, false},
    {"last_run_people", "People in the last run, by what became of them.", write_counts, OF_BOTH,
     false},
    {"last_run_findings", "Findings of the last run, by their code.", write_findings, OF_BOTH,
     false},
    {"last_run_brake_value", "What a brake measured in the last run.", write_brake_values, OF_BOTH,
     false},
    {"last_run_brake_limit", "The most that a brake bore in the last run.", write_brake_limits,
     OF_BOTH, false},
    {"last_run_brake_pulled", "1 when the last run went further than a brake bears.",
     write_brake_pulls, OF_BOTH, false},
    {"last_run_delivered_packages", "Packages that the last run delivered.", write_packages,
     OF_RUNS, false},
    {"last_run_delivered_bytes", "Size of the packages that the last run delivered.",
     write_package_bytes, OF_RUNS, false},
    {"outbox_packages", "Packages that are planned or built, and not delivered.", write_outbox,
     OF_RUNS, true},
    {"waiting_packages", "Packages that were delivered, and that Alma was not seen to have taken.",
     write_waiting, OF_RUNS, true},
    {"oldest_waiting_package_timestamp_seconds",
     "When the oldest of these packages was delivered; 0 where there is none.",
     write_oldest_waiting, OF_RUNS, true},
    {"people", "People whom the state knows; of them those who are absent, or have expired.",
     write_known, OF_RUNS, true},
    {"there", "Photos of ours at their server.", write_there, OF_PHOTOS, true},
    {"kept_people", "People who were put, and are kept.", write_kept, OF_PUSHED, true},
    {"pending_people", "People who were put or removed since the last delivery.", write_pending,
     OF_PUSHED, true},
    {"refused_changes", "Changes that put has refused since the first one.", write_refused,
     OF_PUSHED, true},
    {"last_refused_timestamp_seconds", "When it last did; 0 where it never did.",
     write_last_refused, OF_PUSHED, true},
};

void
metrics_write(const struct report *report, const struct status *status, struct buffer *out)
{
    unsigned kinds = report->photos ? OF_PHOTOS : OF_RUNS;

    if (!report->photos && status && status->pushed)
        kinds |= OF_PUSHED;
    for (size_t i = 0; i < sizeof metrics / sizeof metrics[0]; i++) {
        const struct metric *metric = &metrics[i];
        const struct writing writing = {out, report, status, metric};

        if (!(metric->of & kinds) || (metric->of_state && !status))
            continue;
        buffer_format(out, "# HELP %s%s %s%s\n# TYPE %s%s gauge\n", prefix(&writing), metric->name,
                      report->photos ? "Of photos: " : "", metric->help, prefix(&writing),
                      metric->name);
        metric->write(&writing);
    }
}

bool
metrics_save(const struct report *report, const struct status *status, const char *path,
             struct error *err)
{
    struct buffer text = BUFFER_INIT;
    bool ok;

    metrics_write(report, status, &text);
    ok = save_public_text("metrics file", path, &text, err);
    buffer_free(&text);
    return ok;
}
