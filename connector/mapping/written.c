#include "mapping/written.h"

#include "mapping/table.h"
#include "mapping/template.h"
#include "mapping/transform.h"

struct walk {
    const struct mapping *mapping;
    struct written_texts *texts;
};

static void
take_column(const struct walk *walk, const struct step *step)
{
    struct table_text row;
    size_t at = 0;

    while (table_next_text(step->arguments[0].as.table, step->arguments[1].as.column, &at, &row))
        walk->texts->take(walk->texts->context, row.text, row.where);
}

static void walk_rule(const struct walk *walk, const struct rule *rule);

/* From the end: texts that the mapping writes come out of a pipe as long as only such steps follow
 * that let values through as they are. A pattern lets some through: then there is nothing plain.
 * False where other values come out, too. */
static bool
walk_pipe(const struct walk *walk, const struct pipe *pipe)
{
    const struct mapping *mapping = walk->mapping;

    for (size_t i = pipe->step_count; i-- > 0;) {
        const struct step *step = &pipe->steps[i];
        unsigned traits = step->transform->traits;
        bool is_lookup = step->transform->arguments[0] == ARGUMENT_TABLE;

        if (is_lookup)
            take_column(walk, step);
        if (traits & TRANSFORM_GIVES && step->argument_count > 0)
            walk->texts->take(walk->texts->context, step->arguments[0].text, step->where);
        if (!(traits & (TRANSFORM_PASSES | TRANSFORM_BLANKS)) ||
            step->transform->arguments[0] == ARGUMENT_PATTERN)
            return is_lookup;
    }
    if (pipe->source.kind == SOURCE_DEFINE)
        walk_rule(walk, &mapping->defines[pipe->source.index].rule);
    else if (pipe->source.kind == SOURCE_ALMA)
        walk_rule(walk, mapping->fields[pipe->source.index]);
    else
        return false;
    return true;
}

static void
walk_rule(const struct walk *walk, const struct rule *rule)
{
    struct written_texts *texts = walk->texts;

    for (size_t i = 0; i < rule->count; i++) {
        const struct alternative *alternative = &rule->alternatives[i];
        const struct pipe *pipe = template_pipe(&alternative->value);
        const struct slice *literal = template_literal(&alternative->value);

        if (literal)
            texts->take(texts->context, *literal, alternative->where);
        else if (!(pipe && walk_pipe(walk, pipe)) && !texts->open_by)
            texts->open_by = rule->written[i].value;
    }
}

void
written_texts_each(const struct mapping *mapping, int field, int item, struct written_texts *texts)
{
    const struct walk walk = {mapping, texts};
    const struct item_rules *items = item < 0 ? NULL : mapping->lists[field];

    if (item < 0 && mapping->fields[field])
        walk_rule(&walk, mapping->fields[field]);
    for (size_t i = 0; items && i < items->count; i++)
        for (size_t j = 0; j < items->items[i].rule_count; j++)
            if (items->items[i].rules[j].field == item)
                walk_rule(&walk, &items->items[i].rules[j]);
}
