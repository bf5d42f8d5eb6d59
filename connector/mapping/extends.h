/* extends: a mapping that takes another one and changes some of it.
 *
 *   extends: active-directory.yaml
 *   user:
 *     user_group: ${employeeType | lookup groups}      in place of the other file's whole rule
 *     phones: ~                                        without what the other file gives
 *
 * The files are joined as trees, before anything is compiled, so that nothing else knows of it;
 * each node keeps the position in its own file. The blocks tables, define, codes and user are
 * joined name by name, every other key and every value under a name is taken as a whole. A null
 * takes away what the other file gives. The other file may extend a third one.
 */
#ifndef MAPPING_EXTENDS_H
#define MAPPING_EXTENDS_H

#include "base/yaml.h"
#include "mapping/compiler.h"

/* The mapping that the file is with all that it extends, each file's keys checked; the root itself
 * where it extends nothing. NULL when a fault leaves nothing that is worth compiling. */
const struct yaml_node *extends_resolve(struct compiler *compiler, const struct yaml_node *root);

#endif
