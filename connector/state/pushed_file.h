/* pushed_file: the file under pushed.h: making and opening it. Only for this folder. */
#ifndef STATE_PUSHED_FILE_H
#define STATE_PUSHED_FILE_H

#include "state/database.h"
#include "state/pushed.h"

struct pushed {
    struct state *file;
    int64_t began, newest; /* within a transaction */
};

#endif
