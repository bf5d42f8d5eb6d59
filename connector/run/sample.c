#include "run/sample.h"

#include "alma/alma.h"
#include "base/file.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static bool
write_sample(struct spool *spool, const struct spool_record *records, size_t count, size_t most,
             struct buffer *document, struct error *err)
{
    size_t taken = count < most ? count : most;

    buffer_add(document, alma_document_begin.data, alma_document_begin.length);
    for (size_t i = 0; i < taken; i++) {
        const struct spool_record *record = &records[i * count / taken];
        char *place = buffer_reserve(document, record->length);

        if (!spool_read(spool, record->offset, place, record->length, err))
            return false;
        document->length += record->length;
    }
    buffer_add(document, alma_document_end.data, alma_document_end.length);
    return true;
}

bool
sample_validate(const struct buffer *document, const struct messenger *messenger, struct error *err)
{
    bool ok = false;
    int fd = memfd_create("sample", MFD_CLOEXEC);

    if (fd < 0)
        return error_set(err, ERROR_INTERNAL, "cannot make a file in memory: %s", strerror(errno));
    if (!file_write_all(fd, document->data, document->length, "the sample", err))
        goto done;
    if (lseek(fd, 0, SEEK_SET) != 0) {
        error_set(err, ERROR_INTERNAL, "cannot go back in the sample: %s", strerror(errno));
        goto done;
    }
    ok = alma_validate("sample.xml", fd, messenger, err);
    if (!ok) {
        err->code = ERROR_INTERNAL;
        error_prefix(err, "records that passed all checks are not valid");
    }
done:
    close(fd);
    return ok;
}

size_t
sample_size(size_t count, bool of_part)
{
    enum { MOST = 1000, FEWEST = 50, ONE_IN = 20 };
    size_t share = of_part ? count / ONE_IN : MOST;

    if (share < FEWEST)
        return FEWEST;
    return share < MOST ? share : MOST;
}

bool
sample_check(struct spool *spool, const struct spool_record *records, size_t count, size_t most,
             const struct messenger *messenger, struct error *err)
{
    struct buffer document = BUFFER_INIT;
    bool ok =
        count == 0 ||
        (write_sample(spool, records, count, most, &document, err) &&
         (sample_validate(&document, messenger, err) || error_prefix(err, "nothing is delivered")));

    buffer_free(&document);
    return ok;
}
