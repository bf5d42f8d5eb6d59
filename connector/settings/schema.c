#include "settings/schema.h"

#include "base/schema.h"
#include "settings/formats.h"
#include "settings/options.h"
#include "settings/values.h"

#include <string.h>

/* What rules.c asks of a map's keys, as far as a schema can say it. */
enum rule { ALL_OF, ONE_OF, ANY_OF, FIRST_NEEDS, ALONE };

static const struct {
    const char *prefix; /* of the map */
    enum rule rule;
    const char *keys[5];
} rules[] = {
    {"", ALL_OF, {"directory", "delivery"}},
    {"directory.", ONE_OF, {"uri", "srv", "ldif", "push"}},
    {"directory.", FIRST_NEEDS, {"uri", "searches", "bind"}},
    {"directory.", FIRST_NEEDS, {"srv", "searches", "bind"}},
    {"directory.", FIRST_NEEDS, {"site", "srv"}},
    {"directory.", ALONE, {"ldif"}},
    {"directory.", ALONE, {"push"}},
    {"directory.bind.", FIRST_NEEDS, {"keytab", "principal"}},
    {"directory.bind.", FIRST_NEEDS, {"principal", "keytab"}},
    {"directory.tls.", FIRST_NEEDS, {"cert_file", "key_file"}},
    {"directory.tls.", FIRST_NEEDS, {"key_file", "cert_file"}},
    {"delivery.", ONE_OF, {"sftp", "folder"}},
    {"delivery.sftp.", ANY_OF, {"known_hosts", "fingerprint"}},
    {"delivery.sftp.", ANY_OF, {"key", "password", "agent"}},
    {"delivery.sftp.", FIRST_NEEDS, {"passphrase", "key"}},
    {"photos.", ALL_OF, {"delivery"}},
    {"photos.delivery.", ONE_OF, {"sftp", "folder"}},
    {"photos.delivery.sftp.", ANY_OF, {"known_hosts", "fingerprint"}},
    {"photos.delivery.sftp.", ANY_OF, {"key", "password", "agent"}},
    {"photos.delivery.sftp.", FIRST_NEEDS, {"passphrase", "key"}},
    {"notify.", ANY_OF, {"success", "findings", "failure"}},
};

static struct json_object *
choice_of(const char *keyword, const char *const *keys)
{
    struct json_object *choice = schema_new(0, NULL);

    for (; *keys; keys++)
        schema_add(choice, keyword, schema_having(*keys));
    return choice;
}

static void
add_rule(struct json_object *map, enum rule rule, const char *const *keys)
{
    struct json_object *value;

    switch (rule) {
    case ALL_OF:
        for (; *keys; keys++)
            schema_add_text(map, "required", *keys);
        break;
    case ONE_OF:
    case ANY_OF:
        schema_add(map, "allOf", choice_of(rule == ONE_OF ? "oneOf" : "anyOf", keys));
        break;
    case FIRST_NEEDS:
        value = json_object_new_array();
        schema_put(map, "dependentRequired", *keys, value);
        while (*++keys)
            json_object_array_add(value, json_object_new_string(*keys));
        break;
    case ALONE:
        value = schema_new(0, NULL);
        schema_set_number(value, "maxProperties", 1);
        schema_put(map, "dependentSchemas", *keys, value);
        break;
    }
}

/* A line of text of this form, besides values of other kinds. */
static struct json_object *
line_schema(const struct format *format, unsigned other_kinds, const char *help)
{
    struct json_object *schema =
        schema_new((format->takes_number ? SCHEMA_SCALAR : SCHEMA_STRING) | other_kinds, help);

    schema_set_text(schema, "pattern", format->pattern);
    return schema;
}

static struct json_object *
text_schema(const struct format *format, const char *help)
{
    return format == format_of(NULL) ? schema_refer("line", help) : line_schema(format, 0, help);
}

static struct json_object *
texts_schema(const struct option *option, const char *help)
{
    const struct format *format = format_of(option->complaint);
    struct json_object *schema = line_schema(format, SCHEMA_LIST, help);

    schema_set_items(schema, text_schema(format, NULL));
    return schema;
}

