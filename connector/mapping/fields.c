#include "mapping/fields.h"

#include "base/date.h"
#include "base/text.h"
#include "mapping/filter.h"
#include "mapping/rule.h"
#include "mapping/template.h"

#include <string.h>

/* Elements of Alma's user that people try to fill, and why they cannot be. */
static const struct {
    const char *name, *why;
} refused[] = {
    {"contact_info",
     "is left out in a mapping: addresses, emails and phones stand directly under 'user'"},
    {"password", "is never sent: Alma keeps passwords of internal users only"},
    {"force_password_change", "is never sent: Alma keeps passwords of internal users only"},
    {"full_name", "is made by Alma from the other names"},
    {"account_type", "is always external for users that a load brings"},
    {"external_id", "is filled by Alma with the code of the integration profile"},
    {"user_roles", "is not read from a load: Alma's role assignment rules give roles"},
};

static void
refuse_field(struct compiler *compiler, const struct yaml_node *key)
{
    const char *names[USER_FIELDS_MOST];

    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        if (!slice_equal(slice_of(refused[i].name), key->text))
            continue;
        faults_add(compiler->faults, key->where, "'%s' %s", refused[i].name, refused[i].why);
        return;
    }
    for (size_t i = 0; i < user_field_count; i++)
        names[i] = user_fields[i].name;
    compiler_unknown(compiler, key->where, "field", key->text, names, user_field_count);
}

void
fields_declare(struct compiler *compiler, const struct yaml_node *user)
{
    for (size_t i = 0; i < user->count; i++) {
        int field = user_field_find(user->keys[i]->text.data);

        if (field < 0)
            refuse_field(compiler, user->keys[i]);
        else
            compiler->mapped[field] = true;
    }
}

static void
refuse_item_field(struct compiler *compiler, const struct field *list, const struct yaml_node *key)
{
    const char *names[ITEM_FIELDS_MOST + 2] = {"each", "when"};

    for (size_t i = 0; i < list->field_count; i++)
        names[i + 2] = list->fields[i].name;
    compiler_unknown(compiler, key->where, arena_format(compiler->arena, "field of %s", list->name),
                     key->text, names, list->field_count + 2);
}

/* `each:` and `when:` of an item. */
static void
compile_frame(struct compiler *compiler, const struct field *list, const struct yaml_node *node,
              struct item_rule *item)
{
    const struct yaml_node *each = yaml_get(node, "each"), *when = yaml_get(node, "when");
    struct template *source;

    item->where = node->where;
    if (when && compiler_expect(compiler, when, YAML_SCALAR, "a condition"))
        item->when = filter_compile(compiler, when);
    item->when_text = when ? when->text.data : NULL;
    if (!each)
        return;
    source = arena_alloc(compiler->arena, sizeof *source);
    if (template_compile(compiler, each, source))
        item->each = source;
    item->each_text = each->text.data;
    item->each_name = arena_format(compiler->arena, "%s.each", list->name);
}

const char *
fields_wanted(const struct field *field, struct slice text)
{
    struct date date;

    if (field->kind == FIELD_DATE && !date_parse(text, &date))
        return "a date as YYYY-MM-DD";
    if (field->kind == FIELD_BOOLEAN && !slice_equal_nocase(text, slice_of("true")) &&
        !slice_equal_nocase(text, slice_of("false")))
        return "true or false";
    return NULL;
}

/* A text that the mapping itself writes would have everybody rejected who gets it. */
static bool
compile_rule(struct compiler *compiler, const struct yaml_node *node, const struct field *field,
             struct rule *rule)
{
    bool good = rule_compile(compiler, node, rule);

    for (size_t i = 0; good && i < rule->count; i++) {
        const struct slice *literal = template_literal(&rule->alternatives[i].value);
        const char *want = literal ? fields_wanted(field, *literal) : NULL;

        if (want)
            faults_add(compiler->faults, rule->alternatives[i].where, "'%s' must be %s, not '%s'",
                       rule->name, want, compiler_quote(compiler, *literal));
    }
    return good;
}

/* One rule for each field of the item that the mapping gives, in the order of the table. */
static void
compile_item_fields(struct compiler *compiler, const struct field *list,
                    const struct yaml_node *node, struct item_rule *item)
{
    item->rules = arena_alloc(compiler->arena, list->field_count * sizeof *item->rules);
    for (size_t i = 0; i < list->field_count; i++) {
        const struct field *field = &list->fields[i];
        const struct yaml_node *value = yaml_get(node, field->name);
        struct rule *rule = &item->rules[item->rule_count];

        if (!value && field->required && !field->fallback)
            faults_add(compiler->faults, node->where,
                       "this item of '%s' has no '%s', without which Alma refuses it", list->name,
                       field->name);
        if (!value)
            continue;
        rule->field = (int)i;
        rule->in_item = true;
        rule->name = arena_format(compiler->arena, "%s.%s", list->name, field->name);
        if (compile_rule(compiler, value, field, rule))
            item->rule_count++;
    }
}

