/* table: lookup tables of a mapping, from `tables:`.
 *
 * A table turns a key into a text, or into one text a column. Keys are compared as LDAP compares
 * values: without case, single-spaced, and as DNs where they are DNs (model/normal.h); so a
 * table may have groups as keys.
 *
 *   groups: { staff: STAFF, student: STUDENT }                    one column without a name
 *   cards:  { "4711": { barcode: X1, group: STAFF }, … }          columns barcode and group
 *   cards:  { csv: cards.csv, key: employee_id }                  columns of the file's header row
 *
 * Two keys that are the same are a fault among rows in the mapping itself, and a finding in a CSV
 * file, where the first row counts. A CSV file is read once, when all that looks the table up is
 * compiled; only the columns that something looks up are kept.
 *
 * Order of use: compile; table_use() for each lookup; load; find. table_inline.c reads rows of the
 * mapping, table_csv.c those of a CSV file, into a table_store.
 */
#ifndef MAPPING_TABLE_H
#define MAPPING_TABLE_H

#include "base/arena.h"
#include "base/slice.h"
#include "mapping/compiler.h"

#include <stdbool.h>
#include <stddef.h>

struct table;

/* Compiles the table `name` from its node. Never NULL, so that what refers to it can be checked
 * even when the table itself has faults. */
struct table *table_compile(struct compiler *compiler, const struct yaml_node *name,
                            const struct yaml_node *node);

/* Reads the rows of a CSV file; nothing for other tables. */
void table_load(struct compiler *compiler, struct table *table);

void table_free(struct table *table);

const char *table_name(const struct table *table);

/* Of its name in the mapping. */
struct position table_where(const struct table *table);

/* The columns' names; none for a table with one column without a name. False where a fault keeps
 * them from being known. */
bool table_columns(const struct table *table, const char *const **ret_names, size_t *ret_count);

/* The one column that a lookup without a column means; false where there are several, and
 * *ret_column is one of them. */
bool table_only_column(const struct table *table, size_t *ret_column);

/* Notes that the column is looked up; what table_find() takes for it. */
size_t table_use(struct table *table, size_t column);

/* A row that stands in the mapping itself. */
struct table_row {
    const char *key; /* as written */
    struct position where;
};

/* Rows of CSV files are data and are not counted. */
size_t table_row_count(const struct table *table);
struct table_row table_row(const struct table *table, size_t index);

/* The number of the key's row; false where none of those rows has it. */
bool table_find_row(const struct table *table, struct arena *arena, struct slice key,
                    size_t *ret_row);

/* A text of a column, which table_use() gave its number. */
struct table_text {
    struct slice text;     /* empty where the row has none */
    struct position where; /* of its row */
};

/* Goes through a column of all rows; *at is 0 at first. False behind the last one. */
bool table_next_text(const struct table *table, size_t column, size_t *at,
                     struct table_text *ret_text);

/* The text of the key's row in the column that table_use() gave a number; SLICE_NONE where there
 * is none. */
struct slice table_find(const struct table *table, struct arena *arena, struct slice key,
                        size_t column);

#endif
