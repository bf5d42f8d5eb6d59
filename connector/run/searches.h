/* searches: how many people each search found, remembered from one good run to the next.
 */
#ifndef RUN_SEARCHES_H
#define RUN_SEARCHES_H

#include "base/arena.h"
#include "base/slice.h"
#include "directory/source.h"
#include "settings/settings.h"

#include <stdint.h>

/* The fact that state keeps: a line a search, "COUNT SCOPE BASE FILTER". SLICE_NONE for LDIF. */
struct slice searches_text(const struct settings *settings, const struct source_result *result,
                           struct arena *arena);

/* How many the search of the settings found by such a text; 0 where it does not stand there. */
uint64_t searches_found(struct slice text, const struct settings_search *search,
                        struct arena *arena);

#endif
