/* rules: what the options of the site's file mean to each other.
 *
 * An option that would have no effect is a fault like one that is missing: whoever wrote it
 * expects something of it.
 */
#ifndef SETTINGS_RULES_H
#define SETTINGS_RULES_H

#include "settings/loader.h"

/* After loader_walk(). Also settles the feed's name where the file does not give it. */
void rules_check(struct loader *loader);

/* The same of what stands below `directory` alone, which must be there: servers and login. */
void rules_check_servers(struct loader *loader);

#endif
