/* account: by whom a feed is run: root writes files that the account whose feed it is cannot change
 * any more, and has rights that no feed needs.
 */
#ifndef RUN_ACCOUNT_H
#define RUN_ACCOUNT_H

#include "base/error.h"
#include "settings/settings.h"

#include <stdbool.h>

/* Whether this process may write to the feed's folders. ERROR_PERMISSION where it is root's and
 * another account has them, or as `rights.root` says. */
bool account_check(const struct settings *settings, struct error *err);

/* Whether root has run it, and nobody has said that root may. */
bool account_is_root(const struct settings *settings);

#endif
