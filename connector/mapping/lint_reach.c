#include "mapping/lint.h"

static bool
same_steps(const struct pipe *a, const struct pipe *b)
{
    if (a->step_count != b->step_count)
        return false;
    for (size_t i = 0; i < a->step_count; i++)
        if (!lint_same_step(&a->steps[i], &b->steps[i]))
            return false;
    return true;
}

static bool
same_template(const struct template *a, const struct template *b)
{
    if (a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++) {
        const struct pipe *first = a->pieces[i].pipe, *second = b->pieces[i].pipe;

        if (!first != !second)
            return false;
        if (!first && !slice_equal(a->pieces[i].text, b->pieces[i].text))
            return false;
        if (first && (first->source.kind != second->source.kind ||
                      first->source.index != second->source.index || !same_steps(first, second)))
            return false;
    }
    return true;
}

/* `given`: so many facts are known before the first alternative. */
static void
tell_unmet(struct facts *facts, size_t given, const struct rule *rule,
           const struct alternative *alternative)
{
    const char *why = "the alternatives above it take every entry that meets its condition: move "
                      "it up, or remove it";

    if (facts_exclude_by(facts, 0, alternative->when))
        why = "no entry meets its condition: mend it, or remove the alternative";
    else if (facts_exclude_by(facts, given, alternative->when))
        why =
            "'select' or the item's own 'when' leaves no entry that meets its condition: remove it";
    lint_find(facts->lint, FINDING_UNREACHABLE, rule->name, alternative->where,
              "this alternative is never reached, as %s", why);
}

static void
tell_behind(struct lint *lint, const struct rule *rule, size_t index)
{
    const struct alternative *last = &rule->alternatives[index];
    size_t behind = rule->count - index - 1;
    const char *others = "";

    if (behind > 1)
        others = behind == 2 ? ", nor the one behind it"
                             : arena_format(lint->arena, ", nor the %zu behind it", behind - 1);
    lint_find(
        lint, FINDING_UNREACHABLE, rule->name, rule->alternatives[index + 1].where,
        "this alternative is never reached%s, as at the latest the one in line %u gives a value: "
        "move it up, or remove it",
        others, last->where.line);
}

/* An earlier alternative that has a value wherever this one has: the first such, or NULL. */
static const struct alternative *
find_equal(struct facts *facts, const struct rule *rule, size_t index)
{
    const struct alternative *alternative = &rule->alternatives[index];

    for (size_t i = 0; i < index; i++) {
        const struct alternative *earlier = &rule->alternatives[i];
        size_t before = facts->count;
        bool covers;

        if (!same_template(&earlier->value, &alternative->value))
            continue;
        facts_add(facts, alternative->when, true);
        covers = !earlier->when || facts_exclude(facts, earlier->when, false);
        facts->count = before;
        if (covers)
            return earlier;
    }
    return NULL;
}

/* False where all alternatives behind it have been told of. */
static bool
check_alternative(struct facts *facts, size_t given, const struct rule *rule, size_t index)
{
    struct lint *lint = facts->lint;
    const struct alternative *alternative = &rule->alternatives[index], *equal;
    enum yield yield = lint_template(lint, &alternative->value);

    if (alternative->when && facts_exclude(facts, alternative->when, true)) {
        tell_unmet(facts, given, rule, alternative);
        return true;
    }
    if (yield == YIELD_NEVER) {
        lint_find(lint, FINDING_UNREACHABLE, rule->name, alternative->where,
                  "this can never give a value, as %s: mend it, or remove it", lint->why_never);
        return true;
    }
    if (yield == YIELD_SOMETIMES) {
        equal = find_equal(facts, rule, index);
        if (equal)
            lint_find(lint, FINDING_UNREACHABLE, rule->name, alternative->where,
                      "this alternative is never reached, as it is the same as the one in line %u: "
                      "remove it",
                      equal->where.line);
        return true;
    }
    if (!alternative->when || facts_exclude(facts, alternative->when, false)) {
        if (index + 1 < rule->count)
            tell_behind(lint, rule, index);
        return false;
    }
    facts_add(facts, alternative->when, false);
    return true;
}

static void
check_rule(struct facts *facts, const struct rule *rule)
{
    size_t given = facts->count, index = 0;

    while (index < rule->count && check_alternative(facts, given, rule, index))
        index++;
    facts->count = given;
}

/* Each alternative adds its codes, whatever the others do. */
static void
check_codes(struct facts *facts, const struct rule *rule)
{
    for (size_t i = 0; i < rule->count; i++) {
        struct rule one = *rule;

        one.alternatives = &rule->alternatives[i];
        one.count = 1;
        check_rule(facts, &one);
    }
}

/* True, with a finding, where no entry can have the item. */
static bool
is_incomplete(struct facts *facts, const struct field *list, const struct item_rule *item)
{
    struct lint *lint = facts->lint;

    if (item->each && lint_template(lint, item->each) == YIELD_NEVER) {
        lint_find(lint, FINDING_INCOMPLETE, item->each_name, item->where,
                  "this item is never made, as its 'each' never has a value (%s): mend it, or "
                  "remove the item",
                  lint->why_never);
        return true;
    }
    for (size_t i = 0; i < item->rule_count; i++) {
        const struct rule *rule = &item->rules[i];
        const struct field *field = &list->fields[rule->field];

        if (!field->required || field->fallback || lint_rule(lint, rule, facts) != YIELD_NEVER)
            continue;
        lint_find(lint, FINDING_INCOMPLETE, rule->name, rule->where,
                  "this item is never made, as '%s', which Alma requires, never has a value (%s): "
                  "mend it, or remove the item",
                  field->name, lint->why_never);
        return true;
    }
    return false;
}

static void
check_item(struct facts *facts, const struct field *list, const struct item_rule *item)
{
    size_t before = facts->count;

    if (item->when && facts_exclude(facts, item->when, true)) {
        lint_find(facts->lint, FINDING_INCOMPLETE, list->name, item->where,
                  "this item is never made, as no entry that comes here meets its 'when': mend it, "
                  "or remove the item");
        return;
    }
    facts_add(facts, item->when, true);
    if (!is_incomplete(facts, list, item))
        for (size_t i = 0; i < item->rule_count; i++) {
            if (list->fields[item->rules[i].field].kind == FIELD_CODES)
                check_codes(facts, &item->rules[i]);
            else
                check_rule(facts, &item->rules[i]);
        }
    facts->count = before;
}

void
lint_reach(struct lint *lint)
{
    const struct mapping *mapping = lint->mapping;
    struct facts facts = facts_new(lint);

    for (size_t i = 0; i < mapping->define_count; i++)
        check_rule(&facts, &mapping->defines[i].rule);
    if (mapping->select && facts_exclude(&facts, mapping->select, true)) {
        lint_find(lint, FINDING_UNREACHABLE, NULL, mapping->selection.where,
                  "no entry meets 'select', so nobody would be sent: mend it");
        goto done;
    }
    facts_add(&facts, mapping->select, true);
    for (size_t i = 0; i < user_field_count; i++) {
        if (mapping->fields[i])
            check_rule(&facts, mapping->fields[i]);
        for (size_t j = 0; mapping->lists[i] && j < mapping->lists[i]->count; j++)
            check_item(&facts, &user_fields[i], &mapping->lists[i]->items[j]);
    }
done:
    facts_free(&facts);
}
