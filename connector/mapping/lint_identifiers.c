#include "mapping/lint.h"

#include "base/text.h"
#include "mapping/template.h"
#include "mapping/transform.h"

/* A rule that makes an identifier. */
struct identifier {
    const struct rule *rule;
    const struct item_rule *item; /* NULL: primary_id */
};

/* A pipe with the pipes that its source stands for in front, without what makes no difference. */
struct flat {
    struct source source;
    const struct item_rule *each_of; /* where the source is `each` */
    const struct step **steps;
    size_t count;
};

/* The pipe that a source stands for, where there is just one. */
static const struct pipe *
behind_source(const struct lint *lint, const struct source *source, const struct item_rule *item)
{
    const struct rule *rule;

    if (source->kind == SOURCE_EACH)
        return item && item->each ? template_pipe(item->each) : NULL;
    if (source->kind == SOURCE_DEFINE)
        rule = &lint->mapping->defines[source->index].rule;
    else if (source->kind == SOURCE_ALMA)
        rule = lint->mapping->fields[source->index];
    else
        return NULL;
    return rule->count == 1 && !rule->alternatives[0].when
               ? template_pipe(&rule->alternatives[0].value)
               : NULL;
}

static void
flatten(struct lint *lint, const struct pipe *pipe, const struct item_rule *item,
        struct flat *ret_flat)
{
    const struct pipe *behind = behind_source(lint, &pipe->source, item);
    const struct step **steps;

    if (behind)
        flatten(lint, behind, item, ret_flat);
    else
        *ret_flat = (struct flat){.source = pipe->source,
                                  .each_of = pipe->source.kind == SOURCE_EACH ? item : NULL};
    steps = arena_alloc(lint->arena, (ret_flat->count + pipe->step_count) * sizeof(struct step *));
    if (ret_flat->count)
        memcpy(steps, ret_flat->steps, ret_flat->count * sizeof(struct step *));
    ret_flat->steps = steps;
    for (size_t i = 0; i < pipe->step_count; i++)
        if (!(pipe->steps[i].transform->traits & (TRANSFORM_CASE | TRANSFORM_BLANKS)))
            steps[ret_flat->count++] = &pipe->steps[i];
}

static bool
same_flat(const struct flat *a, const struct flat *b)
{
    if (a->source.kind != b->source.kind || a->source.index != b->source.index ||
        a->each_of != b->each_of || a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++)
        if (!lint_same_step(a->steps[i], b->steps[i]))
            return false;
    return true;
}

/* True where the two give the same identifier, but for case and white space. */
static bool
same_value(struct lint *lint, const struct template *a, const struct item_rule *a_item,
           const struct template *b, const struct item_rule *b_item)
{
    if (a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++) {
        const struct piece *first = &a->pieces[i], *second = &b->pieces[i];
        struct flat first_flat, second_flat;

        if (!first->pipe != !second->pipe)
            return false;
        if (!first->pipe) {
            if (!slice_equal(text_fold(lint->arena, first->text),
                             text_fold(lint->arena, second->text)))
                return false;
            continue;
        }
        flatten(lint, first->pipe, a_item, &first_flat);
        flatten(lint, second->pipe, b_item, &second_flat);
        if (!same_flat(&first_flat, &second_flat))
            return false;
    }
    return true;
}

static bool
can_meet(struct lint *lint, const struct filter *const *filters, size_t count)
{
    struct facts facts = facts_new(lint);
    bool can = true;

    for (size_t i = 0; i < count && can; i++) {
        can = !filters[i] || !facts_exclude(&facts, filters[i], true);
        facts_add(&facts, filters[i], true);
    }
    facts_free(&facts);
    return can;
}

static const struct filter *
when_of(const struct item_rule *item)
{
    return item ? item->when : NULL;
}

/* The first alternative of `b` that can give what one of `a` gives; *ret_first is that of `a`. */
static const struct alternative *
find_same(struct lint *lint, const struct identifier *a, const struct identifier *b,
          const struct alternative **ret_first)
{
    for (size_t i = 0; i < b->rule->count; i++)
        for (size_t j = 0; j < a->rule->count; j++) {
            const struct alternative *second = &b->rule->alternatives[i];
            const struct alternative *first = &a->rule->alternatives[j];
            const struct filter *filters[] = {lint->mapping->select, when_of(a->item),
                                              when_of(b->item), first->when, second->when};

            *ret_first = first;
            if (same_value(lint, &first->value, a->item, &second->value, b->item) &&
                can_meet(lint, filters, sizeof filters / sizeof filters[0]))
                return second;
        }
    return NULL;
}

static bool
compare(struct lint *lint, const struct identifier *a, const struct identifier *b)
{
    const struct alternative *first, *second = find_same(lint, a, b, &first);

    if (second)
        lint_find(lint, FINDING_SAME_IDENTIFIER, b->rule->name, second->where,
                  "this is the value of '%s' in line %u%s too, and within one user Alma takes no "
                  "identifier twice, whatever its type and case: leave one out, or give them "
                  "conditions that exclude each other",
                  a->rule->name, first->where.line,
                  strcmp(first->where.file, second->where.file) == 0
                      ? ""
                      : arena_format(lint->arena, " of '%s'", first->where.file));
    return second != NULL;
}

/* The rules of primary_id and of the values of identifiers. */
static struct identifier *
collect(struct lint *lint, size_t *ret_count)
{
    const struct mapping *mapping = lint->mapping;
    int list = user_field_find("user_identifiers"), primary = user_field_find("primary_id");
    int value = item_field_find(&user_fields[list], "value");
    const struct item_rules *items = mapping->lists[list];
    struct identifier *found =
        arena_alloc(lint->arena, ((items ? items->count : 0) + 1) * sizeof *found);
    size_t count = 0;

    if (mapping->fields[primary])
        found[count++] = (struct identifier){mapping->fields[primary], NULL};
    for (size_t i = 0; items && i < items->count; i++)
        for (size_t j = 0; j < items->items[i].rule_count; j++)
            if (items->items[i].rules[j].field == value)
                found[count++] = (struct identifier){&items->items[i].rules[j], &items->items[i]};
    *ret_count = count;
    return found;
}

void
lint_identifiers(struct lint *lint)
{
    size_t count;
    const struct identifier *identifiers = collect(lint, &count);

    for (size_t i = 1; i < count; i++)
        for (size_t j = 0; j < i; j++)
            if (compare(lint, &identifiers[j], &identifiers[i]))
                break;
}
