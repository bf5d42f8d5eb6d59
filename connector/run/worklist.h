/* worklist: the list of who is held or rejected, out of the state or of a run that was just made,
 * for the calls l2a_worklist… of the public header.
 */
#ifndef RUN_WORKLIST_H
#define RUN_WORKLIST_H

#include "base/error.h"
#include "report/report.h"
#include "report/worklist.h"
#include "settings/settings.h"
#include "state/matter.h"

struct worklist_look;

/* NULL with err: there is no state, or it cannot be read. */
struct worklist_look *worklist_of_state(const struct settings *settings, struct error *err);

/* NULL with err: the run ended before everybody was judged. */
struct worklist_look *worklist_of_run(const struct settings *settings, const struct report *report,
                                      struct error *err);

/* NULL is allowed. */
void worklist_free(struct worklist_look *look);

/* The word for why a matter is over, as in a report; NULL for STATE_UNSOLVED. */
const char *worklist_how(enum state_solved solved);

#endif
