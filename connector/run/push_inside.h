/* push_inside: what the parts of pushing share. Only for push*.c. */
#ifndef RUN_PUSH_INSIDE_H
#define RUN_PUSH_INSIDE_H

#include "run/push.h"

/* What the mapping makes of the entry: fills in match identifier and identifiers, which live until
 * the next call. The entry shows the id from now on. */
enum mapping_verdict push_identify(struct push *push, struct whole_entry *entry,
                                   struct pushed_person *person);

#endif
