#include "mapping/schema.h"

#include "base/schema.h"
#include "mapping/keys.h"
#include "mapping/mapping.h"
#include "mapping/rules.h"
#include "model/user_fields.h"

#include <stdio.h>
#include <string.h>

enum { HELP_BYTES = 400, NAME_BYTES = 80 };

/* Text, "$$" and "${…}", in which '}' may stand in quotes. */
#define TEMPLATE "^(?:[^$]|\\$\\$|\\$\\{(?:[^'}]|'[^']*')+\\})+$"

static struct json_object *
text_schema(unsigned other_kinds, const char *help)
{
    struct json_object *schema = schema_new(SCHEMA_SCALAR | other_kinds, help);

    schema_set_text(schema, "pattern", "\\S");
    return schema;
}

static struct json_object *
template_schema(unsigned other_kinds, const char *help)
{
    struct json_object *schema = schema_new(SCHEMA_SCALAR | other_kinds, help);

    schema_set_text(schema, "pattern", TEMPLATE);
    return schema;
}

static struct json_object *
template_definition(void)
{
    const struct transform_help *transform;
    struct buffer help = BUFFER_INIT;
    struct json_object *schema;

    buffer_add_text(&help, "text with ${source | transform arguments | ...}; $$ is a dollar sign. "
                           "A source is an attribute, dn, groups, groups.nested, today, "
                           "now, each, alma.FIELD or define.NAME. Transforms:");
    for (size_t i = 0; (transform = transform_help(i)); i++)
        buffer_format(&help, "\n%s%s%s: %s", transform->name, transform->arguments[0] ? " " : "",
                      transform->arguments, transform->help);
    buffer_add(&help, "", 1);
    schema = template_schema(0, help.data);
    buffer_free(&help);
    return schema;
}

static struct json_object *
filter_schema(unsigned other_kinds, const char *help)
{
    struct json_object *schema = schema_new(SCHEMA_STRING | other_kinds, help);

    schema_set_text(schema, "pattern", "^\\s*\\([\\s\\S]*\\)\\s*$");
    return schema;
}

static struct json_object *
alternative_definition(void)
{
    struct json_object *schema =
        template_schema(SCHEMA_MAP, "a template, or { when: FILTER, value: TEMPLATE }");

    schema_put(schema, "properties", "when", schema_refer("filter", NULL));
    schema_put(schema, "properties", "value", schema_refer("template", NULL));
    schema_add_text(schema, "required", "when");
    schema_add_text(schema, "required", "value");
    return schema;
}

static struct json_object *
value_schema(unsigned other_kinds, const char *help)
{
    struct json_object *schema = template_schema(SCHEMA_LIST | other_kinds, help);

    schema_set_items(schema, schema_refer("alternative", NULL));
    return schema;
}

/* A map, or null, that has names of the author's own. */
static struct json_object *
names_schema(const char *help, struct json_object *value)
{
    struct json_object *schema = schema_new(SCHEMA_MAP | SCHEMA_NULL, help);

    schema_set(schema, "additionalProperties", value);
    return schema;
}

static struct json_object *
csv_schema(void)
{
    struct json_object *schema = schema_new(0, NULL);

    schema_put(schema, "properties", "csv", schema_refer("text", "the file, with a header row"));
    schema_put(schema, "properties", "key", schema_refer("text", "the column that is looked up"));
    schema_add_text(schema, "required", "key");
    schema_set(schema, "additionalProperties", json_object_new_boolean(false));
    return schema;
}

/* All rows are texts, or all are maps of texts. */
static struct json_object *
rows_schema(void)
{
    struct json_object *schema = schema_new(0, NULL);
    struct json_object *texts = schema_new(0, NULL), *maps = schema_new(0, NULL);
    struct json_object *columns = schema_new(SCHEMA_MAP, NULL);

    schema_set(texts, "additionalProperties", schema_new(SCHEMA_SCALAR | SCHEMA_NULL, NULL));
    schema_set(columns, "additionalProperties", schema_new(SCHEMA_SCALAR | SCHEMA_NULL, NULL));
    schema_set(maps, "additionalProperties", columns);
    schema_add(schema, "anyOf", texts);
    schema_add(schema, "anyOf", maps);
    return schema;
}

