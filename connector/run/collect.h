/* collect: reads the directory and turns each entry into a record that waits in the spool.
 */
#ifndef RUN_COLLECT_H
#define RUN_COLLECT_H

#include "base/error.h"
#include "base/message.h"
#include "directory/source.h"
#include "mapping/mapping.h"
#include "model/attributes.h"
#include "package/package.h"
#include "report/report.h"
#include "run/fingerprint.h"
#include "run/identity.h"
#include "run/matters.h"
#include "run/people.h"

#include <stdbool.h>

/* What collecting needs; all borrowed. */
struct collect {
    struct source *source;
    const struct attributes *attributes;
    const struct identity_slots *identity;
    const struct mapping *mapping;
    const char *record_type; /* of records for which the mapping gives none; NULL: none */
    struct people *people;
    struct spool *spool;
    struct report *report;
    struct matters *matters; /* is told of findings */
    const struct messenger *messenger;
    struct source_result *result; /* is filled */
    /* Reads in place of source_read(), with a context; NULL: everybody is read. *ret_all is false
     * where it did not read everybody. */
    bool (*read)(void *context, const struct source_reader *reader,
                 struct source_result *ret_result, bool *ret_all, struct error *err);
    void *context;
    struct fingerprint_tally *tally; /* of all records; NULL: nobody asks, nor for origins */
    /* Told of each entry after it was judged, with its number in people_items(); NULL: nobody asks.
     */
    void (*seen)(void *context, const struct entry *entry, size_t number);
    void *seen_context;
    bool rehearsal; /* attributes that nobody has are a warning then, else only told with -v */
};

/* Reads everything. Only when this returns true is `people` the whole directory; *ret_complete is
 * false where entries could not be read, of whom nobody knows who they are. */
bool collect_people(const struct collect *collect, bool *ret_complete, struct error *err);

#endif
