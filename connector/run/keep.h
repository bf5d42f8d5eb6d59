/* keep: the folder in which a rehearsal leaves its packages, for somebody who wants to look at
 * them.
 */
#ifndef RUN_KEEP_H
#define RUN_KEEP_H

#include "base/error.h"
#include "settings/settings.h"

#include <stdbool.h>

/* Makes the folder (0700) where it is missing. Refused are a folder that others may change
 * (ERROR_PERMISSION), that holds packages already (ERROR_WRITE), or from which packages are
 * delivered or taken: what lies there might reach Alma (ERROR_USAGE). */
bool keep_prepare(const struct settings *settings, const char *folder, struct error *err);

#endif
