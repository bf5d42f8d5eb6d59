/* push_source: a source whose people were handed over one by one (run/push.h).
 *
 * From the first question on it sees one moment of the store, whatever is pushed meanwhile. It
 * names who has changed since the number of an earlier change, which costs as much as these are
 * many.
 */
#ifndef RUN_PUSH_SOURCE_H
#define RUN_PUSH_SOURCE_H

#include "base/message.h"
#include "directory/source.h"
#include "run/push_store.h"
#include "settings/settings.h"

struct source *push_source_open(const struct settings *settings, const struct messenger *messenger);

/* The moment that it sees; the mark lives as long as the source. */
bool push_source_moment(struct source *source, struct push_moment *ret_moment, struct error *err);

/* How that stands to the moment of the last delivery. */
bool push_source_compare(struct source *source, const struct push_moment *last,
                         enum push_since *ret_since, struct error *err);

#endif
