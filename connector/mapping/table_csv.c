#include "mapping/table_parts.h"

#include "base/csv.h"
#include "base/text.h"

/* So many keys that stand twice are told one by one. */
enum { COLUMNS_MOST = 1000, TOLD_MOST = 20 };

/* A CSV file on its way into the table. */
struct loading {
    struct compiler *compiler;
    struct table *table;
    struct arena *arena; /* of one row */
    size_t *kept;        /* by slot: the column */
    struct slice *texts; /* of the row, by slot */
    size_t rows, twice, keyless;
    unsigned last_twice_line, first_keyless_line;
};

static const struct yaml_node *
get_text(struct compiler *compiler, const struct table *table, const struct yaml_node *node,
         const char *key)
{
    const struct yaml_node *text = yaml_get(node, key);

    if (text)
        return compiler_expect(compiler, text, YAML_SCALAR,
                               arena_format(compiler->arena, "'%s'", key))
                   ? text
                   : NULL;
    faults_add(compiler->faults, node->where, "the table '%s' of a CSV file needs '%s'",
               table->name, key);
    return NULL;
}

static bool
check_keys(struct compiler *compiler, const struct yaml_node *node)
{
    static const char *const known[] = {"csv", "key"};
    bool good = true;

    for (size_t i = 0; i < node->count; i++) {
        if (yaml_get(node, known[0]) == node->items[i] ||
            yaml_get(node, known[1]) == node->items[i])
            continue;
        compiler_unknown(compiler, node->keys[i]->where, "key of a CSV table", node->keys[i]->text,
                         known, 2);
        good = false;
    }
    return good;
}

/* Names the columns after the header row. */
static bool
read_header(struct compiler *compiler, struct table *table)
{
    size_t before = faults_count(compiler->faults);
    struct position where = {table->path, 0, 0};
    struct csv_row row;

    if (!csv_next(table->csv, &row)) {
        if (faults_count(compiler->faults) == before)
            faults_add(compiler->faults, where,
                       "the file is empty; its first row names the columns");
        return false;
    }
    where.line = row.line;
    if (row.count > COLUMNS_MOST) {
        faults_add(compiler->faults, where, "more than %d columns", COLUMNS_MOST);
        return false;
    }
    table->columns = arena_alloc(compiler->arena, row.count * sizeof *table->columns);
    table->slots = arena_alloc(compiler->arena, row.count * sizeof *table->slots);
    for (size_t i = 0; i < row.count; i++) {
        struct slice name = text_tidy(compiler->arena, row.fields[i]);

        table->slots[i] = TABLE_SLOT_NONE;
        table->columns[i] = arena_copy(compiler->arena, name.data, name.length);
        if (name.length == 0)
            faults_add(compiler->faults, where, "column %zu has no name", i + 1);
        for (size_t j = 0; j < i && name.length > 0; j++)
            if (strcmp(table->columns[j], table->columns[i]) == 0)
                faults_add(compiler->faults, where, "two columns have the name '%s'",
                           compiler_quote(compiler, name));
    }
    table->column_count = row.count;
    return faults_count(compiler->faults) == before;
}

static bool
find_key_column(struct compiler *compiler, struct table *table, const struct yaml_node *key)
{
    for (size_t i = 0; i < table->column_count; i++) {
        if (!slice_equal(slice_of(table->columns[i]), key->text))
            continue;
        table->key_column = i;
        return true;
    }
    compiler_unknown(compiler, key->where, "column", key->text, (const char *const *)table->columns,
                     table->column_count);
    return false;
}

void
table_open_csv(struct compiler *compiler, struct table *table, const struct yaml_node *node)
{
    const struct yaml_node *csv = get_text(compiler, table, node, "csv");
    const struct yaml_node *key = get_text(compiler, table, node, "key");
    struct error err = ERROR_INIT;

    if (!check_keys(compiler, node) || !csv || !key)
        return;
    table->path = compiler_path(compiler, csv);
    table->csv = csv_open(table->path, compiler->faults, &err);
    if (!table->csv)
        faults_add(compiler->faults, csv->where, "%s", err.text);
    else
        table->broken = !read_header(compiler, table) || !find_key_column(compiler, table, key);
}

