/* archive: a ZIP of deflated documents.
 *
 * Sizes and CRC-32 are known before the container is written, so local headers carry them and no
 * data descriptor follows a member (APPNOTE.TXT 6.3, section 4.4.4, bit 3): a reader that goes
 * through the file front to back, like Java's ZipInputStream, can read it. ZIP64 is used only
 * where a size asks for it. */
#ifndef PACKAGE_ARCHIVE_H
#define PACKAGE_ARCHIVE_H

#include "package/deflate.h"

#include <time.h>

/* How many bytes of the ZIP a document of that deflated length takes, and the rest of the ZIP. */
uint64_t archive_member_bytes(uint64_t length);
uint64_t archive_rest_bytes(void);

/* Writes users-0001.xml, … as the file `path`, which did not exist; it is readable by its owner
 * alone, and neither synced nor there after a failure. */
bool archive_write(const char *path, const struct deflated *documents, size_t count, time_t time,
                   struct error *err);

#endif