static struct json_object *
table_definition(void)
{
    struct json_object *schema =
        names_schema("rows of KEY: TEXT or KEY: { COLUMN: TEXT }, or { csv: FILE, key: COLUMN }",
                     json_object_new_boolean(true));

    schema_set_number(schema, "minProperties", 1);
    schema_set(schema, "if", schema_having("csv"));
    schema_set(schema, "then", csv_schema());
    schema_set(schema, "else", rows_schema());
    return schema;
}

static struct json_object *
otherwise_schema(void)
{
    struct json_object *schema =
        schema_new(SCHEMA_STRING | SCHEMA_MAP, "what becomes of a code that is not listed: reject "
                                               "(the default), warn, or { replace: CODE }");

    schema_set_text(schema, "pattern", "^(?:reject|warn)$");
    schema_put(schema, "properties", "replace",
               schema_refer("text", "the code that is sent in its place"));
    schema_add_text(schema, "required", "replace");
    return schema;
}

static struct json_object *
list_schema(unsigned other_kinds, const char *help)
{
    struct json_object *schema = schema_new(SCHEMA_LIST | other_kinds, help);

    schema_set_items(schema, schema_refer("text", NULL));
    return schema;
}

static struct json_object *
codes_definition(void)
{
    struct json_object *schema =
        list_schema(SCHEMA_MAP | SCHEMA_NULL, "a list of codes, or where they stand and what "
                                              "becomes of others");
    struct json_object *alone = schema_new(0, NULL);

    schema_put(schema, "properties", "values", list_schema(0, "the codes"));
    schema_put(schema, "properties", "file",
               schema_refer("text", "a file with a code in the first column of each line"));
    schema_put(schema, "properties", "otherwise", otherwise_schema());
    schema_add(schema, "anyOf", schema_having("values"));
    schema_add(schema, "anyOf", schema_having("file"));
    schema_put(alone, "properties", "file", json_object_new_boolean(false));
    schema_put(schema, "dependentSchemas", "values", alone);
    return schema;
}

/* "the address; text, at most 255 characters" */
static void
field_help(const struct field *field, char help[HELP_BYTES])
{
    int length = snprintf(help, HELP_BYTES, "%s; %s", field->help, field_kind_name(field->kind));

    if (field->most)
        snprintf(help + length, HELP_BYTES - (size_t)length, ", at most %u characters",
                 field->most);
}

static struct json_object *
item_schema(const struct field *list)
{
    struct json_object *schema = schema_new(SCHEMA_MAP, NULL);
    char help[HELP_BYTES];

    schema_put(schema, "properties", "each",
               schema_refer("template", "one item is made for each value of this template"));
    schema_put(schema, "properties", "when",
               schema_refer("filter", "the item is made only where this filter matches"));
    for (size_t i = 0; i < list->field_count; i++) {
        const struct field *field = &list->fields[i];

        field_help(field, help);
        schema_put(schema, "properties", field->name, schema_refer("value", help));
        if (field->required && !field->fallback)
            schema_add_text(schema, "required", field->name);
    }
    return schema;
}

static struct json_object *
field_schema(const struct field *field)
{
    char help[HELP_BYTES];
    struct json_object *schema;

    field_help(field, help);
    if (field->kind != FIELD_ITEMS)
        return schema_refer("removable_value", help);
    schema = schema_new(SCHEMA_LIST | SCHEMA_NULL, help);
    schema_set_items(schema, item_schema(field));
    return schema;
}

static struct json_object *
user_schema(const char *help)
{
    struct json_object *schema = schema_new(SCHEMA_MAP | SCHEMA_NULL, help);

    for (size_t i = 0; i < user_field_count; i++)
        schema_put(schema, "properties", user_fields[i].name, field_schema(&user_fields[i]));
    return schema;
}

static struct json_object *
version_schema(const char *help)
{
    struct json_object *schema = schema_new(0, help);

    schema_add(schema, "enum", json_object_new_int(1));
    schema_add_text(schema, "enum", "1");
    return schema;
}

static struct json_object *
file_schema(const char *help)
{
    return schema_refer("text", help);
}

static struct json_object *
select_schema(const char *help)
{
    return filter_schema(SCHEMA_NULL, help);
}

static struct json_object *
tables_schema(const char *help)
{
    return names_schema(help, schema_refer("table", NULL));
}

static struct json_object *
define_schema(const char *help)
{
    struct json_object *schema = names_schema(help, schema_refer("removable_value", NULL));
    struct json_object *name = schema_new(0, NULL);

    schema_set_text(name, "pattern", "^[A-Za-z0-9_-]+$");
    schema_set(schema, "propertyNames", name);
    schema_set_number(schema, "maxProperties", DEFINES_MOST);
    return schema;
}

