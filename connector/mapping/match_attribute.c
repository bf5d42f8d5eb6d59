#include "mapping/mapping.h"

#include "mapping/rules.h"
#include "mapping/template.h"
#include "mapping/transform.h"

/* The attribute of a rule that is one attribute and changes nothing but its case. */
static int
plain_attribute(const struct rule *rule)
{
    const struct pipe *pipe;

    if (!rule || rule->count != 1 || rule->alternatives[0].when ||
        rule->alternatives[0].value.count != 1)
        return ATTRIBUTE_NONE;
    pipe = rule->alternatives[0].value.pieces[0].pipe;
    if (!pipe || pipe->source.kind != SOURCE_ATTRIBUTE)
        return ATTRIBUTE_NONE;
    for (size_t i = 0; i < pipe->step_count; i++)
        if (pipe->steps[i].transform->each != transform_lower &&
            pipe->steps[i].transform->each != transform_upper)
            return ATTRIBUTE_NONE;
    return pipe->source.index;
}

static const struct rule *
find_rule(const struct item_rule *item, int field)
{
    for (size_t i = 0; i < item->rule_count; i++)
        if (item->rules[i].field == field)
            return &item->rules[i];
    return NULL;
}

/* True when the rule may give the text; *ret_always when it gives nothing else. */
static bool
may_give(const struct rule *rule, const char *text, bool *ret_always)
{
    const struct slice *literal;

    *ret_always = false;
    for (size_t i = 0; rule && i < rule->count; i++) {
        literal = template_literal(&rule->alternatives[i].value);
        if (!literal || slice_equal(*literal, slice_of(text))) {
            *ret_always = literal && rule->count == 1 && !rule->alternatives[i].when;
            return true;
        }
    }
    return false;
}

int
mapping_match_id_attribute(const struct mapping *mapping)
{
    const struct item_rules *items;
    const struct field *list;
    int attribute = ATTRIBUTE_NONE;

    if (mapping->match_list < 0)
        return plain_attribute(mapping->fields[user_field_find("primary_id")]);
    list = &user_fields[mapping->match_list];
    items = mapping->lists[mapping->match_list];
    for (size_t i = 0; i < items->count; i++) {
        const struct item_rule *item = &items->items[i];
        bool always;

        if (!may_give(find_rule(item, item_field_find(list, "id_type")), mapping->match_id,
                      &always))
            continue;
        /* Only one item may give the identifier, and to everybody. */
        if (!always || item->when || attribute != ATTRIBUTE_NONE)
            return ATTRIBUTE_NONE;
        attribute = plain_attribute(find_rule(item, item_field_find(list, "value")));
        if (attribute == ATTRIBUTE_NONE)
            break;
    }
    return attribute;
}
