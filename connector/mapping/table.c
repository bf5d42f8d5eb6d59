#include "mapping/table.h"

#include "base/text.h"
#include "mapping/normal.h"

#include <stdint.h>

enum { COLUMNS_MOST = 64 };

struct row {
    struct slice key; /* normal form */
    uint32_t hash;
    unsigned line;       /* in the file, for duplicates */
    struct slice *texts; /* one a column */
};

struct table {
    const char *name;
    const char **columns;
    size_t column_count;
    bool plain;   /* rows are texts, not maps */
    bool has_dns; /* some key is a DN */
    bool broken;  /* a fault kept its columns from being known */
    struct row *rows;
    size_t row_count;
    uint32_t *buckets; /* row number + 1, 0 is free; at most half full */
    size_t bucket_count;
};

static uint32_t
hash(struct slice key)
{
    uint32_t value = 2166136261u;

    for (size_t i = 0; i < key.length; i++)
        value = (value ^ (unsigned char)key.data[i]) * 16777619u;
    return value;
}

/* The bucket of the key, or the free one where it belongs. */
static size_t
bucket_of(const struct table *table, struct slice key, uint32_t key_hash)
{
    size_t mask = table->bucket_count - 1, at = key_hash & mask;

    while (table->buckets[at]) {
        const struct row *row = &table->rows[table->buckets[at] - 1];

        if (row->hash == key_hash && slice_equal(row->key, key))
            break;
        at = (at + 1) & mask;
    }
    return at;
}

/* The column's number; a new one is added. */
static size_t
column_of(struct compiler *compiler, struct table *table, const char *name)
{
    for (size_t i = 0; i < table->column_count; i++)
        if (strcmp(table->columns[i], name) == 0)
            return i;
    table->columns[table->column_count] = arena_string(compiler->arena, name);
    return table->column_count++;
}

static bool
collect_columns(struct compiler *compiler, struct table *table, const struct yaml_node *node)
{
    table->columns = arena_alloc(compiler->arena, COLUMNS_MOST * sizeof *table->columns);
    for (size_t i = 0; i < node->count; i++) {
        const struct yaml_node *row = node->items[i];

        for (size_t j = 0; row->kind == YAML_MAP && j < row->count; j++) {
            if (table->column_count == COLUMNS_MOST) {
                faults_add(compiler->faults, row->keys[j]->where,
                           "the table '%s' has more than %d columns", table->name,
                           COLUMNS_MOST - 1);
                return false;
            }
            column_of(compiler, table, row->keys[j]->text.data);
        }
    }
    return true;
}

static void
fill_row(struct compiler *compiler, struct table *table, struct row *row,
         const struct yaml_node *node)
{
    size_t columns = table->plain ? 1 : table->column_count;

    row->texts = arena_alloc(compiler->arena, columns * sizeof *row->texts);
    if (table->plain) {
        if (compiler_expect(compiler, node, YAML_SCALAR,
                            "a row of a table whose first row is text"))
            row->texts[0] = text_tidy(compiler->arena, node->text);
        return;
    }
    if (!compiler_expect(compiler, node, YAML_MAP, "a row of a table whose first row is a map"))
        return;
    for (size_t i = 0; i < node->count; i++)
        if (compiler_expect(compiler, node->items[i], YAML_SCALAR, "a table's value"))
            row->texts[column_of(compiler, table, node->keys[i]->text.data)] =
                text_tidy(compiler->arena, node->items[i]->text);
}

static void
add_row(struct compiler *compiler, struct table *table, const struct yaml_node *key,
        const struct yaml_node *node)
{
    struct row *row = &table->rows[table->row_count];
    size_t bucket;

    row->key = normal_dn(compiler->arena, key->text);
    if (row->key.data)
        table->has_dns = true;
    else
        row->key = normal_text(compiler->arena, key->text);
    row->hash = hash(row->key);
    row->line = key->where.line;
    bucket = bucket_of(table, row->key, row->hash);
    if (table->buckets[bucket]) {
        faults_add(compiler->faults, key->where,
                   "the table '%s' has the key '%s' already (line %u); keys are compared without "
                   "case",
                   table->name, compiler_quote(compiler, key->text),
                   table->rows[table->buckets[bucket] - 1].line);
        return;
    }
    fill_row(compiler, table, row, node);
    table->buckets[bucket] = (uint32_t)++table->row_count;
}

/* False after a fault that keeps the rows from being read. */
static bool
read_shape(struct compiler *compiler, struct table *table, const struct yaml_node *node)
{
    if (!compiler_expect(compiler, node, YAML_MAP,
                         arena_format(compiler->arena, "the table '%s'", table->name)))
        return false;
    if (yaml_get(node, "csv")) {
        faults_add(compiler->faults, node->where,
                   "the table '%s' names a CSV file, which this version cannot read; write its "
                   "rows here as 'key: value'",
                   table->name);
        return false;
    }
    if (node->count == 0) {
        faults_add(compiler->faults, node->where, "the table '%s' has no rows", table->name);
        return false;
    }
    table->plain = node->items[0]->kind != YAML_MAP;
    return table->plain || collect_columns(compiler, table, node);
}

struct table *
table_compile(struct compiler *compiler, const struct yaml_node *name, const struct yaml_node *node)
{
    struct table *table = arena_alloc(compiler->arena, sizeof *table);
    size_t buckets = 8;

    table->name = compiler_quote(compiler, name->text);
    table->broken = !read_shape(compiler, table, node);
    if (table->broken)
        return table;
    while (buckets < node->count * 2)
        buckets *= 2;
    table->bucket_count = buckets;
    table->buckets = arena_alloc(compiler->arena, buckets * sizeof *table->buckets);
    table->rows = arena_alloc(compiler->arena, node->count * sizeof *table->rows);
    for (size_t i = 0; i < node->count; i++)
        add_row(compiler, table, node->keys[i], node->items[i]);
    return table;
}

const char *
table_name(const struct table *table)
{
    return table->name;
}

bool
table_columns(const struct table *table, const char *const **ret_names, size_t *ret_count)
{
    *ret_names = (const char *const *)table->columns;
    *ret_count = table->column_count;
    return !table->broken;
}

static struct slice
find(const struct table *table, struct slice key, size_t column)
{
    uint32_t row = table->buckets[bucket_of(table, key, hash(key))];

    if (row == 0)
        return SLICE_NONE;
    return table->rows[row - 1].texts[column];
}

struct slice
table_find(const struct table *table, struct arena *arena, struct slice key, size_t column)
{
    struct slice dn = table->has_dns ? normal_dn(arena, key) : SLICE_NONE;

    return find(table, dn.data ? dn : normal_text(arena, key), column);
}
