#include "package/package.h"

#include "package/scratch.h"

#include <stdlib.h>
#include <string.h>

/* Few large writes instead of one for each person. */
enum { PENDING_BYTES = 1024 * 1024 };

struct spool {
    struct scratch scratch;
    char *pending; /* not yet in the file */
    size_t pending_length;
};

struct spool *
spool_open(const char *folder, struct error *err)
{
    struct scratch scratch;
    struct spool *spool;

    if (!scratch_open(&scratch, folder, err)) {
        error_prefix(err, "spool");
        return NULL;
    }
    spool = memory_zero(1, sizeof *spool);
    spool->scratch = scratch;
    spool->pending = memory_alloc(PENDING_BYTES);
    return spool;
}

void
spool_close(struct spool *spool)
{
    if (!spool)
        return;
    scratch_close(&spool->scratch);
    free(spool->pending);
    free(spool);
}

uint64_t
spool_bytes(const struct spool *spool)
{
    return spool->scratch.length + spool->pending_length;
}

static bool
append(struct spool *spool, const char *data, size_t length, struct error *err)
{
    return scratch_append(&spool->scratch, data, length, err) || error_prefix(err, "spool");
}

bool
spool_flush(struct spool *spool, struct error *err)
{
    if (spool->pending_length == 0)
        return true;
    if (!append(spool, spool->pending, spool->pending_length, err))
        return false;
    spool->pending_length = 0;
    return true;
}

bool
spool_append(struct spool *spool, struct slice record, struct spool_record *ret_record,
             struct error *err)
{
    struct spool_record place = {spool->scratch.length + spool->pending_length,
                                 (uint32_t)record.length};

    if (record.length > UINT32_MAX)
        return error_set(err, ERROR_DATA, "spool: a record of %zu bytes is too large",
                         record.length);
    if (record.length > PENDING_BYTES - spool->pending_length && !spool_flush(spool, err))
        return false;
    if (record.length > PENDING_BYTES) {
        if (!append(spool, record.data, record.length, err))
            return false;
    } else {
        memcpy(spool->pending + spool->pending_length, record.data, record.length);
        spool->pending_length += record.length;
    }
    *ret_record = place;
    return true;
}

bool
spool_read(struct spool *spool, uint64_t offset, char *data, size_t length, struct error *err)
{
    return spool_flush(spool, err) &&
           (scratch_read(&spool->scratch, offset, data, length, err) || error_prefix(err, "spool"));
}

bool
spool_restart(struct spool *spool, struct error *err)
{
    spool->pending_length = 0;
    return scratch_clear(&spool->scratch, err) || error_prefix(err, "spool");
}
