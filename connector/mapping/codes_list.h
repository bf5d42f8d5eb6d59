/* codes_list: the codes themselves, as the mapping writes them or from a file beside it.
 *
 * The file holds a code a line. Blank lines and lines that begin with '#' are left out, and so is
 * what stands behind a comma, a semicolon or a tab, as code tables are exported with their
 * descriptions. A code, or a description that goes over several lines, may stand in double quotes
 * as in CSV files. A byte order mark and CRLF do no harm.
 *
 * Only for codes.c.
 */
#ifndef MAPPING_CODES_LIST_H
#define MAPPING_CODES_LIST_H

#include "base/yaml.h"
#include "mapping/codes.h"
#include "mapping/compiler.h"

/* Sets the codes from a list of the mapping. Faults empty codes and lists and what stands twice. */
void codes_list_compile(struct compiler *compiler, const struct yaml_node *values,
                        struct codes *codes);

/* The same from the file that the scalar names. */
void codes_list_read(struct compiler *compiler, const struct yaml_node *file, struct codes *codes);

#endif
