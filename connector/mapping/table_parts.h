/* table_parts: what a table is made of, for table*.c alone. */
#ifndef MAPPING_TABLE_PARTS_H
#define MAPPING_TABLE_PARTS_H

#include "mapping/table.h"
#include "mapping/table_store.h"

#include <stdint.h>

struct csv;

enum { TABLE_SLOT_NONE = -1 };

struct table {
    const char *name;
    struct position where; /* of its name */
    const char **columns;  /* names */
    size_t column_count;   /* 0: one column without a name */
    int *slots;            /* by column: its place in a record; TABLE_SLOT_NONE: not kept */
    size_t slot_count;     /* texts of a record */
    bool has_dns;          /* some key is a DN */
    bool broken;           /* a fault kept its columns from being known */
    struct store store;
    /* Rows of the mapping: a record's number is the row's index. */
    struct table_row *rows;
    size_t row_count;
    /* Rows of a CSV file: a record's number is its line. */
    struct csv *csv; /* NULL: there is none, or it was read */
    const char *path;
    size_t key_column;
};

/* The form in which a key is kept; notes when it is a DN. */
struct slice table_key(struct table *table, struct arena *arena, struct slice key);

/* table_inline.c */
void table_compile_inline(struct compiler *compiler, struct table *table,
                          const struct yaml_node *node);

/* table_csv.c */
void table_open_csv(struct compiler *compiler, struct table *table, const struct yaml_node *node);
void table_read_csv(struct compiler *compiler, struct table *table);

#endif