static void
find(const struct loading *loading, enum finding_code code, unsigned line, const char *text)
{
    const struct finding_sink *findings = loading->compiler->findings;
    const struct finding finding = {
        .code = code, .where = {loading->table->path, line, 1}, .text = slice_of(text)};

    if (findings && findings->add)
        findings->add(findings->context, &finding);
}

static void
note_twice(struct loading *loading, const struct csv_row *row, unsigned first_line)
{
    struct compiler *compiler = loading->compiler;
    struct slice key = text_tidy(loading->arena, row->fields[loading->table->key_column]);

    loading->last_twice_line = row->line;
    if (++loading->twice <= TOLD_MOST)
        find(loading, FINDING_TWICE_IN_TABLE, row->line,
             arena_format(compiler->arena,
                          "the table '%s' has the key '%s' twice, in line %u and in line %u; line "
                          "%u counts",
                          loading->table->name, compiler_quote(compiler, key), first_line,
                          row->line, first_line));
}

static void
note_keyless(struct loading *loading, const struct csv_row *row)
{
    if (loading->keyless++ == 0)
        loading->first_keyless_line = row->line;
}

static void
sum_up(struct loading *loading)
{
    struct compiler *compiler = loading->compiler;
    const struct table *table = loading->table;

    if (loading->twice > TOLD_MOST)
        find(loading, FINDING_TWICE_IN_TABLE, loading->last_twice_line,
             arena_format(compiler->arena,
                          "the table '%s' has %zu more rows with a key that stands there already",
                          table->name, loading->twice - TOLD_MOST));
    if (loading->keyless > 0)
        find(loading, FINDING_NO_KEY, loading->first_keyless_line,
             arena_format(compiler->arena,
                          "the table '%s' has %zu row%s without '%s', the first in line %u",
                          table->name, loading->keyless, loading->keyless == 1 ? "" : "s",
                          table->columns[table->key_column], loading->first_keyless_line));
}

/* What differs in columns that nothing looks up makes no difference. */
static bool
is_repetition(const struct loading *loading, const char *record)
{
    for (size_t i = 0; i < loading->table->slot_count; i++)
        if (!slice_equal(store_text(record, i), loading->texts[i]))
            return false;
    return true;
}

static void
add_row(struct loading *loading, const struct csv_row *row)
{
    struct table *table = loading->table;
    struct slice key;
    const char *other;

    arena_reset(loading->arena);
    loading->rows++;
    key = table_key(table, loading->arena, row->fields[table->key_column]);
    if (key.length == 0) {
        note_keyless(loading, row);
        return;
    }
    for (size_t i = 0; i < table->slot_count; i++)
        loading->texts[i] = text_tidy(loading->arena, row->fields[loading->kept[i]]);
    other = store_add(&table->store, key, row->line, loading->texts, table->slot_count);
    if (other && !is_repetition(loading, other))
        note_twice(loading, row, store_number(other));
}

static void
read_rows(struct loading *loading)
{
    struct table *table = loading->table;
    size_t before = faults_count(loading->compiler->faults);
    struct csv_row row;

    while (csv_next(table->csv, &row)) {
        if (store_is_full(&table->store)) {
            faults_add(loading->compiler->faults, (struct position){table->path, row.line, 0},
                       "the table holds more than 4 GB of text");
            return;
        }
        add_row(loading, &row);
    }
    if (loading->rows == 0 && faults_count(loading->compiler->faults) == before)
        faults_add(loading->compiler->faults, (struct position){table->path, 0, 0},
                   "no row stands below the header row: nobody would find anything in it");
}

void
table_read_csv(struct compiler *compiler, struct table *table)
{
    struct loading loading = {
        .compiler = compiler,
        .table = table,
        .arena = arena_new(),
        .kept = arena_alloc(compiler->arena, table->slot_count * sizeof *loading.kept),
        .texts = arena_alloc(compiler->arena, table->slot_count * sizeof *loading.texts),
    };

    for (size_t i = 0; i < table->column_count; i++)
        if (table->slots[i] != TABLE_SLOT_NONE)
            loading.kept[table->slots[i]] = i;
    read_rows(&loading);
    sum_up(&loading);
    store_seal(&table->store);
    csv_close(table->csv);
    table->csv = NULL;
    arena_free(loading.arena);
}
