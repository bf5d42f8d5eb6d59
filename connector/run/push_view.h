/* push_view: people who were pushed, as a set of attributes sees them.
 *
 * Order of use: push_view_new() with the set; push_view_entry() for each person; push_view_free().
 */
#ifndef RUN_PUSH_VIEW_H
#define RUN_PUSH_VIEW_H

#include "base/error.h"
#include "model/attributes.h"
#include "model/entry.h"
#include "state/pushed.h"

#include <stdbool.h>

struct push_view;

/* The set is borrowed and must not grow meanwhile; `path` of the store is for messages. */
struct push_view *push_view_new(const struct attributes *attributes, const char *path);
void push_view_free(struct push_view *view);

/* The entry of somebody who is kept, with the id that was drawn for it as entryUUID; valid until
 * the next call. */
bool push_view_entry(struct push_view *view, const struct pushed_person *person,
                     struct entry *ret_entry, struct error *err);

#endif
