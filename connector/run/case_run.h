/* case_run: one case: maps its entry as a real run does, and holds what came of it against what is
 * expected.
 */
#ifndef RUN_CASE_RUN_H
#define RUN_CASE_RUN_H

#include "alma/alma.h"
#include "base/arena.h"
#include "mapping/cases.h"
#include "mapping/mapping.h"
#include "model/entry.h"
#include "report/case_report.h"

/* What all cases of a file share; all borrowed. */
struct case_bench {
    const struct cases *cases;
    const struct mapping *mapping;
    const struct alma_writer *writer;
    struct arena *scratch;  /* of one case */
    unsigned char *reached; /* of this case: one byte for each part of the mapping, cleared first */
};

/* `xml` is the expected record in its canonical form, or SLICE_NONE. The result lives in the arena
 * and in what the cases were loaded into. */
struct case_result case_run(const struct case_bench *bench, const struct test_case *item,
                            const struct entry *entry, struct slice xml, struct arena *arena);

#endif
