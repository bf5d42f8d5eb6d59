#include "mapping/schema.h"

#include "base/schema.h"
#include "base/yaml.h"
#include "mapping/cases.h"
#include "model/finding.h"
#include "model/user_fields.h"

#include <stdio.h>

enum { HELP_BYTES = 400, PATTERN_BYTES = 300 };

/* Behind the name of a list: "[2]", "[work]", "[work][2]", as model/field_path.c reads them. */
#define POSITION "[1-9][0-9]{0,8}\\]"
#define SELECTED "\\[(?:" POSITION "|(?!(?:0|[1-9][0-9]{0,8})\\])[^\\]]+\\](?:\\[" POSITION ")?)"
#define DATE "[0-9]{4}-[0-9]{2}-[0-9]{2}"

static struct json_object *
text_schema(unsigned other_kinds, const char *pattern, const char *help)
{
    struct json_object *schema = schema_new(SCHEMA_SCALAR | other_kinds, help);

    schema_set_text(schema, "pattern", pattern);
    return schema;
}

/* What a field is expected to be. */
static struct json_object *
expected_schema(const struct field *field)
{
    struct json_object *schema;

    switch (field->kind) {
    case FIELD_DATE:
        return text_schema(0, "^\\s*" DATE "Z?\\s*$", field->help);
    case FIELD_BOOLEAN:
        schema = schema_new(SCHEMA_STRING | SCHEMA_BOOLEAN, field->help);
        schema_set_text(schema, "pattern", "^\\s*(?:[tT][rR][uU][eE]|[fF][aA][lL][sS][eE])\\s*$");
        return schema;
    case FIELD_CODES:
        schema = text_schema(SCHEMA_LIST, "\\S", field->help);
        schema_set_items(schema, text_schema(0, "\\S", NULL));
        return schema;
    case FIELD_TEXT:
    case FIELD_CODE:
    case FIELD_DATE_TIME:
    case FIELD_ITEMS:
        break;
    }
    return text_schema(0, "\\S", field->help);
}

static void
add_list(struct json_object *expect, const struct field *list)
{
    struct json_object *count = schema_new(SCHEMA_INTEGER | SCHEMA_STRING, "how many there are");
    char name[PATTERN_BYTES];

    schema_set_text(count, "pattern", "^\\s*[0-9]+\\s*$");
    schema_set_number(count, "minimum", 0);
    snprintf(name, sizeof name, "%s.count", list->name);
    schema_put(expect, "properties", name, count);
    snprintf(name, sizeof name, "^%s" SELECTED "$", list->name);
    schema_put(expect, "patternProperties", name,
               expected_schema(&list->fields[field_main_index(list)]));
    for (size_t i = 0; i < list->field_count; i++) {
        snprintf(name, sizeof name, "^%s" SELECTED "\\.%s$", list->name, list->fields[i].name);
        schema_put(expect, "patternProperties", name, expected_schema(&list->fields[i]));
    }
}

static struct json_object *
expect_schema(const char *help)
{
    struct json_object *schema = schema_new(SCHEMA_MAP, help);

    schema_set_number(schema, "minProperties", 1);
    for (size_t i = 0; i < user_field_count; i++) {
        if (user_fields[i].kind == FIELD_ITEMS)
            add_list(schema, &user_fields[i]);
        else
            schema_put(schema, "properties", user_fields[i].name, expected_schema(&user_fields[i]));
    }
    return schema;
}

/* Adds the finished text of a buffer and frees it. */
static void
set_pattern(struct json_object *schema, struct buffer *pattern)
{
    buffer_add(pattern, "", 1);
    schema_set_text(schema, "pattern", pattern->data);
    buffer_free(pattern);
}

/* "(?:each|preferred|email_address)" */
static void
add_item_names(struct buffer *pattern, const struct field *list, const char *first)
{
    buffer_format(pattern, "(?:%s", first);
    for (size_t i = 0; i < list->field_count; i++)
        buffer_format(pattern, "%s%s", i || first[0] ? "|" : "", list->fields[i].name);
    buffer_add_text(pattern, ")");
}

/* Any field, item or field of an item: "user_group", "emails[work].description". */
static struct json_object *
path_schema(unsigned other_kinds, const char *help)
{
    struct json_object *schema = schema_new(SCHEMA_STRING | other_kinds, help);
    struct buffer pattern = BUFFER_INIT;

    for (size_t i = 0; i < user_field_count; i++) {
        buffer_format(&pattern, "%s%s", i ? "|" : "^(?:", user_fields[i].name);
        if (user_fields[i].kind != FIELD_ITEMS)
            continue;
        buffer_add_text(&pattern, "(?:" SELECTED "(?:\\.");
        add_item_names(&pattern, &user_fields[i], "");
        buffer_add_text(&pattern, ")?)?");
    }
    buffer_add_text(&pattern, ")$");
    set_pattern(schema, &pattern);
    return schema;
}

