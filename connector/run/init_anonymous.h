/* init_anonymous: an entry in which nothing of the person remains but the form of each value.
 *
 * Names become invented ones, with a blank, a hyphen or an accent where the real one has it; of
 * numbers and accounts the places of letters and digits remain; values that several people share
 * stay.
 */
#ifndef RUN_INIT_ANONYMOUS_H
#define RUN_INIT_ANONYMOUS_H

#include "run/init_run.h"

/* The attributes of the set in the place of the entry's own, which is one of the sample. `number`
 * tells invented people apart. Lives in the run's arena. */
struct entry init_anonymous(struct init_run *run, const struct attributes *attributes,
                            const struct entry *entry, size_t number);

#endif
