/* template: the text with ${source | transform arguments | …} that makes a value.
 *
 *   template  = *( character | "$$" | "${" pipe "}" )
 *   pipe      = source *( "|" transform *argument )
 *   argument  = word | "'" *( character | "''" ) "'"
 *
 * A word is anything without blanks, quotes, braces and '|'; blanks between words do not count.
 */
#ifndef MAPPING_TEMPLATE_H
#define MAPPING_TEMPLATE_H

#include "base/yaml.h"
#include "mapping/compiler.h"
#include "mapping/rules.h"

#include <stdbool.h>

/* Compiles the node, which must be text that is not empty. False after a fault. */
bool template_compile(struct compiler *compiler, const struct yaml_node *node,
                      struct template *ret_template);

/* The text of a template without sources, or NULL. */
const struct slice *template_literal(const struct template *value);

/* The only pipe of a template that is nothing else; NULL for any other. */
const struct pipe *template_pipe(const struct template *value);

#endif
