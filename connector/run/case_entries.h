/* case_entries: the entries of test files, as the LDIF source reads them.
 *
 * A file that several cases name is read once.
 */
#ifndef RUN_CASE_ENTRIES_H
#define RUN_CASE_ENTRIES_H

#include "base/arena.h"
#include "base/fault.h"
#include "mapping/cases.h"
#include "model/attributes.h"
#include "model/entry.h"

struct case_entries;

/* The attributes are those of the mapping, all of them; entries live in the arena. */
struct case_entries *case_entries_new(struct arena *arena, const struct attributes *attributes,
                                      struct faults *faults);

/* The entry of a case; NULL after a fault. */
const struct entry *case_entries_find(struct case_entries *entries, const struct test_case *item);

#endif
