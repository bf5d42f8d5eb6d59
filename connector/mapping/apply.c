#include "mapping/mapping.h"

#include "mapping/evaluate.h"
#include "mapping/filter.h"

/* Fills one item. False when a part without which Alma refuses it has no value. */
static bool
fill_item(struct evaluation *evaluation, const struct item_rule *rule, const struct field *list,
          struct user_item *item)
{
    item->where = &rule->where;
    for (size_t i = 0; i < rule->rule_count; i++) {
        const struct field *field = &list->fields[rule->rules[i].field];
        struct user_value *value = &item->values[rule->rules[i].field];

        evaluate_value(evaluation, &rule->rules[i], field, value);
        if (field->required && !field->fallback && !value->text.data && value->code_count == 0)
            return false;
    }
    return true;
}

/* The values for which an item is made; one that nobody looks at where it has no `each`. */
static struct values
each_values(struct evaluation *evaluation, const struct item_rule *rule)
{
    static const struct slice nothing = {"", 0};
    struct values values = {&nothing, 1, true, 0};

    if (rule->each) {
        evaluation->field = rule->each_name;
        evaluation->where = &rule->where;
        values = evaluate_template(evaluation, rule->each);
        values_settle(&values, evaluation->arena);
    }
    return values;
}

/* Items grow in steps, as their number is known only when they are filled. */
static struct user_item *
add_item(struct arena *arena, struct user_items *list, size_t *capacity)
{
    if (list->count == *capacity) {
        size_t more = *capacity ? *capacity * 2 : 4;
        struct user_item *items = arena_alloc(arena, more * sizeof *items);

        if (list->count)
            memcpy(items, list->items, list->count * sizeof *items);
        list->items = items;
        *capacity = more;
    }
    return &list->items[list->count];
}

static void
evaluate_list(struct evaluation *evaluation, int field)
{
    const struct item_rules *rules = evaluation->mapping->lists[field];
    struct user_items *list = &evaluation->user->lists[field];
    size_t capacity = 0;

    if (!rules || evaluation->done[field])
        return;
    evaluation->done[field] = true;
    for (size_t i = 0; i < rules->count; i++) {
        const struct item_rule *rule = &rules->items[i];
        struct values each;

        if (rule->when && !filter_match(evaluation, rule->when))
            continue;
        each = each_values(evaluation, rule);
        for (size_t j = 0; j < each.count && evaluate_goes_on(evaluation); j++) {
            struct user_item *item = add_item(evaluation->arena, list, &capacity);

            evaluation->made++;
            evaluation->each = (struct values){&each.items[j], 1, true, each.mended};
            if (fill_item(evaluation, rule, &user_fields[field], item))
                list->count++;
            else
                memset(item, 0, sizeof *item);
        }
    }
    evaluation->field = NULL;
    evaluation->where = NULL;
}

/* First of all, so that every finding about the person can name it. */
static void
find_match_id(struct evaluation *evaluation)
{
    const struct mapping *mapping = evaluation->mapping;
    struct user *user = evaluation->user;
    const struct field *list;
    int type, value;

    if (mapping->match_list < 0) {
        user->match_id = evaluate_field(evaluation, user_field_find("primary_id"))->text;
        return;
    }
    list = &user_fields[mapping->match_list];
    type = item_field_find(list, "id_type");
    value = item_field_find(list, "value");
    evaluate_list(evaluation, mapping->match_list);
    for (size_t i = 0; i < user->lists[mapping->match_list].count; i++) {
        const struct user_item *item = &user->lists[mapping->match_list].items[i];

        if (!slice_equal(item->values[type].text, slice_of(mapping->match_id)))
            continue;
        user->match_id = item->values[value].text;
        return;
    }
}

static bool
has_value(const struct user_value *value)
{
    return value->text.data || value->code_count > 0;
}

static bool
is_met(const struct user *user, const struct requirement *requirement)
{
    const struct user_items *list = &user->lists[requirement->field];

    if (user_fields[requirement->field].kind != FIELD_ITEMS)
        return has_value(&user->values[requirement->field]);
    if (requirement->item < 0)
        return list->count > 0;
    for (size_t i = 0; i < list->count; i++)
        if (has_value(&list->items[i].values[requirement->item]))
            return true;
    return false;
}

static enum mapping_verdict
check_requirements(struct evaluation *evaluation)
{
    const struct mapping *mapping = evaluation->mapping;
    enum mapping_verdict verdict = MAPPING_MAPPED;

    for (size_t i = 0; i < mapping->requirement_count; i++) {
        const struct requirement *requirement = &mapping->requirements[i];
        const struct field *field = &user_fields[requirement->field];

        if (is_met(evaluation->user, requirement))
            continue;
        verdict = MAPPING_REJECTED;
        evaluation->where = &requirement->where;
        evaluation->field = field->name;
        if (requirement->item >= 0)
            evaluation->field = arena_format(evaluation->arena, "%s.%s", field->name,
                                             field->fields[requirement->item].name);
        evaluate_find(evaluation, FINDING_REQUIRED, "no value for '%s', which the mapping requires",
                      evaluation->field);
    }
    return verdict;
}

enum mapping_verdict
mapping_apply(const struct mapping *mapping, const struct entry *entry, struct arena *arena,
              struct user *user, const struct finding_sink *findings)
{
    struct evaluation evaluation = {
        .mapping = mapping, .entry = entry, .arena = arena, .user = user, .findings = findings};

    memset(user, 0, sizeof *user);
    user->dn = entry->dn;
    evaluation.attributes = arena_alloc(arena, mapping->slot_count * sizeof *evaluation.attributes);
    evaluation.defines = arena_alloc(arena, mapping->define_count * sizeof *evaluation.defines);
    if (mapping->select && !filter_match(&evaluation, mapping->select))
        return MAPPING_SKIPPED;
    find_match_id(&evaluation);
    for (size_t i = 0; i < user_field_count; i++) {
        evaluate_field(&evaluation, (int)i);
        evaluate_list(&evaluation, (int)i);
    }
    if (!evaluate_goes_on(&evaluation))
        return MAPPING_REJECTED;
    return check_requirements(&evaluation);
}
