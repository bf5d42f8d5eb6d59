/* preview_run: what the parts of a preview share: preview.c keeps people, preview_look.c finds
 * them, preview_judge.c compares them. Only for these.
 */
#ifndef RUN_PREVIEW_RUN_H
#define RUN_PREVIEW_RUN_H

#include "alma/alma.h"
#include "run/fingerprint.h"
#include "run/identity.h"
#include "run/preview.h"
#include "run/whom.h"
#include "state/state.h"

#include <stdint.h>

struct preview_run {
    struct preview content;
    const struct settings *settings;
    const struct messenger *messenger;
    size_t most;
    struct arena *arena;   /* of the whole */
    struct arena *people;  /* of those who are kept; reset when the read begins anew */
    struct arena *scratch; /* of one entry */
    struct attributes *attributes;
    struct mapping *mapping;
    struct identity_slots identity;
    struct state *state; /* NULL: what Alma has is not known */
    struct alma_writer *writer;
    struct alma_layout layout;
    struct fingerprint fingerprint;
    struct whom whom;
    bool narrowed; /* the server was asked for them alone */
    uint64_t read; /* entries */
    uint64_t unselected;
    char *unselected_dn; /* the first one that has the identifier somewhere; NULL: none */
    char *unselected_as; /* where */
};

/* Reads the source to its end, keeping who is meant, and closes it. `narrowed`: the server was
 * asked for them alone. */
bool preview_read(struct preview_run *run, struct source *source, bool narrowed, struct error *err);

/* The same finding as a run would make. */
void preview_add_finding(struct preview_run *run, struct preview_person *person,
                         const struct finding *finding);

/* Holds the person's record, of which the fingerprint was just made, against what state knows. */
void preview_compare(struct preview_run *run, struct preview_person *person);

/* Asks where the one who is meant may be. ERROR_DATA where nobody was found. */
bool preview_look(struct preview_run *run, struct error *err);

/* What a run judges of everybody (run/people.h), among those who were found. */
void preview_judge(struct preview_run *run);

#endif
