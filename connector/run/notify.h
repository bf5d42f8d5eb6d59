/* notify: tells the programs of the settings how a run went.
 *
 * Each is given the report as JSON on standard input, and in its environment LDAP2ALMA_EVENT
 * ("success", "findings", "failure"), LDAP2ALMA_FEED, LDAP2ALMA_OUTCOME and LDAP2ALMA_EXIT. What
 * it says is a message; that it failed is a warning, and nothing more: the run is over.
 */
#ifndef RUN_NOTIFY_H
#define RUN_NOTIFY_H

#include "base/helper.h"
#include "base/message.h"
#include "report/report.h"
#include "settings/settings.h"

/* `helper` runs the programs, where this process cannot any more; NULL: it can. */
void notify(const struct settings *settings, struct report *report, struct helper *helper,
            const struct messenger *messenger);

#endif
