#include "mapping/table_parts.h"

#include "base/text.h"

enum { COLUMNS_MOST = 64 };

/* The column's number; a new one is added. */
static size_t
column_of(struct compiler *compiler, struct table *table, const char *name)
{
    for (size_t i = 0; i < table->column_count; i++)
        if (strcmp(table->columns[i], name) == 0)
            return i;
    table->columns[table->column_count] = arena_string(compiler->arena, name);
    table->slots[table->column_count] = (int)table->column_count;
    return table->column_count++;
}

static bool
collect_columns(struct compiler *compiler, struct table *table, const struct yaml_node *node)
{
    table->columns = arena_alloc(compiler->arena, COLUMNS_MOST * sizeof *table->columns);
    table->slots = arena_alloc(compiler->arena, COLUMNS_MOST * sizeof *table->slots);
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
    table->slot_count = table->column_count;
    return true;
}

static void
read_texts(struct compiler *compiler, struct table *table, const struct yaml_node *node,
           struct slice *texts)
{
    memset(texts, 0, COLUMNS_MOST * sizeof *texts);
    if (table->column_count == 0) {
        if (compiler_expect(compiler, node, YAML_SCALAR,
                            "a row of a table whose first row is text"))
            texts[0] = text_tidy(compiler->arena, node->text);
        return;
    }
    if (!compiler_expect(compiler, node, YAML_MAP, "a row of a table whose first row is a map"))
        return;
    for (size_t i = 0; i < node->count; i++)
        if (compiler_expect(compiler, node->items[i], YAML_SCALAR, "a table's value"))
            texts[column_of(compiler, table, node->keys[i]->text.data)] =
                text_tidy(compiler->arena, node->items[i]->text);
}

static void
add_row(struct compiler *compiler, struct table *table, const struct yaml_node *key,
        const struct yaml_node *node)
{
    struct slice texts[COLUMNS_MOST];
    const char *other;

    read_texts(compiler, table, node, texts);
    table->rows[table->row_count] = (struct table_row){key->text.data, key->where};
    other = store_add(&table->store, table_key(table, compiler->arena, key->text),
                      (uint32_t)table->row_count, texts, table->slot_count);
    if (!other)
        table->row_count++;
    else
        faults_add(compiler->faults, key->where,
                   "the table '%s' has the key '%s' already (line %u); keys are compared without "
                   "case",
                   table->name, compiler_quote(compiler, key->text),
                   table->rows[store_number(other)].where.line);
}

void
table_compile_inline(struct compiler *compiler, struct table *table, const struct yaml_node *node)
{
    if (node->count == 0) {
        faults_add(compiler->faults, node->where, "the table '%s' has no rows", table->name);
        return;
    }
    table->slot_count = 1;
    if (node->items[0]->kind == YAML_MAP && !collect_columns(compiler, table, node))
        return;
    table->broken = false;
    table->rows = arena_alloc(compiler->arena, node->count * sizeof *table->rows);
    for (size_t i = 0; i < node->count; i++)
        add_row(compiler, table, node->keys[i], node->items[i]);
    store_seal(&table->store);
}
