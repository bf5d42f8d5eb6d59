/* whom: who is meant by what somebody typed.
 *
 * Text that begins with a parenthesis is a filter, text that reads as a DN is one, any other is an
 * identifier: the match identifier, or any other one of the person, compared without case as Alma
 * does. Servers are asked by searches that are narrowed to it; of LDIF every entry is judged here.
 */
#ifndef RUN_WHOM_H
#define RUN_WHOM_H

#include "base/arena.h"
#include "base/error.h"
#include "directory/source.h"
#include "mapping/mapping.h"
#include "model/attributes.h"
#include "settings/settings.h"

#include <stdbool.h>
#include <stddef.h>

enum whom_kind { WHOM_DN, WHOM_FILTER, WHOM_IDENTIFIER };

struct whom {
    enum whom_kind kind;
    const char *text;                    /* as typed */
    struct slice normal;                 /* WHOM_DN, WHOM_IDENTIFIER: in the form that compares */
    struct mapping_condition *condition; /* WHOM_FILTER of LDIF */
    int attribute; /* WHOM_IDENTIFIER: slot of the one whose value is the match identifier, but
                      for its case; else ATTRIBUTE_NONE */
};

/* Reads the text; what a filter names is added to the set where the filter is judged here. `text`
 * and the arena live as long as `ret_whom`. ERROR_USAGE where the text is nobody. */
bool whom_parse(struct whom *ret_whom, const char *text, const struct settings *settings,
                const struct mapping *mapping, struct attributes *attributes, struct arena *arena,
                struct error *err);
void whom_close(struct whom *whom);

/* The settings' searches, narrowed: to the DN those that cover it, which may be none; to the filter
 * or to the attribute all. */
struct ldap_search *whom_narrow(const struct whom *whom, const struct settings *settings,
                                const struct attributes *attributes, struct arena *arena,
                                size_t *ret_count);

enum whom_match {
    WHOM_OTHER,
    WHOM_MEANT,
    WHOM_UNSELECTED /* not selected, so without identifiers, but an attribute has that text */
};

struct whom_found {
    const char *as; /* WHOM_MEANT: the identifier, where it is not the match identifier, else NULL;
                       WHOM_UNSELECTED: the attribute. In the arena. */
};

/* Is the entry meant? */
enum whom_match whom_judge(const struct whom *whom, const struct mapping *mapping,
                           const struct entry *entry, struct arena *arena,
                           struct whom_found *ret_found);

#endif
