#include "mapping/keys.h"

static const struct mapping_key keys[] = {
    {"mapping", YAML_SCALAR, "the version of the language: 1"},
    {"extends", YAML_SCALAR,
     "the mapping that this one changes: what stands here takes the place of what stands there, "
     "and ~ takes it away"},
    {"name", YAML_SCALAR, "what the mapping is called in messages"},
    {"match_id", YAML_SCALAR,
     "the agreed match identifier: primary_id, or the type of one of the user_identifiers"},
    {"select", YAML_SCALAR, "an LDAP filter; entries that it does not match are skipped"},
    {"require", YAML_LIST, "a record without a value in each of these fields is rejected"},
    {"tables", YAML_MAP, "tables for the transform lookup, by name"},
    {"define", YAML_MAP, "values that several rules need, by name: ${define.NAME}"},
    {"codes", YAML_MAP, "the codes that are permitted in a field, by the field's name"},
    {"user", YAML_MAP, "the fields of an Alma user, and the rule of each"},
};

enum { KEY_COUNT = sizeof keys / sizeof keys[0] };

const struct mapping_key *
keys_at(size_t index)
{
    return index < KEY_COUNT ? &keys[index] : NULL;
}

static size_t
find(struct slice name)
{
    size_t index = 0;

    while (index < KEY_COUNT && !slice_equal(slice_of(keys[index].name), name))
        index++;
    return index;
}

static void
check_version(struct compiler *compiler, const struct yaml_node *root)
{
    const struct yaml_node *version = keys_get(root, "mapping");

    if (!yaml_get(root, "mapping"))
        faults_add(compiler->faults, root->where,
                   "the line 'mapping: 1' is missing, which says what file this is");
    else if (version && !slice_equal(version->text, slice_of("1")))
        faults_add(compiler->faults, version->where,
                   "version '%s' of the mapping language is not known here; this is version 1",
                   compiler_quote(compiler, version->text));
}

void
keys_check(struct compiler *compiler, const struct yaml_node *root)
{
    const char *names[KEY_COUNT];
    bool extends = yaml_get(root, "extends") != NULL;

    for (size_t i = 0; i < KEY_COUNT; i++)
        names[i] = keys[i].name;
    for (size_t i = 0; i < root->count; i++) {
        const struct yaml_node *key = root->keys[i];
        size_t known = find(key->text);

        if (known < KEY_COUNT && extends && yaml_is_explicit_null(root->items[i]))
            continue;
        if (known < KEY_COUNT)
            compiler_expect(compiler, root->items[i], keys[known].kind,
                            arena_format(compiler->arena, "'%s'", keys[known].name));
        else if (user_field_find(key->text.data) >= 0)
            faults_add(compiler->faults, key->where,
                       "'%s' is a field of Alma: it stands under 'user'", key->text.data);
        else
            compiler_unknown(compiler, key->where, "key", key->text, names, KEY_COUNT);
    }
    check_version(compiler, root);
}

const struct yaml_node *
keys_get(const struct yaml_node *root, const char *key)
{
    const struct yaml_node *node = yaml_get(root, key);

    return node && node->kind == keys[find(slice_of(key))].kind ? node : NULL;
}