static struct json_object *
by_mode_schema(const struct option *option, const char *help)
{
    const struct format *format = format_of(option->complaint);
    struct json_object *schema = line_schema(format, SCHEMA_MAP, help);

    for (size_t i = 0; i < option->help.choice_count; i++)
        schema_put(schema, "properties", option->help.choices[i], text_schema(format, NULL));
    schema_set_number(schema, "minProperties", 1);
    return schema;
}

static struct json_object *
secret_schema(const struct option_help *option, const char *help)
{
    struct json_object *schema = schema_new(SCHEMA_MAP, help);

    for (size_t i = 0; i < option->choice_count; i++)
        schema_put(schema, "properties", option->choices[i],
                   text_schema(format_of_place(option->choices[i]), NULL));
    schema_set_number(schema, "minProperties", 1);
    schema_set_number(schema, "maxProperties", 1);
    return schema;
}

static struct json_object *
choice_schema(const struct option_help *option, const char *help)
{
    bool is_switch = strcmp(option->choices[0], "off") == 0;
    struct json_object *schema = schema_new(SCHEMA_STRING | (is_switch ? SCHEMA_BOOLEAN : 0), help);

    for (size_t i = 0; i < option->choice_count; i++)
        schema_add_text(schema, "enum", option->choices[i]);
    /* YAML 1.1 reads off and on as false and true. */
    for (int i = 0; is_switch && i < 2; i++)
        schema_add(schema, "enum", json_object_new_boolean(i));
    return schema;
}

/* How numbers of all kinds are read, and whether YAML sees a number in them. */
static const struct {
    bool (*parse)(struct slice text, uint64_t *ret_value);
    void (*pattern)(uint64_t least, uint64_t most, struct buffer *out);
    unsigned kinds;
} numbers[OPTION_TYPE_COUNT] = {
    [OPTION_NUMBER] = {value_number, value_number_pattern, SCHEMA_INTEGER | SCHEMA_STRING},
    [OPTION_DURATION] = {value_duration, value_duration_pattern, SCHEMA_STRING},
    [OPTION_SIZE] = {value_size, value_size_pattern, SCHEMA_INTEGER | SCHEMA_STRING},
};

/* YAML 1.1 reads off as false. */
static void
set_pattern(struct json_object *schema, struct buffer *pattern, bool may_be_off)
{
    struct json_object *on = json_object_new_object();

    buffer_add_text(pattern, may_be_off ? "|^off$" : "");
    buffer_add(pattern, "", 1);
    schema_set_text(schema, "pattern", pattern->data);
    buffer_free(pattern);
    schema_set(on, "const", json_object_new_boolean(true));
    if (may_be_off)
        schema_set(schema, "not", on);
    else
        json_object_put(on);
}

static struct json_object *
number_schema(const struct option_help *option, const char *help)
{
    struct json_object *schema =
        schema_new(numbers[option->type].kinds | (option->may_be_off ? SCHEMA_BOOLEAN : 0), help);
    struct buffer pattern = BUFFER_INIT;
    uint64_t least = 0, most = 0;

    numbers[option->type].parse(slice_of(option->least), &least);
    numbers[option->type].parse(slice_of(option->most), &most);
    if (numbers[option->type].kinds & SCHEMA_INTEGER) {
        schema_set_number(schema, "minimum", least);
        schema_set_number(schema, "maximum", most);
    }
    numbers[option->type].pattern(least, most, &pattern);
    set_pattern(schema, &pattern, option->may_be_off);
    return schema;
}

static struct json_object *
limit_schema(const struct option_help *option, const char *help)
{
    struct json_object *schema = schema_new(SCHEMA_INTEGER | SCHEMA_STRING | SCHEMA_BOOLEAN, help);
    struct buffer pattern = BUFFER_INIT;

    schema_set_number(schema, "minimum", 0);
    schema_set_number(schema, "maximum", VALUE_PEOPLE_MOST);
    buffer_add_text(&pattern, "^0*(?:[0-9]{1,2}(?:\\.[0-9]{1,2})?|100(?:\\.0{1,2})?)%$|");
    value_number_pattern(0, VALUE_PEOPLE_MOST, &pattern);
    set_pattern(schema, &pattern, option->may_be_off);
    return schema;
}

