/* parts: what a mapping consists of, numbered in the order of its file, and where it names which
 * attribute (mapping_part(), mapping_names_attribute()).
 *
 * Only for loading.
 */
#ifndef MAPPING_PARTS_H
#define MAPPING_PARTS_H

#include "base/fault.h"
#include "mapping/rules.h"

struct mentions *mentions_new(void);
void mentions_free(struct mentions *mentions);

/* The mapping names the attribute of this slot at this place. */
void mentions_add(struct mentions *mentions, int slot, struct position where);

/* When all is compiled, without fault. */
void parts_number(struct mapping *mapping);

#endif
