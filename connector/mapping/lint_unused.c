#include "mapping/lint.h"

#include "mapping/codes.h"
#include "mapping/table.h"
#include "mapping/transform.h"

/* What has been seen to be used on the way from the rules that make a user. */
struct uses {
    const struct mapping *mapping;
    bool defines[DEFINES_MOST];
    bool *tables;
};

static void use_rule(struct uses *uses, const struct rule *rule);

static void
use_source(struct uses *uses, const struct source *source)
{
    if (source->kind != SOURCE_DEFINE || uses->defines[source->index])
        return;
    uses->defines[source->index] = true;
    use_rule(uses, &uses->mapping->defines[source->index].rule);
}

static void
use_filter(struct uses *uses, const struct filter *filter)
{
    if (!filter)
        return;
    for (size_t i = 0; i < filter->child_count; i++)
        use_filter(uses, filter->children[i]);
    if (filter->kind != FILTER_AND && filter->kind != FILTER_OR && filter->kind != FILTER_NOT)
        use_source(uses, &filter->subject);
}

static void
use_table(struct uses *uses, const struct table *table)
{
    for (size_t i = 0; i < uses->mapping->table_count; i++)
        if (uses->mapping->tables[i] == table)
            uses->tables[i] = true;
}

static void
use_template(struct uses *uses, const struct template *value)
{
    for (size_t i = 0; i < value->count; i++) {
        const struct pipe *pipe = value->pieces[i].pipe;

        if (!pipe)
            continue;
        use_source(uses, &pipe->source);
        for (size_t j = 0; j < pipe->step_count; j++)
            if (pipe->steps[j].transform->arguments[0] == ARGUMENT_TABLE)
                use_table(uses, pipe->steps[j].arguments[0].as.table);
    }
}

static void
use_rule(struct uses *uses, const struct rule *rule)
{
    for (size_t i = 0; i < rule->count; i++) {
        use_filter(uses, rule->alternatives[i].when);
        use_template(uses, &rule->alternatives[i].value);
    }
}

static void
use_items(struct uses *uses, const struct item_rules *items)
{
    for (size_t i = 0; i < items->count; i++) {
        const struct item_rule *item = &items->items[i];

        use_filter(uses, item->when);
        if (item->each)
            use_template(uses, item->each);
        for (size_t j = 0; j < item->rule_count; j++)
            use_rule(uses, &item->rules[j]);
    }
}

/* Several mappings may extend one file, and not each uses all of it: only what the mapping's own
 * file says is held against it. */
static bool
is_own(const struct lint *lint, struct position where)
{
    return strcmp(where.file, lint->mapping->path) == 0;
}

static void
tell(struct lint *lint, const struct uses *uses)
{
    const struct mapping *mapping = lint->mapping;

    for (size_t i = 0; i < mapping->table_count; i++) {
        const struct table *table = mapping->tables[i];

        if (!uses->tables[i] && is_own(lint, table_where(table)))
            lint_find(lint, FINDING_UNUSED, NULL, table_where(table),
                      "no rule that makes a user looks anything up in the table '%s': remove it, "
                      "or use it by '| lookup %s'",
                      table_name(table), table_name(table));
    }
    for (size_t i = 0; i < mapping->define_count; i++) {
        const struct define *define = &mapping->defines[i];

        if (!uses->defines[i] && is_own(lint, define->where))
            lint_find(lint, FINDING_UNUSED, NULL, define->where,
                      "no rule that makes a user needs '%s': remove it", define->rule.name);
    }
    for (size_t i = 0; i < mapping->codes_count; i++) {
        const struct codes *codes = &mapping->codes[i];

        if (!codes->filled && is_own(lint, codes->where))
            lint_find(lint, FINDING_UNUSED, codes->name, codes->where,
                      "'codes' says what '%s' may be, but no rule fills it: remove the list, or "
                      "fill the field",
                      codes->name);
    }
}

void
lint_unused(struct lint *lint)
{
    const struct mapping *mapping = lint->mapping;
    struct uses uses = {.mapping = mapping};

    uses.tables = arena_alloc(lint->arena, mapping->table_count * sizeof *uses.tables);
    use_filter(&uses, mapping->select);
    for (size_t i = 0; i < user_field_count; i++) {
        if (mapping->fields[i])
            use_rule(&uses, mapping->fields[i]);
        if (mapping->lists[i])
            use_items(&uses, mapping->lists[i]);
    }
    tell(lint, &uses);
}