static struct json_object *
boolean_schema(const char *help)
{
    struct json_object *schema = schema_new(SCHEMA_BOOLEAN | SCHEMA_STRING, help);

    schema_set_text(schema, "pattern", "^(?:true|false)$");
    return schema;
}

static void add_keys(struct json_object *map, const char *prefix, struct arena *arena);

static struct json_object *
list_schema(const struct option_help *option, const char *help, struct arena *arena)
{
    struct json_object *schema = schema_new(SCHEMA_LIST, help);
    struct json_object *item = schema_new(SCHEMA_MAP, NULL);

    add_keys(item, arena_format(arena, "%s[].", option->path), arena);
    schema_set_items(schema, item);
    return schema;
}

static struct json_object *
value_schema(const struct option *option, const char *help, struct arena *arena)
{
    switch (option->help.type) {
    case OPTION_TEXTS:
        return texts_schema(option, help);
    case OPTION_BY_MODE:
        return by_mode_schema(option, help);
    case OPTION_NUMBER:
    case OPTION_DURATION:
    case OPTION_SIZE:
        return number_schema(&option->help, help);
    case OPTION_LIMIT:
        return limit_schema(&option->help, help);
    case OPTION_BOOLEAN:
        return boolean_schema(help);
    case OPTION_CHOICE:
    case OPTION_CODE:
        return choice_schema(&option->help, help);
    case OPTION_SECRET:
        return secret_schema(&option->help, help);
    case OPTION_LIST:
        return list_schema(&option->help, help, arena);
    case OPTION_TEXT:
    case OPTION_PATH:
    case OPTION_INPUT:
    case OPTION_TYPE_COUNT:
        break;
    }
    return text_schema(format_of(option->complaint), help);
}

/* The default as YAML reads it. */
static struct json_object *
default_value(const struct option_help *option)
{
    uint64_t number;

    if (option->type == OPTION_BOOLEAN)
        return json_object_new_boolean(strcmp(option->fallback, "true") == 0);
    if (option->type == OPTION_NUMBER && value_number(slice_of(option->fallback), &number))
        return json_object_new_uint64(number);
    return json_object_new_string(option->fallback);
}

static struct json_object *
option_schema(const struct option *option, struct arena *arena)
{
    struct buffer takes = BUFFER_INIT;
    struct json_object *schema;

    settings_option_takes(&option->help, &takes);
    schema = value_schema(
        option, arena_format(arena, "%s; %.*s", option->help.help, (int)takes.length, takes.data),
        arena);
    if (option->help.fallback)
        schema_set(schema, "default", default_value(&option->help));
    buffer_free(&takes);
    return schema;
}

/* The keys of the map that stands below the prefix. */
static void
add_keys(struct json_object *map, const char *prefix, struct arena *arena)
{
    const struct option *option;

    for (size_t i = 0; (option = option_at(i)); i++) {
        struct slice key = option_key(option, prefix);
        const char *name = arena_format(arena, "%.*s", SLICE_ARG(key));
        struct json_object *below;

        if (!key.data || option_find(prefix, key) != option)
            continue;
        if (option_ends(option, prefix)) {
            schema_put(map, "properties", name, option_schema(option, arena));
            if (option->help.required)
                schema_add_text(map, "required", name);
        } else {
            below = schema_new(SCHEMA_MAP, NULL);
            add_keys(below, arena_format(arena, "%s%s.", prefix, name), arena);
            schema_put(map, "properties", name, below);
        }
    }
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++)
        if (strcmp(rules[i].prefix, prefix) == 0)
            add_rule(map, rules[i].rule, rules[i].keys);
}

void
settings_schema(struct buffer *out)
{
    struct arena *arena = arena_new();
    struct json_object *document =
        schema_document("settings", "Settings of ldap2alma",
                        "The site's file ldap2alma.yaml: one feed, from a directory to Alma; see "
                        "ldap2alma.yaml(5).");

    add_keys(document, "", arena);
    schema_put(document, "$defs", "line", line_schema(format_of(NULL), 0, NULL));
    schema_write(document, out);
    arena_free(arena);
}
