/* photos_check: tries what a run of photos and Alma need of the photos' server: the delivery, and
 * that what was delivered is to be seen under the URL that Alma is told.
 *
 * Nothing is locked and no state is written; what is written to try a right is taken away again.
 */
#ifndef RUN_PHOTOS_CHECK_H
#define RUN_PHOTOS_CHECK_H

#include "run/check.h"

/* As check_feed(); the content has the values for Alma's settings, too. */
struct check_run *photos_check(const struct settings *settings, const struct messenger *messenger,
                               bool *ret_ok, struct error *err);

#endif
