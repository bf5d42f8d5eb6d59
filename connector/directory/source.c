#include "directory/source.h"

#include "directory/source_driver.h"

#include <string.h>

bool
source_read(struct source *source, const struct attributes *attributes,
            const struct source_reader *reader, struct source_result *ret_result, struct error *err)
{
    memset(ret_result, 0, sizeof *ret_result);
    return source->driver->read(source, attributes, reader, ret_result, err);
}

void
source_probe(struct source *source, struct source_probing *probing)
{
    probing->usable = true;
    if (source->driver->probe)
        source->driver->probe(source, probing);
}

void
source_set_seed(struct source *source, uint64_t seed)
{
    source->seed = seed;
}

void
source_close(struct source *source)
{
    if (source)
        source->driver->close(source);
}
