#include "mapping/mapping.h"

#include "base/file.h"
#include "base/text.h"
#include "base/yaml.h"
#include "mapping/compiler.h"
#include "mapping/fields.h"
#include "mapping/filter.h"
#include "mapping/pattern.h"
#include "mapping/references.h"
#include "mapping/rule.h"
#include "mapping/table.h"
#include "mapping/template.h"

#include <stdlib.h>
#include <string.h>

/* The keys of a mapping file. */
static const struct {
    const char *name;
    enum yaml_kind kind;
} keys[] = {
    {"mapping", YAML_SCALAR}, {"name", YAML_SCALAR}, {"match_id", YAML_SCALAR},
    {"select", YAML_SCALAR},  {"tables", YAML_MAP},  {"define", YAML_MAP},
    {"require", YAML_LIST},   {"user", YAML_MAP},
};

enum { KEY_COUNT = sizeof keys / sizeof keys[0] };

static void
check_keys(struct compiler *compiler, const struct yaml_node *root)
{
    const char *names[KEY_COUNT];

    for (size_t i = 0; i < KEY_COUNT; i++)
        names[i] = keys[i].name;
    for (size_t i = 0; i < root->count; i++) {
        const struct yaml_node *key = root->keys[i];
        size_t known = 0;

        while (known < KEY_COUNT && !slice_equal(slice_of(keys[known].name), key->text))
            known++;
        if (known < KEY_COUNT)
            compiler_expect(compiler, root->items[i], keys[known].kind,
                            arena_format(compiler->arena, "'%s'", keys[known].name));
        else if (user_field_find(key->text.data) >= 0)
            faults_add(compiler->faults, key->where,
                       "'%s' is a field of Alma: it stands under 'user'", key->text.data);
        else
            compiler_unknown(compiler, key->where, "key", key->text, names, KEY_COUNT);
    }
}

/* The value of a key, or NULL where it is missing or of the wrong kind (a fault already). */
static const struct yaml_node *
get(const struct yaml_node *root, const char *key)
{
    const struct yaml_node *node = yaml_get(root, key);

    for (size_t i = 0; i < KEY_COUNT; i++)
        if (node && strcmp(keys[i].name, key) == 0 && keys[i].kind != node->kind)
            return NULL;
    return node;
}

static void
load_version(struct compiler *compiler, const struct yaml_node *root)
{
    const struct yaml_node *version = get(root, "mapping");

    if (!yaml_get(root, "mapping"))
        faults_add(compiler->faults, root->where,
                   "the line 'mapping: 1' is missing, which says what file this is");
    else if (version && !slice_equal(version->text, slice_of("1")))
        faults_add(compiler->faults, version->where,
                   "version '%s' of the mapping language is not known here; this is version 1",
                   compiler_quote(compiler, version->text));
}

static void
load_name(struct compiler *compiler, const struct yaml_node *root, const char *path)
{
    const struct yaml_node *name = get(root, "name");
    const char *base = file_name(path), *dot = strrchr(base, '.');
    size_t length = dot && dot > base ? (size_t)(dot - base) : strlen(base);
    struct slice text = {base, length};

    if (name) {
        text = text_tidy(compiler->arena, name->text);
        if (text.length == 0)
            faults_add(compiler->faults, name->where, "'name' is empty");
    }
    compiler->mapping->name = arena_copy(compiler->arena, text.data, text.length);
}

static void
load_tables(struct compiler *compiler, const struct yaml_node *root)
{
    const struct yaml_node *tables = get(root, "tables");
    struct mapping *mapping = compiler->mapping;

    if (!tables)
        return;
    mapping->tables = arena_alloc(compiler->arena, tables->count * sizeof(struct table *));
    for (size_t i = 0; i < tables->count; i++)
        mapping->tables[mapping->table_count++] =
            table_compile(compiler, tables->keys[i], tables->items[i]);
}

