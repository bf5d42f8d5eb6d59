#include "directory/group_slots.h"

#include "base/arena.h"

#include <stdlib.h>

/* What an entry says of its groups itself, the first first. */
static const char *const own_names[GROUP_SLOTS_OWN] = {ATTRIBUTE_GROUPS, "memberOf", "isMemberOf"};

bool
group_slots_are_wanted(const struct attributes *wanted)
{
    return attributes_find(wanted, slice_of(ATTRIBUTE_GROUPS)) != ATTRIBUTE_NONE ||
           attributes_find(wanted, slice_of(ATTRIBUTE_GROUPS_NESTED)) != ATTRIBUTE_NONE;
}

void
group_slots_open(struct group_slots *slots, const struct attributes *wanted)
{
    *slots = (struct group_slots){
        .wanted = wanted,
        .asked = attributes_new(),
        .direct = attributes_find(wanted, slice_of(ATTRIBUTE_GROUPS)),
        .nested = attributes_find(wanted, slice_of(ATTRIBUTE_GROUPS_NESTED)),
        .slots = memory_zero(attributes_count(wanted), sizeof *slots->slots),
    };
    for (size_t i = 0; i < attributes_count(wanted); i++)
        attributes_add(slots->asked, slice_of(attributes_name(wanted, (int)i)));
}

void
group_slots_close(struct group_slots *slots)
{
    attributes_free(slots->asked);
    free(slots->slots);
    free(slots->values);
    *slots = (struct group_slots){0};
}

int
group_slots_hide(struct group_slots *slots, const char *name)
{
    return attributes_add(slots->asked, slice_of(name));
}

void
group_slots_fill(struct group_slots *slots, struct entry *entry, struct entry_values direct,
                 struct entry_values nested)
{
    size_t count = attributes_count(slots->wanted);

    if (count > 0)
        memcpy(slots->slots, entry->slots, count * sizeof *slots->slots);
    if (slots->direct != ATTRIBUTE_NONE)
        slots->slots[slots->direct] = direct;
    if (slots->nested != ATTRIBUTE_NONE)
        slots->slots[slots->nested] = nested;
    entry->attributes = slots->wanted;
    entry->slots = slots->slots;
}

/* The values of both. */
static struct entry_values
join(struct group_slots *slots, struct entry_values first, struct entry_values second)
{
    if (first.count == 0)
        return second;
    if (second.count == 0)
        return first;
    memory_grow(&slots->values, &slots->value_capacity, first.count + second.count,
                sizeof *slots->values);
    memcpy(slots->values, first.values, first.count * sizeof *slots->values);
    memcpy(slots->values + first.count, second.values, second.count * sizeof *slots->values);
    return (struct entry_values){slots->values, first.count + second.count};
}

void
group_slots_hide_own(struct group_slots *slots)
{
    for (size_t i = 0; i < GROUP_SLOTS_OWN; i++)
        slots->own[i] = group_slots_hide(slots, own_names[i]);
}

void
group_slots_fill_alone(struct group_slots *slots, struct entry *entry)
{
    struct entry_values direct = {NULL, 0}, nested = {NULL, 0};

    for (size_t i = 0; i < GROUP_SLOTS_OWN && direct.count == 0; i++)
        direct = entry->slots[slots->own[i]];
    if (slots->nested != ATTRIBUTE_NONE)
        nested = join(slots, direct, entry->slots[slots->nested]);
    group_slots_fill(slots, entry, direct, nested);
}
