/* remembered: people of the state, found by whatever names them, to be shown or forgotten.
 *
 * `who` is a match identifier, an immutable id as identity_text() shows it (with or without the
 * name of its attribute), or, where state knows people by it, a DN; all compared without case.
 */
#ifndef RUN_REMEMBERED_H
#define RUN_REMEMBERED_H

#include "base/error.h"
#include "base/message.h"
#include "report/remembered.h"
#include "settings/settings.h"

#include <stdbool.h>

struct remembered_look;

/* Finds everybody whom `who` means; ERROR_DATA when there is nobody. The result, NULL on failure,
 * owns all that it shows. `records`: with their last records. */
struct remembered_look *remembered_find(const struct settings *settings, const char *who,
                                        bool records, struct error *err);

/* NULL is allowed. */
void remembered_free(struct remembered_look *look);

/* What was found, for remembered_write(). */
const struct remembered *remembered_content(const struct remembered_look *look);

/* Takes every trace of them out of the state and out of the spool. What was done is told. */
bool remembered_forget(const struct settings *settings, const char *who,
                       const struct messenger *messenger, struct error *err);

#endif
