/* sheet: what stands on the hand-over sheet (report/sheet.h): all that has to be typed into Alma
 * for this feed, taken from the settings and the mapping alone. No server is asked, no state read,
 * and nothing is written but the sheet.
 *
 * Of secrets it knows where they are kept, and tells neither; of a login key that can be read it
 * tells the fingerprint.
 */
#ifndef RUN_SHEET_H
#define RUN_SHEET_H

#include "base/error.h"
#include "base/message.h"
#include "report/sheet.h"
#include "settings/settings.h"

#include <time.h>

/* NULL where the mapping has faults, all of which were said. sheet_free() frees it. */
struct sheet *sheet_of_feed(const struct settings *settings, time_t now,
                            const struct messenger *messenger, struct error *err);

#endif
