#include "mapping/mapping.h"

#include "base/text.h"
#include "mapping/compiler.h"
#include "mapping/evaluate.h"
#include "mapping/filter.h"
#include "mapping/parts.h"

#include <stdlib.h>

struct mapping_condition {
    struct mapping mapping; /* an empty one, for what a filter asks of its mapping */
    const struct filter *filter;
};

/* Which source the filter names that only a mapping's day gives a value; NULL: none. */
static const char *
clock_source(const struct filter *filter)
{
    const char *name = NULL;

    for (size_t i = 0; i < filter->child_count && !name; i++)
        name = clock_source(filter->children[i]);
    if (filter->subject.kind == SOURCE_TODAY)
        return "today";
    return filter->subject.kind == SOURCE_NOW ? "now" : name;
}

/* NULL after a fault. */
static const struct filter *
compile(struct compiler *compiler, const char *text)
{
    struct yaml_node node = {.kind = YAML_SCALAR, .quoted = true};
    const struct filter *filter;
    const char *clock;

    node.text = slice_of(arena_string(compiler->arena, text));
    node.where.file = arena_format(compiler->arena, "'%s'", compiler_quote(compiler, node.text));
    filter = filter_compile(compiler, &node);
    clock = filter ? clock_source(filter) : NULL;
    if (clock)
        faults_add(compiler->faults, node.where, "'%s' has a meaning only in a mapping", clock);
    return clock ? NULL : filter;
}

struct mapping_condition *
mapping_condition_new(const char *filter, struct attributes *attributes, struct error *err)
{
    struct mapping_condition *condition = memory_zero(1, sizeof *condition);
    struct mapping *mapping = &condition->mapping;
    struct compiler compiler = {
        .mapping = mapping, .attributes = attributes, .faults = faults_new(), .owner = OWNER_NONE};

    compiler.arena = mapping->arena = arena_new();
    mapping->mentions = mentions_new();
    condition->filter = compile(&compiler, filter);
    if (!condition->filter) {
        error_set(err, ERROR_USAGE, "%s", faults_text(compiler.faults, 0));
        mapping_condition_free(condition);
        condition = NULL;
    }
    faults_free(compiler.faults);
    return condition;
}

bool
mapping_condition_holds(const struct mapping_condition *condition, const struct entry *entry,
                        struct arena *arena)
{
    struct evaluation evaluation = {.mapping = &condition->mapping, .entry = entry, .arena = arena};

    evaluation.user = arena_alloc(arena, sizeof *evaluation.user);
    evaluation.attributes =
        arena_alloc(arena, condition->mapping.slot_count * sizeof *evaluation.attributes);
    return filter_match(&evaluation, condition->filter);
}

void
mapping_condition_free(struct mapping_condition *condition)
{
    if (!condition)
        return;
    mentions_free(condition->mapping.mentions);
    arena_free(condition->mapping.arena);
    free(condition);
}
