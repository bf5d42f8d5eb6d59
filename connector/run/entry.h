/* entry: the person behind the public header's l2a_entry. */
#ifndef RUN_ENTRY_H
#define RUN_ENTRY_H

#include "model/whole_entry.h"

struct l2a_entry {
    struct whole_entry *whole;
};

#endif
