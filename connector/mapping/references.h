/* references: no rule may need its own value, by however many others in between.
 *
 * Rules refer to others by define.NAME and alma.FIELD. Order of use: after everything is compiled,
 * once.
 */
#ifndef MAPPING_REFERENCES_H
#define MAPPING_REFERENCES_H

#include "mapping/compiler.h"

/* Adds a fault for each circle, with the rules in it. */
void references_check(struct compiler *compiler);

#endif
