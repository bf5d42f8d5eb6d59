/* claims: `ldap2alma identity`: who is held for a match identifier, and letting them through.
 *
 * What claims there are is written by each run (moved.h) into the state; this only reads them, and
 * marks those that somebody accepts.
 */
#ifndef RUN_CLAIMS_H
#define RUN_CLAIMS_H

#include "base/error.h"
#include "base/message.h"
#include "report/claims.h"
#include "settings/settings.h"

#include <stdbool.h>

/* All claims; they live in the arena. */
bool claims_list(const struct settings *settings, struct arena *arena, struct claims *ret_claims,
                 struct error *err);

/* Accepts the claims of the one person whom `who` means: by the new match identifier, else by DN or
 * immutable id, else by the match identifier in Alma. ERROR_DATA where that is nobody, or several.
 */
bool claims_accept(const struct settings *settings, const char *who,
                   const struct messenger *messenger, struct error *err);

#endif