/* Calls `add` for each field, and for each field of items with their list. */
static void
for_each_field(struct json_object *schema,
               void (*add)(struct json_object *schema, const char *name, const struct field *field))
{
    for (size_t i = 0; i < user_field_count; i++) {
        const struct field *list = &user_fields[i];

        add(schema, list->name, list);
        for (size_t j = 0; j < list->field_count; j++) {
            char name[NAME_BYTES];

            snprintf(name, sizeof name, "%s.%s", list->name, list->fields[j].name);
            add(schema, name, &list->fields[j]);
        }
    }
}

static void
add_codes(struct json_object *schema, const char *name, const struct field *field)
{
    char help[HELP_BYTES];

    if (field->kind != FIELD_TEXT && field->kind != FIELD_CODE && field->kind != FIELD_CODES)
        return;
    field_help(field, help);
    schema_put(schema, "properties", name, schema_refer("codes", help));
}

static struct json_object *
codes_schema(const char *help)
{
    struct json_object *schema = schema_new(SCHEMA_MAP | SCHEMA_NULL, help);

    for_each_field(schema, add_codes);
    return schema;
}

static void
add_name(struct json_object *schema, const char *name, const struct field *field)
{
    (void)field;
    schema_add_text(schema, "enum", name);
}

static struct json_object *
require_schema(const char *help)
{
    struct json_object *schema = schema_new(SCHEMA_LIST | SCHEMA_NULL, help);
    struct json_object *name = schema_new(0, NULL);

    for_each_field(name, add_name);
    schema_set(schema, "items", name);
    return schema;
}

/* How the value of each key is made up; a key that is not here is text. */
static const struct {
    const char *name;
    struct json_object *(*make)(const char *help);
} forms[] = {
    {"mapping", version_schema}, {"extends", file_schema},  {"select", select_schema},
    {"require", require_schema}, {"tables", tables_schema}, {"define", define_schema},
    {"codes", codes_schema},     {"user", user_schema},
};

static struct json_object *
key_schema(const struct mapping_key *key)
{
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++)
        if (strcmp(forms[i].name, key->name) == 0)
            return forms[i].make(key->help);
    return text_schema(SCHEMA_NULL, key->help);
}

/* A file of its own has nothing that it could take away. */
static struct json_object *
alone_schema(void)
{
    static const char *const blocks[] = {"user", "tables", "define", "codes"};
    struct json_object *schema = schema_new(0, NULL);
    struct json_object *given = schema_new(SCHEMA_SCALAR | SCHEMA_LIST, NULL);

    schema_add_text(given, "type", "object");
    schema_add_text(schema, "required", "match_id");
    schema_add_text(schema, "required", "user");
    for (size_t i = 0; i < sizeof blocks / sizeof blocks[0]; i++) {
        struct json_object *block = schema_new(SCHEMA_MAP, NULL);

        schema_set(block, "additionalProperties", json_object_get(given));
        schema_put(schema, "properties", blocks[i], block);
    }
    schema_set(schema, "additionalProperties", given);
    return schema;
}

void
mapping_schema(struct buffer *out)
{
    struct json_object *document =
        schema_document("mapping", "Mapping of ldap2alma",
                        "How each field of an Alma user is made from a directory entry; see "
                        "ldap2alma-mapping(5).");
    const struct mapping_key *key;

    for (size_t i = 0; (key = keys_at(i)); i++)
        schema_put(document, "properties", key->name, key_schema(key));
    schema_add_text(document, "required", "mapping");
    schema_set(document, "if", schema_having("extends"));
    schema_set(document, "else", alone_schema());
    schema_put(document, "$defs", "text", text_schema(0, NULL));
    schema_put(document, "$defs", "filter", filter_schema(0, "an LDAP filter (RFC 4515)"));
    schema_put(document, "$defs", "template", template_definition());
    schema_put(document, "$defs", "alternative", alternative_definition());
    schema_put(document, "$defs", "value", value_schema(0, NULL));
    schema_put(document, "$defs", "removable_value", value_schema(SCHEMA_NULL, NULL));
    schema_put(document, "$defs", "table", table_definition());
    schema_put(document, "$defs", "codes", codes_definition());
    schema_write(document, out);
}
