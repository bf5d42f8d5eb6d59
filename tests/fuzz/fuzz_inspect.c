/* Any bytes as a finished document: it is told apart the same in one piece and in many, and what is
 * found is readable to its last byte. */
#include "alma/alma.h"
#include "base/slice.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool
see(void *context, const struct alma_inspected *record, struct error *err)
{
    uint32_t *seen = context;

    (void)err;
    *seen = *seen * 31 + slice_hash(record->primary_id);
    for (size_t i = 0; i < record->identifier_count; i++)
        *seen = *seen * 31 + slice_hash(record->identifiers[i].id_type) +
                slice_hash(record->identifiers[i].value);
    return true;
}

static bool
inspect(struct slice document, size_t piece, uint32_t *ret_seen)
{
    struct alma_inspector *inspector = alma_inspector_new(see, ret_seen);
    struct error err = ERROR_INIT;
    bool ok = true;

    *ret_seen = 0;
    while (ok && document.length > 0) {
        size_t length = document.length < piece ? document.length : piece;

        ok = alma_inspect(inspector, (struct slice){document.data, length}, &err);
        document = (struct slice){document.data + length, document.length - length};
    }
    ok = ok && alma_inspect_end(inspector, &err);
    alma_inspector_free(inspector);
    return ok;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice document = {(const char *)data, size};
    uint32_t whole, pieces;

    if (inspect(document, size + 1, &whole) != inspect(document, 7, &pieces) || whole != pieces)
        abort();
    return 0;
}
