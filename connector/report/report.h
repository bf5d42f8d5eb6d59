/* report: what one run did, in numbers and findings, for people and for programs.
 *
 * Order of use: report_new() at the run's beginning; count and collect while it goes on;
 * report_finish(); then render it in a format, as often as one likes. One thread at a time.
 *
 * Promise 6 of the design is kept here: report_adds_up() holds the counts against each other.
 *
 * Memory is bounded whatever a directory holds: of each kind of finding the first
 * REPORT_FINDINGS_MOST are kept, and no more than REPORT_FINDINGS_BYTES of their texts, each cut
 * after REPORT_TEXT_BYTES; the others are only counted ("findings_omitted"). So a flood of one
 * kind hides none of another. Of leavers the first REPORT_LEAVERS_MOST are kept, of what is solved
 * the first REPORT_SOLVED_MOST, of differences the first REPORT_DIFFERENCES_MOST.
 *
 * Values of the directory are kept as they are. JSON escapes them, and bytes that are no UTF-8
 * become U+FFFD there; the text shows control characters and bidirectional overrides as \xNN.
 */
#ifndef REPORT_REPORT_H
#define REPORT_REPORT_H

#include "base/buffer.h"
#include "base/error.h"
#include "model/finding.h"
#include "model/user_fields.h"
#include "report/difference.h"

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

struct report;

enum {
    REPORT_DIFFERENCES_MOST = 1000,
    REPORT_FINDINGS_MOST = 10000,
    REPORT_FINDINGS_BYTES = 2 * 1024 * 1024,
    REPORT_LEAVERS_MOST = 10000,
    REPORT_SOLVED_MOST = 10000,
    REPORT_TEXT_BYTES = 2000
};

enum report_outcome { REPORT_DONE, REPORT_NOTHING_TO_SEND, REPORT_STOPPED, REPORT_FAILED };

/* People; read = skipped + rejected + held + unchanged + sent. */
struct report_counts {
    uint64_t read, skipped, rejected, held, unchanged, sent;
    uint64_t fresh, changed, resent; /* of those sent ("new", "changed", "resent") */
    uint64_t leavers;
    uint64_t expired; /* of those leavers: a last record goes out */
    /* Of a run of photos in place of all from `unchanged` on: people, in one of these … */
    struct report_photo_counts {
        uint64_t current, added, replaced, without, unnamed, refused, unread, foreign, unsent;
        uint64_t removed, waiting; /* … and photos */
    } photos;
};

/* The texts are copied. */
struct report_package {
    const char *name;
    uint64_t records, files, bytes;
    const char *sha256;
    bool delivered;
};

/* Somebody who is no longer in the directory. */
struct report_leaver {
    struct slice match_id;
    unsigned absent; /* complete runs in a row, this one among them */
    bool expired;    /* the last record goes out */
};

/* A finding that is kept; absent texts are SLICE_NONE. */
struct report_finding {
    enum finding_code code;
    struct slice key, dn, match_id, field, where, text;
    time_t since; /* the beginning of the run that met it first; 0: not known, or a warning */
};

/* What was the matter with somebody at the run before, and is no more; constant or copied. */
struct report_solved {
    const char *code, *field; /* the finding's; "" where no field is concerned */
    struct slice key, dn, match_id, text;
    time_t since;
    const char *how; /* "fit", "skipped", "gone", "over" (worklist.h); constant */
};

/* A guard over the whole feed: what it measured, and the limit that it is held against. */
struct report_brake {
    const char *name;  /* constant */
    const char *field; /* the one that is lost; constant, or NULL */
    const char *unit;  /* what is counted: "people", "searches"; constant */
    const char *bears; /* the limit as in the settings: "5%"; NULL: the limit itself */
    const char *says;  /* a sentence with value and limit; NULL: there is nothing to say */
    uint64_t value, limit;
    uint64_t of;                  /* what a percentage is of */
    bool pulled;                  /* it has gone too far … */
    bool released;                /* … and does not stop the run */
    const struct slice *examples; /* the first who are concerned */
    size_t example_count;
};

struct report *report_new(const char *feed, const char *mode, bool dry_run, time_t started);
void report_free(struct report *report);

/* The counts, which the run writes as it goes. */
struct report_counts *report_counts(struct report *report);

