/* schema: a JSON Schema (draft 2020-12), by which editors complete, explain and check the YAML
 * files that people write.
 *
 * What a file may hold is told by the module that loads it. To us every scalar is text, whatever
 * YAML makes of it; an editor sees strings, numbers, booleans and nulls. So what takes text takes
 * SCHEMA_SCALAR. One schema names all kinds of values that a place takes, and each keyword speaks
 * of its own kind ("pattern" of strings, "items" of lists): alternatives (anyOf) would say the
 * same, but editors then cannot tell which of them somebody meant.
 *
 * Order of use: schema_document(), fill it, schema_write(). Whatever is handed to a function
 * belongs to the schema that it was put into.
 */
#ifndef BASE_SCHEMA_H
#define BASE_SCHEMA_H

#include "base/buffer.h"

#include <json-c/json.h>
#include <stddef.h>

/* Kinds of values, as flags. */
enum schema_kind {
    SCHEMA_STRING = 1,
    SCHEMA_INTEGER = 2,
    SCHEMA_NUMBER = 4,
    SCHEMA_BOOLEAN = 8,
    SCHEMA_NULL = 16,
    SCHEMA_LIST = 32,
    SCHEMA_MAP = 64, /* without other keys than its properties */
    SCHEMA_SCALAR = SCHEMA_STRING | SCHEMA_NUMBER | SCHEMA_BOOLEAN
};

/* The schema of a file, which is a map; its $id is "urn:ldap2alma:schema:KIND:1". */
struct json_object *schema_document(const char *kind, const char *title, const char *help);

/* The schema of values of these kinds (0: of any); help may be NULL. */
struct json_object *schema_new(unsigned kinds, const char *help);

/* The document's definition NAME, with another help where that is not NULL. */
struct json_object *schema_refer(const char *name, const char *help);

/* The schema of maps that have this key. */
struct json_object *schema_having(const char *name);

/* Sets a keyword. */
void schema_set(struct json_object *schema, const char *keyword, struct json_object *value);
void schema_set_text(struct json_object *schema, const char *keyword, const char *text);
void schema_set_number(struct json_object *schema, const char *keyword, uint64_t number);

/* What the items of a list are, of which there is at least one. */
void schema_set_items(struct json_object *schema, struct json_object *item);

/* Adds a member to the keyword's map, such as "properties", "$defs" or "patternProperties". */
void schema_put(struct json_object *schema, const char *keyword, const char *name,
                struct json_object *value);

/* Adds to the keyword's list, such as "required", "enum" or "allOf". */
void schema_add(struct json_object *schema, const char *keyword, struct json_object *value);
void schema_add_text(struct json_object *schema, const char *keyword, const char *text);

/* Appends the document as JSON, the members in the order in which they were added, and frees it. */
void schema_write(struct json_object *document, struct buffer *out);

#endif
