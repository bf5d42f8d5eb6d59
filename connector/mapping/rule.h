/* rule: how one value comes about: a template, or a list of alternatives.
 *
 *   rule        = TEMPLATE | [ alternative, … ]
 *   alternative = TEMPLATE | { when: FILTER, value: TEMPLATE }
 *
 * For a field of kind FIELD_CODES the list is not one of alternatives: each entry adds its codes.
 */
#ifndef MAPPING_RULE_H
#define MAPPING_RULE_H

#include "base/yaml.h"
#include "mapping/compiler.h"
#include "mapping/rules.h"

#include <stdbool.h>

/* Fills the rule's alternatives and position; name and field are the caller's. False after a
 * fault. */
bool rule_compile(struct compiler *compiler, const struct yaml_node *node, struct rule *rule);

#endif
