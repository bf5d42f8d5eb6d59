/* document: the bytes of one XML document, read piece by piece from the spool.
 *
 * The pieces a caller asks for are always full, wherever records begin and end: what is made of
 * them depends on the document's bytes alone, not on where they lie in the spool. */
#ifndef PACKAGE_DOCUMENT_H
#define PACKAGE_DOCUMENT_H

#include "package/package.h"

struct document {
    struct spool *spool;
    const struct spool_record *records;
    size_t count;
    struct slice begin; /* what is not yet read */
    struct slice end;
    size_t next;          /* record */
    uint32_t next_offset; /* within it */
};

/* Fills `data`; *ret_length is smaller than `size` only at the document's end. */
bool document_read(struct document *document, char *data, size_t size, size_t *ret_length,
                   struct error *err);

#endif
