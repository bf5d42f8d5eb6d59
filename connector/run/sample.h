/* sample: the last defense before packages are built: finished records against the schema.
 *
 * Validating everybody would cost more than the rest of the run; a sample spread evenly over the
 * feed finds what is wrong with the writing itself. `check` validates everybody, `validate` whole
 * packages.
 */
#ifndef RUN_SAMPLE_H
#define RUN_SAMPLE_H

#include "base/buffer.h"
#include "base/error.h"
#include "base/message.h"
#include "package/package.h"

#include <stdbool.h>
#include <stddef.h>

/* One whole document. Violations are ERROR_INTERNAL: the checks should have found them. */
bool sample_validate(const struct buffer *document, const struct messenger *messenger,
                     struct error *err);

/* How many of so many records are validated. That costs 20 µs a record, more than all other steps
 * together. A run of everybody takes 1,000, which is some 2 % of a large one. Of a run in which the
 * directory has told who changed each twentieth is enough, and no fewer than 50: the same program
 * has made its records by the same mapping and settings as those of the run before it
 * (run/detect.h), so that what is new is what these people are, and of them it sees a larger share.
 */
size_t sample_size(size_t count, bool of_part);

/* The same for `most` of these records, or all; nothing is delivered where they are not valid. */
bool sample_check(struct spool *spool, const struct spool_record *records, size_t count,
                  size_t most, const struct messenger *messenger, struct error *err);

#endif
