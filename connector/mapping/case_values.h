/* case_values: the parts of a case that name fields and findings, as the loader reads them.
 *
 * Only for this folder.
 */
#ifndef MAPPING_CASE_VALUES_H
#define MAPPING_CASE_VALUES_H

#include "base/yaml.h"
#include "mapping/cases.h"

/* Each reads one node into the result and returns false after a fault. */

/* A pair of `expect`. */
bool case_values_expect(struct arena *arena, const struct yaml_node *key,
                        const struct yaml_node *node, struct faults *faults,
                        struct case_value *ret_value);

/* An entry of `absent`. */
bool case_values_absent(struct arena *arena, const struct yaml_node *node, struct faults *faults,
                        struct case_value *ret_value);

/* "CODE" or "CODE FIELD". */
bool case_values_finding(struct arena *arena, const struct yaml_node *node, struct faults *faults,
                         struct case_finding *ret_finding);

#endif
