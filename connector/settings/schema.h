/* schema: the site's file as a JSON Schema, made from the table of options. */
#ifndef SETTINGS_SCHEMA_H
#define SETTINGS_SCHEMA_H

#include "base/buffer.h"

void settings_schema(struct buffer *out);

#endif
