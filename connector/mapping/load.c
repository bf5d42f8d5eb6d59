#include "mapping/mapping.h"

#include "base/file.h"
#include "base/text.h"
#include "base/yaml.h"
#include "mapping/clock.h"
#include "mapping/codes.h"
#include "mapping/compiler.h"
#include "mapping/extends.h"
#include "mapping/fields.h"
#include "mapping/filter.h"
#include "mapping/keys.h"
#include "mapping/parts.h"
#include "mapping/pattern.h"
#include "mapping/references.h"
#include "mapping/rule.h"
#include "mapping/table.h"
#include "mapping/template.h"

#include <stdlib.h>
#include <string.h>

static void
load_name(struct compiler *compiler, const struct yaml_node *root, const char *path)
{
    const struct yaml_node *name = keys_get(root, "name");
    const char *base = file_name(path), *dot = strrchr(base, '.');
    size_t length = dot && dot > base ? (size_t)(dot - base) : strlen(base);
    struct slice text = {base, length};

    if (name) {
        text = yaml_is_explicit_null(name) ? slice_of("") : text_tidy(compiler->arena, name->text);
        if (text.length == 0)
            faults_add(compiler->faults, name->where, "'name' is empty");
    }
    compiler->mapping->name = arena_copy(compiler->arena, text.data, text.length);
}

static void
load_tables(struct compiler *compiler, const struct yaml_node *root)
{
    const struct yaml_node *tables = keys_get(root, "tables");
    struct mapping *mapping = compiler->mapping;

    if (!tables)
        return;
    mapping->tables = arena_alloc(compiler->arena, tables->count * sizeof(struct table *));
    for (size_t i = 0; i < tables->count; i++)
        mapping->tables[mapping->table_count++] =
            table_compile(compiler, tables->keys[i], tables->items[i]);
}

static void
load_rows(struct compiler *compiler)
{
    for (size_t i = 0; i < compiler->mapping->table_count; i++)
        table_load(compiler, compiler->mapping->tables[i]);
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
        mapping->defines[mapping->define_count].where = key->where;
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

static void
load_match_id(struct compiler *compiler, const struct yaml_node *root)
{
    const struct yaml_node *node = keys_get(root, "match_id");
    struct mapping *mapping = compiler->mapping;
    int identifiers = user_field_find("user_identifiers");
    int type = item_field_find(&user_fields[identifiers], "id_type");
    int primary = user_field_find("primary_id");
    const char *nearest;

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
        if (!compiler->mapped[primary])
            faults_add(compiler->faults, node->where,
                       "'match_id' is primary_id, but 'user' does not fill 'primary_id'");
        return;
    }
    mapping->match_list = identifiers;
    if (fields_can_be(mapping->lists[identifiers], type, mapping->match_id, compiler->arena,
                      &nearest))
        return;
    if (!nearest)
        nearest =
            fault_nearest(mapping->match_id, (const char *const[]){user_fields[primary].name}, 1);
    faults_add(compiler->faults, node->where,
               "'match_id' is '%s', but no item of 'user_identifiers' can have this id_type%s%s%s",
               mapping->match_id, nearest ? "; did you mean '" : "", nearest ? nearest : "",
               nearest ? "'?" : "");
}

/* False after a fault. */
static bool
load_requirement(struct compiler *compiler, const struct yaml_node *node,
                 struct requirement *requirement)
{
    *requirement = (struct requirement){.where = node->where};
    if (!fields_find(compiler, node, &requirement->field, &requirement->item))
        return false;
    /* Where the mapping marks no item, the first one is preferred. */
    if (requirement->item >= 0 &&
        user_fields[requirement->field].fields[requirement->item].preferred &&
        !fields_fills(compiler, requirement->field, requirement->item))
        requirement->item = -1;
    if (fields_fills(compiler, requirement->field, requirement->item))
        return true;
    faults_add(compiler->faults, node->where,
               "'require' names '%s', which this mapping does not fill: nobody would be sent",
               compiler_quote(compiler, node->text));
    return false;
}

static void
load_require(struct compiler *compiler, const struct yaml_node *root)
{
    const struct yaml_node *list = keys_get(root, "require");
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
    const struct yaml_node *user = keys_get(root, "user"), *defines = keys_get(root, "define");
    const struct yaml_node *select = keys_get(root, "select"), *codes = keys_get(root, "codes");

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
    if (select) {
        compiler->mapping->select = filter_compile(compiler, select);
        compiler->mapping->selection = (struct mapping_part){
            .name = "select", .text = select->text.data, .where = select->where};
    }
    if (codes)
        codes_compile(compiler, codes);
    load_match_id(compiler, root);
    load_require(compiler, root);
    load_rows(compiler);
    references_check(compiler);
    compiler->mapping->depends_on_clock = clock_decides(compiler);
}

static struct mapping *
mapping_new(const struct mapping_options *options)
{
    struct mapping *mapping = memory_zero(1, sizeof *mapping);
    char now[32] = "";
    struct tm parts;

    mapping->arena = arena_new();
    mapping->patterns = patterns_new();
    mapping->mentions = mentions_new();
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
                                .findings = options->findings,
                                .owner = OWNER_NONE};
    const struct yaml_node *root = text ? yaml_parse(mapping->arena, path, *text, compiler.faults)
                                        : yaml_load(mapping->arena, path, compiler.faults);

    root = root ? extends_resolve(&compiler, root) : NULL;
    if (root) {
        load_name(&compiler, root, path);
        load_root(&compiler, root);
    }
    if (faults_conclude(compiler.faults, messenger,
                        arena_format(mapping->arena, "the mapping '%s'", path), err)) {
        mapping->path = path;
        mapping->class_slot = attributes_find(attributes, slice_of("objectClass"));
        parts_number(mapping);
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
    mentions_free(mapping->mentions);
    for (size_t i = 0; i < mapping->table_count; i++)
        table_free(mapping->tables[i]);
    arena_free(mapping->arena);
    free(mapping->files);
    free(mapping);
}

const char *
mapping_file(const struct mapping *mapping, size_t index)
{
    if (index == 0)
        return mapping->path;
    return index <= mapping->file_count ? mapping->files[index - 1] : NULL;
}

const char *
mapping_name(const struct mapping *mapping)
{
    return mapping->name;
}

bool
mapping_depends_on_clock(const struct mapping *mapping)
{
    return mapping->depends_on_clock;
}

const char *
mapping_match_id(const struct mapping *mapping)
{
    return mapping->match_id;
}

struct mapping_part
mapping_select(const struct mapping *mapping)
{
    return mapping->selection;
}
