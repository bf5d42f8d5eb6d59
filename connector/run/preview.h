/* preview: looks up single people and shows what a run would make of them.
 *
 * It takes no lock and writes nothing, so it never counts as a run. Where the feed has a state, it
 * also shows in what the record differs from the last one. Whether somebody else has the
 * same match identifier is known only among those who were found: a run looks at everybody.
 */
#ifndef RUN_PREVIEW_H
#define RUN_PREVIEW_H

#include "base/error.h"
#include "base/message.h"
#include "report/preview.h"
#include "settings/settings.h"

#include <stdbool.h>
#include <stddef.h>

struct preview_run;

/* Finds who is meant (run/whom.h) and maps them; `most` of them are kept, the others counted.
 * NULL: ERROR_DATA where nobody was found, with a hint that tells what was searched. The settings
 * are borrowed for its life. */
struct preview_run *preview_people(const struct settings *settings, const char *who, size_t most,
                                   const struct messenger *messenger, struct error *err);

/* NULL is allowed. */
void preview_free(struct preview_run *run);

/* What was found, for preview_write(); lives as long as the run. */
const struct preview *preview_content(const struct preview_run *run);

#endif
