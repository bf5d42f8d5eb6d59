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

/* The same for some of these records; nothing is delivered where they are not valid. */
bool sample_check(struct spool *spool, const struct spool_record *records, size_t count,
                  const struct messenger *messenger, struct error *err);

#endif
