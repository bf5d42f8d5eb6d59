#include "mapping/compiler.h"

#include "base/file.h"
#include "base/text.h"
#include "mapping/parts.h"

#include <stdlib.h>

struct position
compiler_position(const struct yaml_node *node, size_t offset)
{
    struct position where = node->where;

    if (node->text_column)
        where.column =
            node->text_column + (unsigned)text_characters((struct slice){node->text.data, offset});
    return where;
}

const char *
compiler_path(struct compiler *compiler, const struct yaml_node *node)
{
    struct mapping *mapping = compiler->mapping;
    const char *path = file_relative_to(compiler->arena, node->where.file, node->text.data);

    memory_grow(&mapping->files, &mapping->file_capacity, mapping->file_count + 1,
                sizeof *mapping->files);
    mapping->files[mapping->file_count++] = path;
    return path;
}

const char *
compiler_quote(struct compiler *compiler, struct slice text)
{
    enum { SHOWN_MOST = 80 };
    struct slice shown = text_printable(compiler->arena, text, SHOWN_MOST);

    return arena_copy(compiler->arena, shown.data, shown.length);
}

void
compiler_unknown(struct compiler *compiler, struct position where, const char *what,
                 struct slice name, const char *const *names, size_t count)
{
    faults_add_unknown(compiler->faults, where, what, compiler_quote(compiler, name), names, count);
}

bool
compiler_expect(struct compiler *compiler, const struct yaml_node *node, enum yaml_kind kind,
                const char *what)
{
    if (node->kind == kind)
        return true;
    faults_add(compiler->faults, node->where, "%s must be %s, not %s", what, yaml_kind_name(kind),
               yaml_kind_name(node->kind));
    return false;
}

static void
refer(struct compiler *compiler, int to)
{
    if (compiler->owner == OWNER_NONE)
        return;
    memory_grow(&compiler->references, &compiler->reference_capacity, compiler->reference_count + 1,
                sizeof *compiler->references);
    compiler->references[compiler->reference_count++] = (struct reference){compiler->owner, to};
}

static bool
begins_with(struct slice text, const char *prefix, struct slice *ret_rest)
{
    size_t length = strlen(prefix);

    if (text.length < length || memcmp(text.data, prefix, length) != 0)
        return false;
    *ret_rest = (struct slice){text.data + length, text.length - length};
    return true;
}

static bool
source_define(struct compiler *compiler, struct position where, struct slice name,
              struct source *ret_source)
{
    struct mapping *mapping = compiler->mapping;
    const char **names;

    for (size_t i = 0; i < mapping->define_count; i++) {
        if (!slice_equal(slice_of(mapping->defines[i].name), name))
            continue;
        *ret_source = (struct source){SOURCE_DEFINE, (int)i};
        refer(compiler, USER_FIELDS_MOST + (int)i);
        return true;
    }
    names = memory_alloc((mapping->define_count + 1) * sizeof *names);
    for (size_t i = 0; i < mapping->define_count; i++)
        names[i] = mapping->defines[i].name;
    compiler_unknown(compiler, where, "define", name, names, mapping->define_count);
    free(names);
    return false;
}

static bool
source_alma(struct compiler *compiler, struct position where, struct slice name,
            struct source *ret_source)
{
    const char *text = compiler_quote(compiler, name);
    int field = user_field_find(text);
    const char *names[USER_FIELDS_MOST];

    if (field < 0) {
        for (size_t i = 0; i < user_field_count; i++)
            names[i] = user_fields[i].name;
        compiler_unknown(compiler, where, "field", name, names, user_field_count);
        return false;
    }
    if (user_fields[field].kind == FIELD_ITEMS) {
        faults_add(compiler->faults, where, "'alma.%s' is a list of items, not one value", text);
        return false;
    }
    if (!compiler->mapped[field]) {
        faults_add(compiler->faults, where, "'alma.%s': this mapping does not fill '%s'", text,
                   text);
        return false;
    }
    *ret_source = (struct source){SOURCE_ALMA, field};
    refer(compiler, field);
    return true;
}

static bool
source_attribute(struct compiler *compiler, struct position where, struct slice name,
                 struct source *ret_source)
{
    int slot;

    if (!attributes_is_description(name) && !attributes_is_groups(name)) {
        faults_add(compiler->faults, where, "'%s' is not an attribute name",
                   compiler_quote(compiler, name));
        return false;
    }
    slot = attributes_add(compiler->attributes, name);
    if ((size_t)slot >= compiler->mapping->slot_count)
        compiler->mapping->slot_count = (size_t)slot + 1;
    mentions_add(compiler->mapping->mentions, slot, where);
    *ret_source = (struct source){SOURCE_ATTRIBUTE, slot};
    return true;
}

bool
compiler_source(struct compiler *compiler, const struct yaml_node *node, size_t offset,
                struct slice name, struct source *ret_source)
{
    static const struct {
        const char *name;
        enum source_kind kind;
    } words[] = {
        {"dn", SOURCE_DN}, {"today", SOURCE_TODAY}, {"now", SOURCE_NOW}, {"each", SOURCE_EACH}};
    struct position where = compiler_position(node, offset);
    struct slice rest;

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (!slice_equal(slice_of(words[i].name), name))
            continue;
        *ret_source = (struct source){words[i].kind, 0};
        if (words[i].kind != SOURCE_EACH || compiler->each_allowed)
            return true;
        faults_add(compiler->faults, where,
                   "'each' has a meaning only in the fields of an item that has 'each:'");
        return false;
    }
    if (begins_with(name, "define.", &rest))
        return source_define(compiler, where, rest, ret_source);
    if (begins_with(name, "alma.", &rest))
        return source_alma(compiler, where, rest, ret_source);
    return source_attribute(compiler, where, name, ret_source);
}
