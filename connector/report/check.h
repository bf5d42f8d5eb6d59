/* check: what is doubtful in a mapping, and in what it makes of a directory's people: one line for
 * each place, however many people it concerns; and what came of the probes of all that a run needs.
 *
 * The run that checks (run/check.h) fills a struct check; check_write() renders it in a format of
 * one table: text, a line each as compilers write it, and json with the keys of ldap2alma(1).
 */
#ifndef REPORT_CHECK_H
#define REPORT_CHECK_H

#include "base/buffer.h"
#include "base/fault.h"
#include "base/probe.h"
#include "base/slice.h"
#include "model/finding.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct check_line {
    enum finding_code code;
    struct position where; /* line 0: of no rule */
    struct slice text;
    uint64_t people;      /* 0: it is about the mapping itself */
    struct slice example; /* the DN of the first of them */
};

/* What was tried, and what came of it (base/probe.h). */
struct check_probe {
    const char *name;
    enum probe_verdict verdict;
    enum error_code code;
    struct slice text, hint;
};

/* What has to stand in Alma's settings, for copying. */
struct check_value {
    const char *name, *value;
};

struct check {
    size_t mappings;    /* how many were looked at */
    const char *source; /* who gave the people: a URI or a file; NULL: nobody was asked */
    uint64_t read, skipped, rejected, fit;
    struct check_line *lines;
    size_t count, capacity;
    struct check_probe *probes; /* in the order in which they were made */
    size_t probe_count, probe_capacity;
    const struct check_value *values;
    size_t value_count; /* 0: nothing is told of Alma */
};

/* How many probes ended so. */
size_t check_count_probes(const struct check *check, enum probe_verdict verdict);

/* The name of a format, or NULL behind the last. */
const char *check_format_name(size_t index);

/* Appends the check; false when there is no such format. */
bool check_write(const struct check *check, const char *format, struct buffer *out);

/* Puts the lines in the order of their places; those without one last. */
void check_sort(struct check *check);

#endif
