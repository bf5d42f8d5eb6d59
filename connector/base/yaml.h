/* yaml: a YAML file as a tree of nodes that know where they stand.
 *
 * One document; maps, lists and scalars; every scalar is text, whatever YAML 1.1 would make of
 * `no`, `010` or `2026-09-01`. An empty plain scalar, `~` and `null` are scalars with the text
 * they have; the caller decides. Aliases, tags and duplicate keys are faults: they hide what a
 * file says; of duplicate keys only the first is in the tree. Depth, size and number of nodes are
 * limited, so no file exhausts memory.
 */
#ifndef BASE_YAML_H
#define BASE_YAML_H

#include "base/arena.h"
#include "base/fault.h"
#include "base/slice.h"

#include <stdbool.h>
#include <stddef.h>

enum yaml_kind { YAML_SCALAR, YAML_LIST, YAML_MAP };

struct yaml_node {
    enum yaml_kind kind;
    struct position where;    /* of the value's first character */
    struct slice text;        /* YAML_SCALAR: also NUL-terminated */
    bool quoted;              /* YAML_SCALAR: written in quotes or as a block */
    bool block;               /* YAML_SCALAR: its text begins on the line behind `where` */
    unsigned text_column;     /* YAML_SCALAR: of the text's first character, where the file has the
                                 text on one line as it is; 0: folded, a block, or with escapes */
    struct yaml_node **items; /* YAML_LIST: items; YAML_MAP: values */
    struct yaml_node **keys;  /* YAML_MAP: scalars, keys[i] belongs to items[i] */
    size_t count;
};

/* Reads a file. On a syntax error, a fault of the kinds above or an unreadable file goes
 * into `faults` and returns NULL or the part that could be read. The tree lives in the arena. */
struct yaml_node *yaml_load(struct arena *arena, const char *path, struct faults *faults);

/* The same from memory; `name` stands for the file in positions and is borrowed. */
struct yaml_node *yaml_parse(struct arena *arena, const char *name, struct slice text,
                             struct faults *faults);

/* The same for a file that another file names: one that cannot be read is a fault at `named`. */
struct yaml_node *yaml_load_named(struct arena *arena, const char *path, struct position named,
                                  struct faults *faults);

/* True for what YAML writes for nothing on purpose: ~ or null, without quotes. An empty value may
 * be an oversight. */
bool yaml_is_explicit_null(const struct yaml_node *node);

/* The value of a key, or NULL. */
const struct yaml_node *yaml_get(const struct yaml_node *map, const char *key);

/* True for a scalar that somebody left empty, or wrote as YAML's null. */
bool yaml_is_null(const struct yaml_node *node);

/* "a list", "a map", "text": for messages. */
const char *yaml_kind_name(enum yaml_kind kind);

#endif
