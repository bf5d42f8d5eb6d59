/* table: lookup tables of a mapping, from `tables:`.
 *
 * A table turns a key into a text, or into one text a column. Keys are compared as LDAP compares
 * values: without case, single-spaced, and as DNs where they are DNs (mapping/normal.h); so a
 * table may have groups as keys. Two keys that are the same then are a fault.
 *
 *   groups: { staff: STAFF, student: STUDENT }                    one column without a name
 *   cards:  { "4711": { barcode: X1, group: STAFF }, … }          columns barcode and group
 *
 * Not yet here: tables from CSV files (`csv:`), which are refused.
 */
#ifndef MAPPING_TABLE_H
#define MAPPING_TABLE_H

#include "base/arena.h"
#include "base/slice.h"
#include "mapping/compiler.h"

#include <stddef.h>

struct table;

/* Compiles the table `name` from its node. Never NULL, so that what refers to it can be checked
 * even when the table itself has faults. */
struct table *table_compile(struct compiler *compiler, const struct yaml_node *name,
                            const struct yaml_node *node);

const char *table_name(const struct table *table);

/* The columns' names; none for a table with one column without a name. False where a fault keeps
 * them from being known. */
bool table_columns(const struct table *table, const char *const **ret_names, size_t *ret_count);

/* The text in a column of the key's row; SLICE_NONE where there is none. */
struct slice table_find(const struct table *table, struct arena *arena, struct slice key,
                        size_t column);

#endif
