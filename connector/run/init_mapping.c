#include "run/init_mapping.h"

#include "run/init_text.h"

#include <string.h>

enum { RULE_COLUMNS = 46 }; /* where the remark behind a rule begins */

const char *
init_remark(struct init_run *run, const char *name)
{
    const struct init_attribute *found = init_attribute_find(run, name);
    const char *text;

    if (!found)
        return "nobody has it";
    text = arena_format(run->arena, "%zu of %zu", found->people, run->sample_count);
    if (found->several)
        text = arena_format(run->arena, "%s, %zu with several", text, found->several);
    if (found->distinct)
        text = arena_format(run->arena, "%s, such as %s", text, found->form);
    return text;
}

void
init_write_rule(struct buffer *out, const char *rule, const char *known)
{
    if (!known)
        buffer_format(out, "%s\n", rule);
    else if (strlen(rule) <= RULE_COLUMNS)
        buffer_format(out, "%-*s # %s\n", RULE_COLUMNS, rule, known);
    else
        buffer_format(out, "%*s# %s\n%s\n", (int)strspn(rule, " "), "", known, rule);
}

const char *
init_one_value(struct init_run *run, const char *template, const char *attribute)
{
    const struct init_attribute *found = init_attribute_find(run, attribute);
    size_t length = strlen(template);

    if (!found || found->several == 0 || strstr(template, "| first}"))
        return template;
    return arena_format(run->arena, "%.*s | first}", (int)(length - 1), template);
}
