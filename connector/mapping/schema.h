/* schema: the mapping and the file of its tests as JSON Schemas, made from the tables of fields,
 * transforms and findings.
 */
#ifndef MAPPING_SCHEMA_H
#define MAPPING_SCHEMA_H

#include "base/buffer.h"

void mapping_schema(struct buffer *out);

/* schema_cases.c */
void mapping_cases_schema(struct buffer *out);

#endif
