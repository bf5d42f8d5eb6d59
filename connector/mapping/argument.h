/* argument: the arguments of transforms, checked and made ready when the mapping is loaded. */
#ifndef MAPPING_ARGUMENT_H
#define MAPPING_ARGUMENT_H

#include "base/yaml.h"
#include "mapping/compiler.h"
#include "mapping/rules.h"
#include "mapping/transform.h"

#include <stdbool.h>
#include <stddef.h>

/* A word of a template and where it begins in the node's text (behind the quote). */
struct word {
    struct slice text; /* NUL-terminated, without quotes */
    size_t offset;
};

/* Fills step->arguments; the step's transform is set. False after a fault. `place` is where the
 * transform's name stands. */
bool arguments_compile(struct compiler *compiler, const struct yaml_node *node, size_t place,
                       const struct word *words, size_t count, struct step *step);

#endif