/* CODE or CODE FIELD, of findings that reject or of all; `word` stands for none of them. */
static struct json_object *
finding_schema(unsigned other_kinds, bool rejects, const char *word, const char *help)
{
    struct json_object *schema = schema_new(SCHEMA_STRING | other_kinds, help);
    struct buffer pattern = BUFFER_INIT;
    const char *bar = "";

    buffer_format(&pattern, "^(?:%s\\s*(?:", word);
    for (int i = 0; i < FINDING_CODE_COUNT; i++) {
        const struct finding_kind *kind = finding_kind((enum finding_code)i);

        if (rejects && kind->severity != FINDING_REJECT)
            continue;
        buffer_format(&pattern, "%s%s", bar, kind->name);
        schema_add_text(schema, "examples", kind->name);
        bar = "|";
    }
    buffer_add_text(&pattern, ")(?:\\s+(?:");
    for (size_t i = 0; i < user_field_count; i++) {
        buffer_format(&pattern, "%s%s", i ? "|" : "", user_fields[i].name);
        if (user_fields[i].kind != FIELD_ITEMS)
            continue;
        buffer_add_text(&pattern, "(?:\\.");
        add_item_names(&pattern, &user_fields[i], "each");
        buffer_add_text(&pattern, ")?");
    }
    buffer_add_text(&pattern, "))?\\s*)$");
    set_pattern(schema, &pattern);
    return schema;
}

static struct json_object *
today_schema(const char *help)
{
    return text_schema(0, "^" DATE "Z?$", help);
}

static struct json_object *
now_schema(const char *help)
{
    return text_schema(0, "^" DATE "T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$", help);
}

static struct json_object *
absent_schema(const char *help)
{
    struct json_object *schema = path_schema(SCHEMA_LIST, help);

    schema_set_items(schema, path_schema(0, NULL));
    return schema;
}

static struct json_object *
rejected_schema(const char *help)
{
    return finding_schema(0, true, "", help);
}

static struct json_object *
findings_schema(const char *help)
{
    struct json_object *schema = finding_schema(SCHEMA_LIST, false, "none|", help);

    schema_set_items(schema, finding_schema(0, false, "", NULL));
    return schema;
}

static struct json_object *
skipped_schema(const char *help)
{
    struct json_object *schema = schema_new(0, help);

    schema_add(schema, "enum", json_object_new_boolean(true));
    schema_add_text(schema, "enum", "true");
    return schema;
}

static struct json_object *
xml_schema(const char *help)
{
    struct json_object *schema = text_schema(SCHEMA_MAP, "\\S", help);

    schema_put(schema, "properties", "file", text_schema(0, "\\S", NULL));
    schema_add_text(schema, "required", "file");
    return schema;
}

static struct json_object *cases_schema(const char *help);

/* The keys whose values are not just text. */
static const struct {
    const char *name;
    struct json_object *(*make)(const char *help);
} forms[] = {
    {"today", today_schema},      {"now", now_schema},         {"cases", cases_schema},
    {"expect", expect_schema},    {"absent", absent_schema},   {"rejected", rejected_schema},
    {"finding", findings_schema}, {"skipped", skipped_schema}, {"xml", xml_schema},
};

static struct json_object *
key_schema(const struct case_key *key)
{
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++)
        if (strcmp(forms[i].name, key->name) == 0)
            return forms[i].make(key->help);
    return text_schema(0, "\\S", key->help);
}

static void
add_keys(struct json_object *schema, bool of_case)
{
    const struct case_key *key;

    for (size_t i = 0; (key = case_key(i)); i++) {
        if (key->of_case != of_case)
            continue;
        schema_put(schema, "properties", key->name, key_schema(key));
        if (key->required)
            schema_add_text(schema, "required", key->name);
    }
}

/* What cases.c refuses beside each other. */
static void
add_exclusions(struct json_object *schema)
{
    static const char *const exclusions[][5] = {
        {"rejected", "expect", "absent", "xml", "skipped"},
        {"skipped", "expect", "absent", "xml"},
        {"entry", "ldif", "dn"},
    };

    for (size_t i = 0; i < sizeof exclusions / sizeof exclusions[0]; i++) {
        struct json_object *others = schema_new(0, NULL);

        for (size_t j = 1; j < 5 && exclusions[i][j]; j++)
            schema_put(others, "properties", exclusions[i][j], json_object_new_boolean(false));
        schema_put(schema, "dependentSchemas", exclusions[i][0], others);
    }
}

static struct json_object *
cases_schema(const char *help)
{
    static const char *const outcomes[] = {"expect",  "absent",  "rejected",
                                           "skipped", "finding", "xml"};
    struct json_object *schema = schema_new(SCHEMA_LIST, help);
    struct json_object *item = schema_new(SCHEMA_MAP, NULL);

    add_keys(item, true);
    for (size_t i = 0; i < sizeof outcomes / sizeof outcomes[0]; i++)
        schema_add(item, "anyOf", schema_having(outcomes[i]));
    add_exclusions(item);
    schema_set_items(schema, item);
    return schema;
}

/* Where the file names no LDIF for all cases, each has an entry of its own. */
static struct json_object *
own_entries_schema(void)
{
    struct json_object *schema = schema_new(0, NULL), *list = schema_new(0, NULL);
    struct json_object *item = schema_new(0, NULL);

    schema_add(item, "anyOf", schema_having("entry"));
    schema_add(item, "anyOf", schema_having("ldif"));
    schema_set(list, "items", item);
    schema_put(schema, "properties", "cases", list);
    return schema;
}

void
mapping_cases_schema(struct buffer *out)
{
    struct json_object *document =
        schema_document("test", "Tests of a mapping of ldap2alma",
                        "What a mapping is to make of sample entries; `ldap2alma test` runs it.");

    add_keys(document, false);
    schema_set(document, "if", schema_having("ldif"));
    schema_set(document, "else", own_entries_schema());
    schema_write(document, out);
}
