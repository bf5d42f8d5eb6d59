/* written: the texts that a mapping itself writes into a field: literals, defaults, and what its
 * tables hold.
 *
 * Judged is the mapping alone, without directory and entries: a text that is told may reach nobody,
 * and where `open_by` is set values come that nobody can tell beforehand.
 *
 * Only for this folder.
 */
#ifndef MAPPING_WRITTEN_H
#define MAPPING_WRITTEN_H

#include "mapping/rules.h"

struct written_texts {
    /* Called for each text, as it stands there, and where; some come more than once. */
    void (*take)(void *context, struct slice text, struct position where);
    void *context;
    /* The first template that gives other values, too, such as an attribute's; NULL: none does. */
    const char *open_by;
};

/* Goes through the rules of a field (item -1), or of a field of the items of a list. */
void written_texts_each(const struct mapping *mapping, int field, int item,
                        struct written_texts *texts);

#endif