/* It is one of photos. */
void report_set_photos(struct report *report);
bool report_is_of_photos(const struct report *report);

/* Where findings of this run go; what they hold is copied. */
struct finding_sink report_sink(struct report *report);

/* The read begins anew: counts and findings are forgotten, but for those about the mapping. */
void report_restart(struct report *report);

/* Who answered: the server's URI or the file. The text is copied. */
void report_set_source(struct report *report, const char *server, uint64_t referrals,
                       unsigned restarts);
void report_set_target(struct report *report, const char *target);

/* Adds a package; its texts are copied. Returns its index for report_set_delivered(). */
size_t report_add_package(struct report *report, const struct report_package *package);
void report_set_delivered(struct report *report, size_t index);

/* How a run that may ask the directory for changes found whom to read. */
struct report_detect {
    const char *way;    /* "syncrepl"; constant */
    uint64_t named;     /* by the directory, who may be none of the feed's */
    bool all;           /* everybody was read … */
    const char *reason; /* … for this reason; NULL: not everybody was */
};

/* The reason is copied. */
void report_set_detect(struct report *report, const struct report_detect *detect);

/* Who goes out: "full", everybody, or "changed"; constant. */
void report_set_changes(struct report *report, const char *changes);

/* Adds a leaver, whose text is copied. */
void report_add_leaver(struct report *report, const struct report_leaver *leaver);

/* Of the people who changed: how many, by field of the table. */
void report_set_changed_fields(struct report *report, const uint64_t counts[USER_FIELDS_MOST]);

/* Everybody was judged: from now on the report is a list of all with whom something is the matter.
 * Asks for each finding that rejects or holds somebody since when it is so. */
void report_date_findings(struct report *report,
                          time_t (*since)(void *context, const struct report_finding *finding),
                          void *context);

/* Adds what is solved, whose texts are copied. */
void report_add_solved(struct report *report, const struct report_solved *solved);

/* What a list of work needs of a report. */
struct report_work {
    const struct report_finding *findings; /* warnings among them */
    size_t finding_count;
    const struct report_solved *solved;
    size_t solved_count;
    uint64_t omitted; /* that reject or hold somebody, or are solved, and are only counted */
    time_t started;
};

/* False where the run ended before everybody was judged. */
bool report_list_work(const struct report *report, struct report_work *ret_work);

/* "done", "nothing-to-send", "stopped", "failed". */
const char *report_outcome_name(enum report_outcome outcome);

/* Adds a brake; what is not constant is copied. */
void report_add_brake(struct report *report, const struct report_brake *brake);

/* The first `most` people who are rejected or held, each once: their DNs, or match identifiers
 * where there is none, into ret_who; valid as long as the report. Returns how many. */
size_t report_list_people(const struct report *report, enum finding_severity severity, size_t most,
                          struct slice *ret_who);

/* What a rehearsal would change of one person. What it points at is borrowed and lives as long as
 * the report, in report_arena(). */
void report_add_difference(struct report *report, const struct difference *difference);
struct arena *report_arena(struct report *report);

/* The folder in which a rehearsal's packages are kept. */
void report_set_kept(struct report *report, const char *folder);

/* Seconds that a step took, added to what it took before; the name is borrowed and constant. */
void report_add_timing(struct report *report, const char *step, double seconds);

/* `err` NULL or without code: all went well. */
void report_finish(struct report *report, enum report_outcome outcome, const struct error *err,
                   time_t finished);

enum report_outcome report_outcome(const struct report *report);

/* What kind of error the run ended with; ERROR_NONE: it went well. */
enum error_code report_error(const struct report *report);

/* False when people were lost in the counts. */
bool report_adds_up(const struct report *report);

/* The name of a format, or NULL behind the last. */
const char *report_format_name(size_t index);

/* Appends the report in a format ("json", "text"); false when there is no such format. */
bool report_write(const struct report *report, const char *format, struct buffer *out);

/* The same into a file that appears whole or not at all, mode 0600. What is there but no regular
 * file (a pipe, /dev/stdout, a link) is written to as it is. ERROR_USAGE: no such format. */
bool report_save(const struct report *report, const char *format, const char *path,
                 struct error *err);

#endif
