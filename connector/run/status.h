/* status: what a feed's state knows, and what the target says of the packages that were delivered.
 *
 * Reads only; works while a run is at work.
 */
#ifndef RUN_STATUS_H
#define RUN_STATUS_H

#include "base/error.h"
#include "base/message.h"
#include "report/status.h"
#include "settings/settings.h"

#include <stdbool.h>

struct status_look;

/* Looks. `offline`: the target is not asked. The result, which owns all that it shows, is made also
 * where the target cannot be asked (*ret_ok false, with err); NULL where the state cannot be read.
 */
struct status_look *status_look(const struct settings *settings, bool offline,
                                const struct messenger *messenger, bool *ret_ok, struct error *err);

/* NULL is allowed. */
void status_free(struct status_look *look);

/* What was seen, for status_write(). */
const struct status *status_content(const struct status_look *look);

#endif