static bool
is_name(struct slice text)
{
    static const char letters[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";

    for (size_t i = 0; i < text.length; i++)
        if (!memchr(letters, text.data[i], sizeof letters - 1))
            return false;
    return text.length > 0;
}

/* Only the names: their rules may refer to each other. */
static void
declare_defines(struct compiler *compiler, const struct yaml_node *defines)
{
    struct mapping *mapping = compiler->mapping;

    mapping->defines = arena_alloc(compiler->arena, DEFINES_MOST * sizeof *mapping->defines);
    for (size_t i = 0; i < defines->count; i++) {
        const struct yaml_node *key = defines->keys[i];

        if (i == DEFINES_MOST) {
            faults_add(compiler->faults, key->where, "more than %d defines", DEFINES_MOST);
            return;
        }
        if (!is_name(key->text))
            faults_add(compiler->faults, key->where,
                       "the name '%s' of a define holds more than letters, digits, '_' and '-'",
                       compiler_quote(compiler, key->text));
        mapping->defines[mapping->define_count++].name = compiler_quote(compiler, key->text);
    }
}

static void
compile_defines(struct compiler *compiler, const struct yaml_node *defines)
{
    struct mapping *mapping = compiler->mapping;

    for (size_t i = 0; i < mapping->define_count; i++) {
        struct rule *rule = &mapping->defines[i].rule;

        rule->name = arena_format(compiler->arena, "define.%s", mapping->defines[i].name);
        rule->field = -1;
        compiler->owner = USER_FIELDS_MOST + (int)i;
        rule_compile(compiler, defines->items[i], rule);
        compiler->owner = OWNER_NONE;
    }
}

/* True when some rule of the items can give `field` the text. */
static bool
can_be(const struct item_rules *items, int field, struct slice text)
{
    for (size_t i = 0; items && i < items->count; i++)
        for (size_t j = 0; j < items->items[i].rule_count; j++) {
            const struct rule *rule = &items->items[i].rules[j];

            for (size_t k = 0; rule->field == field && k < rule->count; k++) {
                const struct slice *literal = template_literal(&rule->alternatives[k].value);

                if (!literal || slice_equal(*literal, text))
                    return true;
            }
        }
    return false;
}

static void
load_match_id(struct compiler *compiler, const struct yaml_node *root)
{
    const struct yaml_node *node = get(root, "match_id");
    struct mapping *mapping = compiler->mapping;
    int identifiers = user_field_find("user_identifiers");
    int type = item_field_find(&user_fields[identifiers], "id_type");

    mapping->match_list = -1;
    mapping->match_id = "primary_id";
    if (!yaml_get(root, "match_id"))
        faults_add(compiler->faults, root->where,
                   "'match_id' is missing: primary_id, or the identifier type that the library "
                   "chose in Alma's integration profile");
    if (!node)
        return;
    mapping->match_id = compiler_quote(compiler, node->text);
    if (slice_equal(node->text, slice_of("primary_id"))) {
        if (!compiler->mapped[user_field_find("primary_id")])
            faults_add(compiler->faults, node->where,
                       "'match_id' is primary_id, but 'user' does not fill 'primary_id'");
        return;
    }
    mapping->match_list = identifiers;
    if (!can_be(mapping->lists[identifiers], type, node->text))
        faults_add(compiler->faults, node->where,
                   "'match_id' is '%s', but no item of 'user_identifiers' can have this id_type%s",
                   mapping->match_id,
                   fault_nearest(mapping->match_id, (const char *const[]){"primary_id"}, 1)
                       ? "; did you mean 'primary_id'?"
                       : "");
}

static bool
fills_item_field(const struct item_rules *items, int field)
{
    for (size_t i = 0; i < items->count; i++)
        for (size_t j = 0; j < items->items[i].rule_count; j++)
            if (items->items[i].rules[j].field == field)
                return true;
    return false;
}

/* "emails" or "emails.description". False after a fault. */
static bool
load_requirement(struct compiler *compiler, const struct yaml_node *node,
                 struct requirement *requirement)
{
    const char *text = compiler_quote(compiler, node->text), *dot = strchr(text, '.');
    const char *name = dot ? arena_copy(compiler->arena, text, (size_t)(dot - text)) : text;
    int field = user_field_find(name);
    const char *names[USER_FIELDS_MOST];
    const struct item_rules *items;

    *requirement = (struct requirement){field, -1, node->where};
    if (field < 0 || (dot && user_fields[field].kind != FIELD_ITEMS)) {
        for (size_t i = 0; i < user_field_count; i++)
            names[i] = user_fields[i].name;
        compiler_unknown(compiler, node->where, "field", node->text, names, user_field_count);
        return false;
    }
    items = compiler->mapping->lists[field];
    if (dot && (requirement->item = item_field_find(&user_fields[field], dot + 1)) < 0) {
        faults_add(compiler->faults, node->where, "an item of '%s' has no field '%s'", name,
                   dot + 1);
        return false;
    }
    if (compiler->mapped[field] && (!dot || fills_item_field(items, requirement->item)))
        return true;
    faults_add(compiler->faults, node->where,
               "'require' names '%s', which this mapping does not fill: nobody would be sent",
               text);
    return false;
}

static void
load_require(struct compiler *compiler, const struct yaml_node *root)
{
    const struct yaml_node *list = get(root, "require");
    struct mapping *mapping = compiler->mapping;

    if (!list)
        return;
    mapping->requirements =
        arena_alloc(compiler->arena, list->count * sizeof *mapping->requirements);
    for (size_t i = 0; i < list->count; i++)
        if (compiler_expect(compiler, list->items[i], YAML_SCALAR, "a field's name") &&
            load_requirement(compiler, list->items[i],
                             &mapping->requirements[mapping->requirement_count]))
            mapping->requirement_count++;
}

static void
load_root(struct compiler *compiler, const struct yaml_node *root)
{
    const struct yaml_node *user = get(root, "user"), *defines = get(root, "define");
    const struct yaml_node *select = get(root, "select");

    check_keys(compiler, root);
    load_version(compiler, root);
    load_tables(compiler, root);
    if (user)
        fields_declare(compiler, user);
    else if (!yaml_get(root, "user"))
        faults_add(compiler->faults, root->where, "'user' is missing: the fields and their rules");
    if (defines)
        declare_defines(compiler, defines);
    if (defines)
        compile_defines(compiler, defines);
    if (user)
        fields_compile(compiler, user);
    if (select)
        compiler->mapping->select = filter_compile(compiler, select);
    load_match_id(compiler, root);
    load_require(compiler, root);
    references_check(compiler);
}

static struct mapping *
mapping_new(const struct mapping_options *options)
{
    struct mapping *mapping = memory_zero(1, sizeof *mapping);
    char now[32] = "";
    struct tm parts;

    mapping->arena = arena_new();
    mapping->patterns = patterns_new();
    mapping->today = slice_of(date_format(mapping->arena, options->today));
    if (gmtime_r(&options->now, &parts))
        strftime(now, sizeof now, "%Y-%m-%dT%H:%M:%SZ", &parts);
    mapping->now = slice_of(arena_string(mapping->arena, now));
    return mapping;
}

/* `text` NULL: the file is read. */
static struct mapping *
load(const struct mapping_options *options, const struct slice *text, struct attributes *attributes,
     const struct messenger *messenger, struct error *err)
{
    struct mapping *mapping = mapping_new(options), *result = NULL;
    const char *path = arena_string(mapping->arena, options->path);
    struct compiler compiler = {.mapping = mapping,
                                .arena = mapping->arena,
                                .attributes = attributes,
                                .faults = faults_new(),
                                .owner = OWNER_NONE};
    const struct yaml_node *root = text ? yaml_parse(mapping->arena, path, *text, compiler.faults)
                                        : yaml_load(mapping->arena, path, compiler.faults);

    if (root && compiler_expect(&compiler, root, YAML_MAP, "a mapping file")) {
        load_name(&compiler, root, path);
        load_root(&compiler, root);
    }
    if (faults_conclude(compiler.faults, messenger,
                        arena_format(mapping->arena, "the mapping '%s'", path), err)) {
        result = mapping;
        mapping = NULL;
    }
    faults_free(compiler.faults);
    free(compiler.references);
    mapping_free(mapping);
    return result;
}

struct mapping *
mapping_load(const struct mapping_options *options, struct attributes *attributes,
             const struct messenger *messenger, struct error *err)
{
    return load(options, NULL, attributes, messenger, err);
}

struct mapping *
mapping_parse(const struct mapping_options *options, struct slice text,
              struct attributes *attributes, const struct messenger *messenger, struct error *err)
{
    return load(options, &text, attributes, messenger, err);
}

void
mapping_free(struct mapping *mapping)
{
    if (!mapping)
        return;
    patterns_free(mapping->patterns);
    arena_free(mapping->arena);
    free(mapping);
}

const char *
mapping_name(const struct mapping *mapping)
{
    return mapping->name;
}

const char *
mapping_match_id(const struct mapping *mapping)
{
    return mapping->match_id;
}