static void
compile_item(struct compiler *compiler, const struct field *list, const struct yaml_node *node,
             struct item_rule *item)
{
    for (size_t i = 0; i < node->count; i++) {
        const char *key = node->keys[i]->text.data;

        if (item_field_find(list, key) < 0 && strcmp(key, "each") != 0 && strcmp(key, "when") != 0)
            refuse_item_field(compiler, list, node->keys[i]);
    }
    compile_frame(compiler, list, node, item);
    compiler->each_allowed = yaml_get(node, "each") != NULL;
    compile_item_fields(compiler, list, node, item);
    compiler->each_allowed = false;
}

/* The field of an item that most likely is what somebody wrote as plain text. */
static const char *
main_field(const struct field *list)
{
    for (size_t i = 0; i < list->field_count; i++)
        if (list->fields[i].required)
            return list->fields[i].name;
    return list->fields[0].name;
}

static const struct item_rules *
compile_items(struct compiler *compiler, const struct field *list, const struct yaml_node *node)
{
    struct item_rules *items = arena_alloc(compiler->arena, sizeof *items);

    if (node->kind != YAML_LIST || node->count == 0) {
        faults_add(compiler->faults, node->where,
                   "'%s' must be a list of items; an item begins with '- %s:'", list->name,
                   main_field(list));
        return items;
    }
    items->items = arena_alloc(compiler->arena, node->count * sizeof *items->items);
    for (size_t i = 0; i < node->count; i++) {
        if (node->items[i]->kind == YAML_MAP)
            compile_item(compiler, list, node->items[i], &items->items[items->count++]);
        else
            faults_add(compiler->faults, node->items[i]->where,
                       "an item of '%s' must be a map, such as '- %s: …', not %s", list->name,
                       main_field(list), yaml_kind_name(node->items[i]->kind));
    }
    return items;
}

void
fields_compile(struct compiler *compiler, const struct yaml_node *user)
{
    struct mapping *mapping = compiler->mapping;

    for (size_t i = 0; i < user->count; i++) {
        int field = user_field_find(user->keys[i]->text.data);
        struct rule *rule;

        if (field < 0)
            continue;
        if (user_fields[field].kind == FIELD_ITEMS) {
            mapping->lists[field] = compile_items(compiler, &user_fields[field], user->items[i]);
            continue;
        }
        rule = arena_alloc(compiler->arena, sizeof *rule);
        rule->field = field;
        rule->name = user_fields[field].name;
        mapping->fields[field] = rule;
        compiler->owner = field;
        compile_rule(compiler, user->items[i], &user_fields[field], rule);
        compiler->owner = OWNER_NONE;
    }
}

bool
fields_can_be(const struct item_rules *items, int field, const char *text, struct arena *arena,
              const char **ret_nearest)
{
    const char *names[2] = {NULL, NULL};

    for (size_t i = 0; items && i < items->count; i++)
        for (size_t j = 0; j < items->items[i].rule_count; j++) {
            const struct rule *rule = &items->items[i].rules[j];

            for (size_t k = 0; rule->field == field && k < rule->count; k++) {
                const struct slice *literal = template_literal(&rule->alternatives[k].value);

                if (!literal || slice_equal(*literal, slice_of(text)))
                    return true;
                names[1] = arena_copy(arena, literal->data, literal->length);
                names[0] = fault_nearest(text, names[0] ? names : names + 1, names[0] ? 2 : 1);
            }
        }
    *ret_nearest = names[0];
    return false;
}

bool
fields_find(struct compiler *compiler, const struct yaml_node *name, int *ret_field, int *ret_item)
{
    const char *text = compiler_quote(compiler, name->text), *dot = strchr(text, '.');
    const char *list = dot ? arena_copy(compiler->arena, text, (size_t)(dot - text)) : text;
    const char *names[USER_FIELDS_MOST];

    *ret_field = user_field_find(list);
    *ret_item = -1;
    if (*ret_field < 0 || (dot && user_fields[*ret_field].kind != FIELD_ITEMS)) {
        for (size_t i = 0; i < user_field_count; i++)
            names[i] = user_fields[i].name;
        compiler_unknown(compiler, name->where, "field", name->text, names, user_field_count);
        return false;
    }
    if (!dot)
        return true;
    *ret_item = item_field_find(&user_fields[*ret_field], dot + 1);
    if (*ret_item < 0)
        faults_add(compiler->faults, name->where, "an item of '%s' has no field '%s'", list,
                   dot + 1);
    return *ret_item >= 0;
}

bool
fields_fills(const struct compiler *compiler, int field, int item)
{
    return item < 0 ? compiler->mapped[field] : mapping_fills(compiler->mapping, field, item);
}
