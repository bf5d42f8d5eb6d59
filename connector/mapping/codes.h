/* codes: the codes that an institution permits in a field, from `codes:` of a mapping.
 *
 *   user_group: [STAFF, FACULTY]
 *   emails.email_types: { values: [work, school], otherwise: warn }
 *   campus_code: { file: campuses.csv, otherwise: { replace: MAIN } }
 *
 * Order of use: codes_compile() when every field is compiled; then, for each person, codes_judge()
 * as soon as a field has its values, so that alma.FIELD, the match identifier and `require` see
 * what is sent. What the mapping does not list costs nothing.
 *
 * Codes compare exactly, as Alma compares them. What Alma's field table falls back to where the
 * mapping gives nothing is not judged.
 *
 * Only for this folder.
 */
#ifndef MAPPING_CODES_H
#define MAPPING_CODES_H

#include "base/yaml.h"
#include "mapping/compiler.h"
#include "mapping/rules.h"

#include <stdbool.h>
#include <stddef.h>

struct evaluation;

enum codes_otherwise { CODES_REJECT, CODES_WARN, CODES_REPLACE };

/* The list of one field; mapping->codes holds mapping->codes_count of them. */
struct codes {
    const char *name;      /* "user_group", "emails.email_types" */
    int field;             /* in user_fields */
    int item;              /* in that field's fields; -1: the field itself */
    bool filled;           /* some rule of the mapping fills the field */
    struct position where; /* of the field's name in `codes:` */
    enum codes_otherwise otherwise;
    struct slice replacement; /* CODES_REPLACE: one of the codes */
    struct slice *items;      /* the codes in byte order, NUL-terminated */
    size_t count;
};

/* Compiles the block into the mapping, whose fields are compiled already. */
void codes_compile(struct compiler *compiler, const struct yaml_node *node);

/* True when the list holds exactly this code. */
bool codes_permits(const struct codes *codes, struct slice code);

/* The code of the list that most likely is meant; NULL where none is near. */
const char *codes_nearest(const struct codes *codes, struct arena *arena, struct slice code);

/* Judges the codes of a field, or of all items of a list, that has just been evaluated: replaces
 * them or marks the person as refused, with a finding for each. */
void codes_judge(struct evaluation *evaluation, int field);

#endif
