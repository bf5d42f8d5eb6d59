#include "mapping/table.h"

#include "base/csv.h"
#include "model/normal.h"
#include "mapping/table_parts.h"

struct table *
table_compile(struct compiler *compiler, const struct yaml_node *name, const struct yaml_node *node)
{
    struct table *table = arena_alloc(compiler->arena, sizeof *table);
    const struct yaml_node *csv;

    table->name = compiler_quote(compiler, name->text);
    table->where = name->where;
    table->broken = true;
    if (!compiler_expect(compiler, node, YAML_MAP,
                         arena_format(compiler->arena, "the table '%s'", table->name)))
        return table;
    csv = yaml_get(node, "csv");
    if (csv && csv->kind == YAML_SCALAR)
        table_open_csv(compiler, table, node);
    else
        table_compile_inline(compiler, table, node);
    return table;
}

void
table_load(struct compiler *compiler, struct table *table)
{
    if (table->csv && !table->broken)
        table_read_csv(compiler, table);
}

void
table_free(struct table *table)
{
    csv_close(table->csv);
    store_free(&table->store);
}

const char *
table_name(const struct table *table)
{
    return table->name;
}

struct position
table_where(const struct table *table)
{
    return table->where;
}

bool
table_columns(const struct table *table, const char *const **ret_names, size_t *ret_count)
{
    *ret_names = (const char *const *)table->columns;
    *ret_count = table->column_count;
    return !table->broken;
}

bool
table_only_column(const struct table *table, size_t *ret_column)
{
    /* One besides the key: the first or the second. */
    *ret_column = table->path && table->key_column == 0 && table->column_count > 1 ? 1 : 0;
    return table->column_count == 0 || (table->path && table->column_count == 2);
}

size_t
table_use(struct table *table, size_t column)
{
    if (table->column_count == 0)
        return 0;
    if (table->slots[column] == TABLE_SLOT_NONE)
        table->slots[column] = (int)table->slot_count++;
    return (size_t)table->slots[column];
}

size_t
table_row_count(const struct table *table)
{
    return table->row_count;
}

struct table_row
table_row(const struct table *table, size_t index)
{
    return table->rows[index];
}

bool
table_next_text(const struct table *table, size_t column, size_t *at, struct table_text *ret_text)
{
    const char *record = store_next(&table->store, table->slot_count, at);
    uint32_t number = record ? store_number(record) : 0;

    if (!record)
        return false;
    ret_text->text = store_text(record, column);
    ret_text->where =
        table->rows ? table->rows[number].where : (struct position){table->path, number, 1};
    return true;
}

struct slice
table_key(struct table *table, struct arena *arena, struct slice key)
{
    struct slice dn = normal_dn(arena, key);

    if (!dn.data)
        return normal_text(arena, key);
    table->has_dns = true;
    return dn;
}

/* The key's record, or NULL. */
static const char *
find(const struct table *table, struct arena *arena, struct slice key)
{
    struct slice dn = table->has_dns ? normal_dn(arena, key) : SLICE_NONE;

    return store_find(&table->store, dn.data ? dn : normal_text(arena, key));
}

bool
table_find_row(const struct table *table, struct arena *arena, struct slice key, size_t *ret_row)
{
    const char *record = table->rows ? find(table, arena, key) : NULL;

    if (record)
        *ret_row = store_number(record);
    return record != NULL;
}

struct slice
table_find(const struct table *table, struct arena *arena, struct slice key, size_t column)
{
    const char *record = find(table, arena, key);
    struct slice text = record ? store_text(record, column) : SLICE_NONE;

    return text.length > 0 ? text : SLICE_NONE;
}
