/* documents: the records cut into documents, each deflated, several at once.
 *
 * Documents are independent of each other, so each thread takes the next one that nobody has. The
 * result does not depend on the number of threads. */
#ifndef PACKAGE_DOCUMENTS_H
#define PACKAGE_DOCUMENTS_H

#include "package/deflate.h"

struct documents {
    struct deflated *items;
    size_t count;
    struct deflator **deflators; /* hold what was deflated */
    size_t deflator_count;
};

/* The number of records in document `index`. */
size_t documents_records(size_t index, size_t record_count, unsigned records_per_file);

/* documents_free() is due in any case. */
bool documents_deflate(struct spool *spool, const struct spool_record *records, size_t count,
                       const struct package_options *options, const struct messenger *messenger,
                       struct documents *ret_documents, struct error *err);
void documents_free(struct documents *documents);

#endif
