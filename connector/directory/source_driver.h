/* source_driver: what stands behind a source; each implementation begins with struct source. */
#ifndef DIRECTORY_SOURCE_DRIVER_H
#define DIRECTORY_SOURCE_DRIVER_H

#include "directory/changes.h"
#include "directory/source.h"

struct source_driver {
    bool (*read)(struct source *source, const struct attributes *attributes,
                 const struct source_reader *reader, struct source_result *ret_result,
                 struct error *err);
    void (*probe)(struct source *source, struct source_probing *probing); /* NULL: nothing to try */
    /* NULL: the source tells no changes, and everybody has to be read. */
    enum changes_outcome (*changes)(struct source *source, const struct changes_question *question,
                                    const struct changes_sink *sink, struct arena *arena,
                                    struct changes *ret_changes, struct error *err);
    bool (*fetch)(struct source *source, const struct attributes *attributes,
                  const struct directory_id *ids, size_t count, const struct source_reader *reader,
                  struct source_result *ret_result, struct error *err);
    uint64_t (*membership)(const struct source *source, const struct membership *membership);
    void (*close)(struct source *source);
};

struct source {
    const struct source_driver *driver;
    const struct messenger *messenger;
    uint64_t seed; /* of the names by which groups know people */
};

#endif
