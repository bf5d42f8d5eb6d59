#include "mapping/parts.h"

#include "mapping/table.h"

#include <stdlib.h>

struct mention {
    int slot;
    struct position where;
};

struct mentions {
    struct mention *items;
    size_t count, capacity;
};

/* A part and where its number belongs. */
struct numbered {
    struct mapping_part part;
    size_t *number;
    size_t order;
};

struct list {
    struct numbered *items;
    size_t count, capacity;
};

struct mentions *
mentions_new(void)
{
    return memory_zero(1, sizeof(struct mentions));
}

void
mentions_free(struct mentions *mentions)
{
    if (!mentions)
        return;
    free(mentions->items);
    free(mentions);
}

void
mentions_add(struct mentions *mentions, int slot, struct position where)
{
    memory_grow(&mentions->items, &mentions->capacity, mentions->count + 1,
                sizeof *mentions->items);
    mentions->items[mentions->count++] = (struct mention){slot, where};
}

static int
compare_mentions(const void *a, const void *b)
{
    const struct mention *first = a, *second = b;

    if (first->slot != second->slot)
        return first->slot < second->slot ? -1 : 1;
    return position_compare(first->where, second->where);
}

static int
compare_parts(const void *a, const void *b)
{
    const struct numbered *first = a, *second = b;
    int order = position_compare(first->part.where, second->part.where);

    if (order != 0)
        return order;
    return first->order < second->order ? -1 : 1;
}

static void
add(struct list *list, struct mapping_part part, size_t *number)
{
    memory_grow(&list->items, &list->capacity, list->count + 1, sizeof *list->items);
    list->items[list->count] = (struct numbered){part, number, list->count};
    list->count++;
}

static void
add_rule(struct list *list, const struct rule *rule)
{
    for (size_t i = 0; i < rule->count; i++) {
        struct written *written = &rule->written[i];

        add(list,
            (struct mapping_part){MAPPING_ALTERNATIVE, rule->name, written->value,
                                  rule->alternatives[i].where},
            &written->part);
    }
}

static void
add_items(struct list *list, const struct item_rules *items, const char *name)
{
    for (size_t i = 0; i < items->count; i++) {
        struct item_rule *item = &items->items[i];

        add(list, (struct mapping_part){MAPPING_ITEM, name, NULL, item->where}, &item->part);
        for (size_t j = 0; j < item->rule_count; j++)
            add_rule(list, &item->rules[j]);
    }
}

static void
add_tables(struct list *list, struct mapping *mapping)
{
    mapping->row_parts = arena_alloc(mapping->arena, mapping->table_count * sizeof(size_t *));
    for (size_t i = 0; i < mapping->table_count; i++) {
        const struct table *table = mapping->tables[i];
        size_t count = table_row_count(table);

        mapping->row_parts[i] = arena_alloc(mapping->arena, count * sizeof(size_t));
        for (size_t j = 0; j < count; j++) {
            struct table_row row = table_row(table, j);

            add(list, (struct mapping_part){MAPPING_ROW, table_name(table), row.key, row.where},
                &mapping->row_parts[i][j]);
        }
    }
}

void
parts_number(struct mapping *mapping)
{
    struct list list = {0};

    add_tables(&list, mapping);
    for (size_t i = 0; i < mapping->define_count; i++)
        add_rule(&list, &mapping->defines[i].rule);
    for (size_t i = 0; i < user_field_count; i++) {
        if (mapping->fields[i])
            add_rule(&list, mapping->fields[i]);
        if (mapping->lists[i])
            add_items(&list, mapping->lists[i], user_fields[i].name);
    }
    if (list.count)
        qsort(list.items, list.count, sizeof *list.items, compare_parts);
    mapping->parts = arena_alloc(mapping->arena, list.count * sizeof *mapping->parts);
    mapping->part_count = list.count;
    for (size_t i = 0; i < list.count; i++) {
        mapping->parts[i] = list.items[i].part;
        *list.items[i].number = i;
    }
    free(list.items);
    if (mapping->mentions->count)
        qsort(mapping->mentions->items, mapping->mentions->count, sizeof(struct mention),
              compare_mentions);
}

size_t
mapping_part_count(const struct mapping *mapping)
{
    return mapping->part_count;
}

struct mapping_part
mapping_part(const struct mapping *mapping, size_t index)
{
    return mapping->parts[index];
}

const struct position *
mapping_names_attribute(const struct mapping *mapping, int slot, size_t index)
{
    const struct mentions *mentions = mapping->mentions;
    size_t low = 0, high = mentions->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (mentions->items[middle].slot < slot)
            low = middle + 1;
        else
            high = middle;
    }
    low += index;
    return low < mentions->count && mentions->items[low].slot == slot ? &mentions->items[low].where
                                                                      : NULL;
}
