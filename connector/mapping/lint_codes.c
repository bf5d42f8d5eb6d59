#include "mapping/lint.h"

#include "base/text.h"
#include "mapping/codes.h"
#include "mapping/table.h"
#include "mapping/template.h"
#include "mapping/transform.h"

/* The texts of one field that the mapping itself writes, held against the field's list. */
struct search {
    struct lint *lint;
    const struct codes *codes;
    struct position told[8]; /* of more only that there are some */
    size_t count;
};

enum { TOLD_MOST = sizeof((struct search *)0)->told / sizeof(struct position) };

static void
check_text(struct search *search, struct slice text, struct position where)
{
    struct lint *lint = search->lint;
    struct slice code = text_tidy(lint->arena, text);
    const char *near;

    if (code.length == 0 || codes_permits(search->codes, code))
        return;
    for (size_t i = 0; i < search->count && i < TOLD_MOST; i++)
        if (position_compare(search->told[i], where) == 0)
            return;
    if (search->count++ >= TOLD_MOST)
        return;
    search->told[search->count - 1] = where;
    near = codes_nearest(search->codes, lint->arena, code);
    lint_find(lint, FINDING_CODE_IN_MAPPING, search->codes->name, where,
              "the code '%.*s' is not among those that 'codes' permits for '%s'%s%s%s: write "
              "another, or add it there",
              SLICE_ARG(code), search->codes->name, near ? " (but '" : "", near ? near : "",
              near ? "' is)" : "");
}

static void
check_column(struct search *search, const struct step *step)
{
    struct table_text row;
    size_t at = 0;

    while (table_next_text(step->arguments[0].as.table, step->arguments[1].as.column, &at, &row))
        check_text(search, row.text, row.where);
}

static void check_rule(struct search *search, const struct rule *rule);

/* From the end: texts that the mapping writes come out of a pipe as long as only such steps follow
 * that let values through as they are. A pattern lets some through: then there is nothing plain. */
static void
check_pipe(struct search *search, const struct pipe *pipe)
{
    const struct mapping *mapping = search->lint->mapping;

    for (size_t i = pipe->step_count; i-- > 0;) {
        const struct step *step = &pipe->steps[i];

        if (step->transform->arguments[0] == ARGUMENT_TABLE)
            check_column(search, step);
        if (step->transform->traits & TRANSFORM_GIVES && step->argument_count > 0)
            check_text(search, step->arguments[0].text, step->where);
        if (!(step->transform->traits & (TRANSFORM_PASSES | TRANSFORM_BLANKS)) ||
            step->transform->arguments[0] == ARGUMENT_PATTERN)
            return;
    }
    if (pipe->source.kind == SOURCE_DEFINE)
        check_rule(search, &mapping->defines[pipe->source.index].rule);
    if (pipe->source.kind == SOURCE_ALMA)
        check_rule(search, mapping->fields[pipe->source.index]);
}

static void
check_rule(struct search *search, const struct rule *rule)
{
    for (size_t i = 0; i < rule->count; i++) {
        const struct alternative *alternative = &rule->alternatives[i];
        const struct pipe *pipe = lint_only_pipe(&alternative->value);
        const struct slice *literal = template_literal(&alternative->value);

        if (literal)
            check_text(search, *literal, alternative->where);
        if (pipe)
            check_pipe(search, pipe);
    }
}

static void
check_items(struct search *search, const struct item_rules *items)
{
    for (size_t i = 0; items && i < items->count; i++)
        for (size_t j = 0; j < items->items[i].rule_count; j++)
            if (items->items[i].rules[j].field == search->codes->item)
                check_rule(search, &items->items[i].rules[j]);
}

void
lint_codes(struct lint *lint)
{
    const struct mapping *mapping = lint->mapping;

    for (size_t i = 0; i < mapping->codes_count; i++) {
        const struct codes *codes = &mapping->codes[i];
        struct search search = {.lint = lint, .codes = codes};

        if (codes->item >= 0)
            check_items(&search, mapping->lists[codes->field]);
        else if (mapping->fields[codes->field])
            check_rule(&search, mapping->fields[codes->field]);
        if (search.count > TOLD_MOST)
            lint_find(lint, FINDING_CODE_IN_MAPPING, codes->name, codes->where,
                      "more codes for '%s', which are not told here, are not among those that "
                      "'codes' permits",
                      codes->name);
    }
}
