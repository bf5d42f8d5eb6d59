/* cases: a file NAME.test.yaml: what a mapping is to make of sample entries.
 *
 * Order of use: cases_load(); load the mapping that the file names, on the day that it names;
 * cases_check() holds the file against the mapping; then apply the mapping to the entry of each
 * case and hold the user against each of its values. ldap2alma-test(5) tells it to authors.
 *
 * Not here: reading LDIF (directory/source.h), XML (alma/alma.h), running cases (run/cases.h).
 */
#ifndef MAPPING_CASES_H
#define MAPPING_CASES_H

#include "base/arena.h"
#include "base/date.h"
#include "base/fault.h"
#include "base/slice.h"
#include "mapping/mapping.h"
#include "model/field_path.h"
#include "model/finding.h"
#include "model/user.h"

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

struct case_texts {
    const struct slice *items;
    size_t count;
};

/* A line of `expect` or `absent`. */
struct case_value {
    const char *name; /* the path as written */
    struct position where;
    struct field_path path;
    struct case_texts texts; /* several only for a list of codes; none: absent */
};

/* "CODE" or "CODE FIELD" of `rejected` and `finding`. */
struct case_finding {
    const char *text; /* as written; NULL: none */
    struct position where;
    enum finding_code code;
    const char *field; /* NULL: any, or none */
};

enum case_outcome { CASE_RECORD, CASE_REJECTED, CASE_SKIPPED };

struct test_case {
    const char *name;
    struct position where;
    struct slice entry; /* LDIF; SLICE_NONE: it stands in a file */
    const char *ldif;   /* that file */
    const char *dn;     /* of the entry in it; NULL: it holds but one */
    struct position entry_where;
    unsigned entry_line; /* of the entry's first line, where it stands in the case */
    enum case_outcome outcome;
    struct case_finding rejected; /* CASE_REJECTED */
    struct case_value *expect, *absent;
    size_t expect_count, absent_count;
    struct case_finding *findings;
    size_t finding_count;
    bool no_findings; /* any other than `rejected` is a failure */
    struct slice xml; /* SLICE_NONE: none, or it stands in the file */
    const char *xml_file;
    struct position xml_where;
    unsigned xml_line; /* as entry_line */
};

struct cases {
    const char *path;
    const char *mapping; /* path */
    struct position mapping_where;
    struct date today;
    time_t now;
    const char *record_type; /* NULL: the default of the settings */
    struct test_case *items;
    size_t count;
};

/* Loads a file; what it holds lives in the arena. Faults go into `faults`; where there are any the
 * result is not to be used. Paths come out ready to use; no other file is opened. */
struct cases *cases_load(struct arena *arena, const char *path, struct faults *faults);

/* The same from memory; `path` stands for the file, also for what is relative to it. */
struct cases *cases_parse(struct arena *arena, const char *path, struct slice text,
                          struct faults *faults);

/* Finds types of items that no item of the mapping can have. */
void cases_check(const struct cases *cases, const struct mapping *mapping, struct faults *faults);

/* What the checked user has there: nothing, one text, or several where codes are meant or a list as
 * a whole. Lives in the arena and the user. */
struct case_texts case_value_got(const struct case_value *expected, const struct user *user,
                                 struct arena *arena);

/* True when that is just what is expected. Dates and times compare as such, booleans as booleans,
 * codes as a list. */
bool case_value_holds(const struct case_value *expected, const struct case_texts *got);

/* True when the finding is the one that is expected. */
bool case_finding_is(const struct case_finding *expected, const struct finding *finding);

/* A key of the file or of a case, for help, manual and schema. */
struct case_key {
    const char *name;
    bool of_case; /* else of the file */
    bool required;
    unsigned kinds;   /* what it takes: bits 1 << enum yaml_kind */
    const char *help; /* one line */
};

/* Row `index` of the table, or NULL behind its end. */
const struct case_key *case_key(size_t index);

#endif
