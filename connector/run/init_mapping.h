/* init_mapping: what the parts of the proposed mapping are written with.
 */
#ifndef RUN_INIT_MAPPING_H
#define RUN_INIT_MAPPING_H

#include "run/init_run.h"

/* "598 of 600, such as Xxxx": what is known of an attribute. */
const char *init_remark(struct init_run *run, const char *name);

/* One rule with what is known of its attribute; NULL: nothing. */
void init_write_rule(struct buffer *out, const char *rule, const char *known);

/* The template, which says which of several values it takes. */
const char *init_one_value(struct init_run *run, const char *template, const char *attribute);

/* The lists of the user: addresses, e-mail, phones, identifiers, statistics. */
void init_lists_write(struct init_run *run);

#endif
