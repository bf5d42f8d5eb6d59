/* source_driver: what stands behind a source; each implementation begins with struct source. */
#ifndef DIRECTORY_SOURCE_DRIVER_H
#define DIRECTORY_SOURCE_DRIVER_H

#include "directory/source.h"

struct source_driver {
    bool (*read)(struct source *source, const struct attributes *attributes,
                 const struct source_reader *reader, struct source_result *ret_result,
                 struct error *err);
    void (*probe)(struct source *source, struct source_probing *probing); /* NULL: nothing to try */
    void (*close)(struct source *source);
};

struct source {
    const struct source_driver *driver;
    const struct messenger *messenger;
};

#endif
