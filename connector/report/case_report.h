/* case_report: what came of the cases of mapping tests, for people and for programs.
 *
 * The run fills the structs; every text in them is one line that is fit for a terminal. Then the
 * report is written in a format, as often as one likes.
 */
#ifndef REPORT_CASE_REPORT_H
#define REPORT_CASE_REPORT_H

#include "base/buffer.h"
#include "base/fault.h"

#include <stdbool.h>
#include <stddef.h>

/* A rule of the mapping that was asked for a value. */
struct case_attempt {
    struct position where;
    const char *rule;   /* as written; NULL: the file as a whole, or an item */
    const char *result; /* "taken", "'employeeType' has no value" */
};

struct case_difference {
    const char *what;           /* "user_group", "outcome", "finding", "xml" */
    const char *expected, *got; /* NULL: nothing */
    const char *const *lines;   /* in place of both, for texts: "- " expected, "+ " got */
    size_t line_count;
    struct position where; /* in the test file */
    const struct case_attempt *attempts;
    size_t attempt_count;
};

struct case_result {
    const char *name;
    struct position where;
    const struct case_difference *differences; /* none: passed */
    size_t difference_count;
    const char *const *notes; /* findings that were not expected */
    size_t note_count;
};

struct case_file {
    const char *path;
    struct case_result *results;
    size_t count;
};

/* A part of a mapping that no case has reached. */
struct case_missed {
    struct position where;
    const char *what;
};

struct case_coverage {
    const char *mapping; /* path */
    size_t reached, total;
    const struct case_missed *missed;
    size_t missed_count;
};

struct case_report {
    struct case_file *files;
    size_t file_count;
    struct case_coverage *coverages; /* of each mapping, over all files */
    size_t coverage_count;
    unsigned coverage_min; /* percent; 0: none is asked for */
};

enum case_report_flag {
    CASE_REPORT_COVERAGE = 1, /* with what no case has reached */
    CASE_REPORT_FAILURES = 2  /* without what passed, where the format bears it */
};

size_t case_report_count(const struct case_report *report);

/* How many cases failed; coverage apart. */
size_t case_report_failed(const struct case_report *report);

bool case_coverage_is_enough(const struct case_report *report,
                             const struct case_coverage *coverage);

/* Appends the report in a format ("text", "color": for a terminal that has them, "tap": version 14,
 * "junit": XML as build servers read it); false when there is no such format. */
bool case_report_write(const struct case_report *report, const char *format, unsigned flags,
                       struct buffer *out);

#endif
