/* options: THE table of what the site's file may hold.
 *
 * One row an option. The loader walks the file by the rows, the help and the manual print them;
 * none of them names an option of its own. What two options mean to each other is in rules.c.
 */
#ifndef SETTINGS_OPTIONS_H
#define SETTINGS_OPTIONS_H

#include "base/slice.h"
#include "settings/settings.h"

#include <stdbool.h>
#include <stddef.h>

struct option {
    struct option_help help;
    size_t at;        /* offset in struct settings; of rows "x[].y" in the list's item */
    size_t count_at;  /* OPTION_TEXTS, OPTION_LIST: offset of the count */
    size_t item_size; /* OPTION_LIST */
    /* What is wrong with a text, to follow the option's path in a sentence, or NULL. It must not
     * quote the text: people put secrets into the wrong place. */
    const char *(*complaint)(struct slice text);
};

/* Row `index`, or NULL behind the end. */
const struct option *option_at(size_t index);

/* The key that follows `prefix` ("directory.tls.", or "" for the file's own keys) in the row's
 * path; empty where the row is not below the prefix. */
struct slice option_key(const struct option *option, const char *prefix);

/* True when the path ends with that key: the row is the option, not one of those below it. */
bool option_ends(const struct option *option, const char *prefix);

/* The first row with that key below the prefix (the option itself comes before those below it),
 * or NULL: the key is unknown. */
const struct option *option_find(const char *prefix, struct slice key);

#endif
