#include "base/schema.h"

#include <stdio.h>

struct json_object *
schema_document(const char *kind, const char *title, const char *help)
{
    struct json_object *document = json_object_new_object();
    char id[64];

    snprintf(id, sizeof id, "urn:ldap2alma:schema:%s:1", kind);
    schema_set_text(document, "$schema", "https://json-schema.org/draft/2020-12/schema");
    schema_set_text(document, "$id", id);
    schema_set_text(document, "title", title);
    schema_set_text(document, "description", help);
    schema_set_text(document, "type", "object");
    schema_set(document, "additionalProperties", json_object_new_boolean(false));
    return document;
}

struct json_object *
schema_new(unsigned kinds, const char *help)
{
    static const struct {
        unsigned kind;
        const char *name;
    } names[] = {
        {SCHEMA_STRING, "string"},   {SCHEMA_INTEGER, "integer"}, {SCHEMA_NUMBER, "number"},
        {SCHEMA_BOOLEAN, "boolean"}, {SCHEMA_NULL, "null"},       {SCHEMA_LIST, "array"},
        {SCHEMA_MAP, "object"},
    };
    struct json_object *schema = json_object_new_object();

    if (help)
        schema_set_text(schema, "description", help);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (kinds == names[i].kind)
            schema_set_text(schema, "type", names[i].name);
        else if (kinds & names[i].kind)
            schema_add_text(schema, "type", names[i].name);
    }
    if (kinds & SCHEMA_MAP)
        schema_set(schema, "additionalProperties", json_object_new_boolean(false));
    return schema;
}

struct json_object *
schema_refer(const char *name, const char *help)
{
    struct json_object *schema = schema_new(0, help);
    char pointer[64];

    snprintf(pointer, sizeof pointer, "#/$defs/%s", name);
    schema_set_text(schema, "$ref", pointer);
    return schema;
}

struct json_object *
schema_having(const char *name)
{
    struct json_object *schema = schema_new(0, NULL);

    schema_add_text(schema, "required", name);
    return schema;
}

void
schema_set(struct json_object *schema, const char *keyword, struct json_object *value)
{
    json_object_object_add(schema, keyword, value);
}

void
schema_set_text(struct json_object *schema, const char *keyword, const char *text)
{
    schema_set(schema, keyword, json_object_new_string(text));
}

void
schema_set_number(struct json_object *schema, const char *keyword, uint64_t number)
{
    schema_set(schema, keyword, json_object_new_uint64(number));
}

void
schema_set_items(struct json_object *schema, struct json_object *item)
{
    schema_set_number(schema, "minItems", 1);
    schema_set(schema, "items", item);
}

/* The keyword's value, which `make` makes where it is not there yet. */
static struct json_object *
value_of(struct json_object *schema, const char *keyword, struct json_object *(*make)(void))
{
    struct json_object *value = json_object_object_get(schema, keyword);

    if (!value) {
        value = make();
        schema_set(schema, keyword, value);
    }
    return value;
}

void
schema_put(struct json_object *schema, const char *keyword, const char *name,
           struct json_object *value)
{
    json_object_object_add(value_of(schema, keyword, json_object_new_object), name, value);
}

void
schema_add(struct json_object *schema, const char *keyword, struct json_object *value)
{
    json_object_array_add(value_of(schema, keyword, json_object_new_array), value);
}

void
schema_add_text(struct json_object *schema, const char *keyword, const char *text)
{
    schema_add(schema, keyword, json_object_new_string(text));
}

void
schema_write(struct json_object *document, struct buffer *out)
{
    buffer_add_text(out, json_object_to_json_string_ext(
                             document, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED |
                                           JSON_C_TO_STRING_NOSLASHESCAPE));
    buffer_add_text(out, "\n");
    json_object_put(document);
}
