/* deflate: one document compressed into a scratch file, with what a ZIP wants to know of it. */
#ifndef PACKAGE_DEFLATE_H
#define PACKAGE_DEFLATE_H

#include "package/document.h"
#include "package/scratch.h"

#include <stdint.h>

/* A deflated document (RFC 1951, without a frame). */
struct deflated {
    const struct scratch *scratch;
    uint64_t offset; /* in the scratch file */
    uint64_t length; /* compressed */
    uint64_t size;   /* as a document */
    uint32_t crc;    /* CRC-32 of the document */
};

struct deflator;

/* A deflator serves one thread. Its documents live as long as it does. */
struct deflator *deflator_open(const char *folder, struct error *err);
void deflator_close(struct deflator *deflator);

bool deflator_run(struct deflator *deflator, struct document *document,
                  struct deflated *ret_deflated, struct error *err);

#endif
