/* check_people: everybody of the directory goes through the mapping, and what is doubtful about it
 * is told once for each place. For run/check.c.
 */
#ifndef RUN_CHECK_PEOPLE_H
#define RUN_CHECK_PEOPLE_H

#include "base/error.h"
#include "base/message.h"
#include "base/probe.h"
#include "directory/source.h"
#include "mapping/mapping.h"
#include "model/attributes.h"
#include "report/check.h"

#include <stdbool.h>

struct people_inputs {
    const struct mapping *mapping;
    const struct attributes *attributes;
    const char *record_type;
    bool hides; /* there are rights to see an attribute */
    const struct messenger *messenger;
    struct probe_sink probes;
};

struct people_check;

struct people_check *people_check_new(const struct people_inputs *inputs);
void people_check_free(struct people_check *people);

/* Reads everybody, and holds the records against Alma's schema; fills the counts and adds lines
 * whose texts live as long as `people`. ERROR_DATA where a run would have nobody to send. */
bool people_check_read(struct people_check *people, struct source *source, struct check *check,
                       struct error *err);

#endif
