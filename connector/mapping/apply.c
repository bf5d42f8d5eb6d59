#include "mapping/mapping.h"

#include "mapping/codes.h"
#include "mapping/evaluate.h"
#include "mapping/filter.h"
#include "mapping/trace.h"

/* An item is nothing without what Alma requires of it, and without what it is there for, where the
 * mapping has a rule for that: a note whose text has no value is no note. */
static bool
is_needed(const struct field *field)
{
    return (field->required && !field->fallback) || field->main;
}

/* Fills one item. False when a part that it needs has no value. */
static bool
fill_item(struct evaluation *evaluation, const struct item_rule *rule, const struct field *list,
          struct user_item *item)
{
    item->where = &rule->where;
    for (size_t i = 0; i < rule->rule_count; i++) {
        const struct field *field = &list->fields[rule->rules[i].field];
        struct user_value *value = &item->values[rule->rules[i].field];

        evaluate_value(evaluation, &rule->rules[i], field, value);
        if (is_needed(field) && !value->text.data && value->code_count == 0)
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
        if (evaluation->trace)
            trace_each(evaluation, rule);
    }
    return values;
}

/* Items grow in steps, as their number is known only when they are filled. The one behind the last
 * has its values already where another rule did not make it. */
static struct user_item *
add_item(struct arena *arena, const struct field *field, struct user_items *list, size_t *capacity)
{
    struct user_item *item;
    size_t size = field->field_count * sizeof *item->values;

    if (list->count == *capacity) {
        size_t more = *capacity ? *capacity * 2 : 4;
        struct user_item *items = arena_alloc(arena, more * sizeof *items);

        if (list->count)
            memcpy(items, list->items, list->count * sizeof *items);
        list->items = items;
        *capacity = more;
    }
    item = &list->items[list->count];
    if (item->values)
        memset(item->values, 0, size);
    else
        item->values = arena_alloc(arena, size);
    return item;
}

/* The items of one rule. */
static void
add_items(struct evaluation *evaluation, const struct item_rule *rule, const struct field *field,
          struct user_items *list, size_t *capacity)
{
    struct values each = each_values(evaluation, rule);

    for (size_t i = 0; i < each.count && evaluate_goes_on(evaluation); i++) {
        struct user_item *item = add_item(evaluation->arena, field, list, capacity);
        bool made;

        evaluation->made++;
        evaluation->each = (struct values){&each.items[i], 1, true, each.marks};
        made = fill_item(evaluation, rule, field, item);
        if (evaluation->trace)
            trace_item(evaluation, rule, made);
        list->count += made;
    }
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
        bool met = !rule->when || filter_match(evaluation, rule->when);
        size_t before = list->count;

        if (met)
            add_items(evaluation, rule, &user_fields[field], list, &capacity);
        if (evaluation->trace && list->count == before)
            trace_unmade(evaluation, rule, &user_fields[field], met);
    }
    evaluation->field = NULL;
    evaluation->where = NULL;
    codes_judge(evaluation, field);
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
    const struct field *field = &user_fields[requirement->field];

    if (field->kind != FIELD_ITEMS)
        return has_value(&user->values[requirement->field]);
    if (requirement->item < 0)
        return list->count > 0;
    field = &field->fields[requirement->item];
    for (size_t i = 0; i < list->count; i++) {
        const struct user_value *value = &list->items[i].values[requirement->item];

        if (has_value(value) && (!field->preferred || slice_equal(value->text, slice_of("true"))))
            return true;
    }
    return false;
}

static enum mapping_verdict
check_requirements(struct evaluation *evaluation)
{
    const struct mapping *mapping = evaluation->mapping;
    enum mapping_verdict verdict = evaluation->refused ? MAPPING_REJECTED : MAPPING_MAPPED;

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
    return mapping_apply_watched(mapping, entry, arena, user, findings, NULL);
}

enum mapping_verdict
mapping_apply_watched(const struct mapping *mapping, const struct entry *entry, struct arena *arena,
                      struct user *user, const struct finding_sink *findings,
                      const struct mapping_watch *watch)
{
    struct evaluation evaluation = {
        .mapping = mapping, .entry = entry, .arena = arena, .user = user, .findings = findings};

    memset(user, 0, sizeof *user);
    user->dn = entry->dn;
    if (watch)
        evaluation.trace = trace_new(&evaluation, watch);
    /* The arena may hold other people, and the entry itself: no bound counts those. */
    evaluation.watched_bytes = arena_size(arena);
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
