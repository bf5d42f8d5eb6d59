/* schemas: THE table of the schemas that editors can be given. */
#ifndef RUN_SCHEMAS_H
#define RUN_SCHEMAS_H

#include "base/buffer.h"

#include <stddef.h>

struct schemas_row {
    const char *kind; /* what l2a_schema() knows it by */
    const char *help; /* which files it is for */
    void (*write)(struct buffer *out);
};

/* NULL behind the end. */
const struct schemas_row *schemas_row(size_t index);

#endif
