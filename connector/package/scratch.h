/* scratch: a file without a name, for what a run keeps aside. It is readable by its owner alone
 * and gone with its descriptor, however the process ends. Bytes are read by pread, never mapped:
 * mapped pages would count as memory of the process. */
#ifndef PACKAGE_SCRATCH_H
#define PACKAGE_SCRATCH_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct scratch {
    char *folder; /* owned; for messages */
    int fd;
    uint64_t length;
};

/* Opens a file in the folder, which exists. scratch_close() is due after success only. */
bool scratch_open(struct scratch *ret_scratch, const char *folder, struct error *err);
void scratch_close(struct scratch *scratch);

/* Appends. The hint of a failure tells how much the file holds and how much room is left. */
bool scratch_append(struct scratch *scratch, const char *data, size_t length, struct error *err);

/* Threads may read at once, as long as none appends. */
bool scratch_read(const struct scratch *scratch, uint64_t offset, char *data, size_t length,
                  struct error *err);

/* Makes it empty. */
bool scratch_clear(struct scratch *scratch, struct error *err);

#endif
