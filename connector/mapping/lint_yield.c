#include "mapping/lint.h"

#include "base/text.h"
#include "mapping/table.h"
#include "mapping/transform.h"

/* A longer way from today leaves the years that a date can have, sooner or later. */
enum { SPAN_MOST = 1000 };

/* Memory of defines and fields, which many rules may need. */
static enum yield
remembered(struct lint *lint, const struct rule *rule, enum yield *kept, const char *name)
{
    if (*kept == YIELD_UNKNOWN) {
        struct facts facts = facts_new(lint);

        *kept = lint_rule(lint, rule, &facts);
        facts_free(&facts);
    }
    if (*kept == YIELD_NEVER)
        lint->why_never = arena_format(lint->arena, "'%s' never has one", name);
    return *kept;
}

enum yield
lint_source(struct lint *lint, const struct source *source)
{
    const struct mapping *mapping = lint->mapping;
    const struct rule *rule;

    switch (source->kind) {
    case SOURCE_ATTRIBUTE:
    case SOURCE_BYTES:
        return YIELD_SOMETIMES;
    case SOURCE_DN:
    case SOURCE_TODAY:
    case SOURCE_NOW:
    case SOURCE_EACH:
        return YIELD_ALWAYS;
    case SOURCE_ALMA:
        rule = mapping->fields[source->index];
        return remembered(lint, rule, &lint->fields[source->index],
                          arena_format(lint->arena, "alma.%s", rule->name));
    case SOURCE_DEFINE:
        rule = &mapping->defines[source->index].rule;
        return remembered(lint, rule, &lint->defines[source->index], rule->name);
    }
    return YIELD_SOMETIMES;
}

static enum yield
lookup(struct lint *lint, const struct step *step)
{
    const struct table *table = step->arguments[0].as.table;
    struct table_text row;
    size_t at = 0;

    while (table_next_text(table, step->arguments[1].as.column, &at, &row))
        if (row.text.length > 0)
            return YIELD_SOMETIMES;
    lint->why_never =
        arena_format(lint->arena, "what '%s' takes of the table is empty in each row", step->text);
    return YIELD_NEVER;
}

/* *is_date: the value is a date for certain. */
static enum yield
after_step(struct lint *lint, const struct step *step, enum yield before, bool *is_date)
{
    unsigned traits = step->transform->traits;
    bool was_date = *is_date;

    *is_date = was_date && (traits & (TRANSFORM_KEEPS_DATES | TRANSFORM_PASSES));
    if (traits & TRANSFORM_GIVES && step->argument_count > 0 &&
        text_tidy(lint->arena, step->arguments[0].text).length == 0)
        return before;
    if (traits & TRANSFORM_GIVES)
        return YIELD_ALWAYS;
    if (before == YIELD_NEVER || traits & TRANSFORM_KEEPS)
        return before;
    if (traits & TRANSFORM_KEEPS_DATES && was_date &&
        (step->transform->arguments[0] != ARGUMENT_SPAN ||
         step->arguments[0].as.span.count <= SPAN_MOST))
        return before;
    return step->transform->arguments[0] == ARGUMENT_TABLE ? lookup(lint, step) : YIELD_SOMETIMES;
}

static enum yield
yield_of_pipe(struct lint *lint, const struct pipe *pipe)
{
    enum yield yield = lint_source(lint, &pipe->source);
    bool is_date = pipe->source.kind == SOURCE_TODAY;

    for (size_t i = 0; i < pipe->step_count; i++)
        yield = after_step(lint, &pipe->steps[i], yield, &is_date);
    return yield;
}

enum yield
lint_template(struct lint *lint, const struct template *value)
{
    enum yield least = YIELD_ALWAYS;

    for (size_t i = 0; i < value->count && least != YIELD_NEVER; i++) {
        enum yield yield = YIELD_ALWAYS;

        if (value->pieces[i].pipe)
            yield = yield_of_pipe(lint, value->pieces[i].pipe);
        if (yield < least)
            least = yield;
    }
    return least;
}

enum yield
lint_rule(struct lint *lint, const struct rule *rule, struct facts *facts)
{
    enum yield best = YIELD_NEVER;

    for (size_t i = 0; i < rule->count && best != YIELD_ALWAYS; i++) {
        const struct alternative *alternative = &rule->alternatives[i];
        enum yield yield;

        if (alternative->when && facts_exclude(facts, alternative->when, true)) {
            lint->why_never = "no entry meets its conditions";
            continue;
        }
        yield = lint_template(lint, &alternative->value);
        if (yield == YIELD_ALWAYS && alternative->when &&
            !facts_exclude(facts, alternative->when, false))
            yield = YIELD_SOMETIMES;
        if (yield > best)
            best = yield;
    }
    return best;
}
