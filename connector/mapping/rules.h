/* rules: a compiled mapping: what applying runs through, with every name already looked up.
 *
 * The loader (load.c and its helpers) fills these once; apply.c, evaluate.c and filter_match.c
 * only read them. Everything lives in the mapping's arena, but for the patterns, which PCRE2
 * allocates. Each alternative keeps its position in the file, so that a value can say which rule
 * made it.
 *
 * Only for this folder.
 */
#ifndef MAPPING_RULES_H
#define MAPPING_RULES_H

#include "base/arena.h"
#include "base/date.h"
#include "base/fault.h"
#include "base/slice.h"
#include "mapping/mapping.h"
#include "model/user.h"

#include <stdbool.h>
#include <stddef.h>

struct codes;
struct filter;
struct ladder;
struct mentions;
struct pattern;
struct patterns;
struct replacement;
struct table;
struct transform;

/* Defines may need each other in a chain, which is walked by recursion: hence a bound. */
enum { DEFINES_MOST = 200, STEP_ARGUMENTS_MOST = 2 };

enum source_kind {
    SOURCE_ATTRIBUTE, /* index: slot */
    SOURCE_BYTES,     /* index: slot; the bytes as they are, for guid and sid */
    SOURCE_DN,
    SOURCE_TODAY,
    SOURCE_NOW,
    SOURCE_EACH,
    SOURCE_ALMA,  /* index: in user_fields */
    SOURCE_DEFINE /* index: in mapping->defines */
};

struct source {
    enum source_kind kind;
    int index;
};

/* A transform's argument, ready to use; which member counts is said by the transform's row. */
struct argument {
    struct slice text; /* as written, without the quotes; NUL-terminated */
    union {
        size_t number;
        int seconds;
        struct {
            long count;
            enum date_unit unit;
        } span;
        struct {
            int month, day;
        } day;
        const struct pattern *pattern;
        const struct replacement *replacement;
        struct table *table;
        size_t column; /* of table_use() */
    } as;
};

struct step {
    const struct transform *transform;
    struct argument arguments[STEP_ARGUMENTS_MOST];
    size_t argument_count;
    const char *text; /* as written, with its arguments */
    struct position where;
};

/* ${source | step | …} */
struct pipe {
    struct source source;
    const char *name; /* of the source, as written */
    struct step *steps;
    size_t step_count;
};

struct piece {
    struct slice text; /* where pipe is NULL */
    const struct pipe *pipe;
};

/* A template that is one pipe and nothing else yields all values of the pipe; any other yields at
 * most one text. */
struct template
{
    struct piece *pieces;
    size_t count; /* at least 1 */
};

struct alternative {
    const struct filter *when; /* NULL: always */
    struct template value;
    struct position where;
};

/* Of an alternative, what nobody needs who only applies it. */
struct written {
    const char *value;
    const char *when; /* NULL: none */
    size_t part;      /* its number among the mapping's parts (parts.h) */
};

struct rule {
    struct alternative *alternatives; /* FIELD_CODES: not alternatives, each adds its codes */
    struct written *written;          /* one an alternative */
    const struct ladder **ladders;    /* by alternative: whose rung it is; NULL: there are none */
    size_t count;
    const char *name; /* "emails.email_address", "define.kind": for findings */
    int field;        /* index in user_fields, or in an item's fields; -1: a define */
    bool in_item;
    struct position where;
};

struct item_rule {
    const struct filter *when;   /* NULL: always */
    const struct template *each; /* NULL: one item */
    struct rule *rules;          /* in the order of the item's table */
    size_t rule_count;
    const char *each_name; /* "phones.each" */
    const char *each_text; /* as written */
    const char *when_text; /* as written */
    size_t part;           /* its number among the mapping's parts */
    struct position where;
};

struct item_rules {
    struct item_rule *items;
    size_t count;
};

struct requirement {
    int field; /* in user_fields */
    int item;  /* in that field's fields; -1: the field itself, at least one item */
    struct position where;
};

struct define {
    const char *name;
    struct position where; /* of its name */
    struct rule rule;
};

struct mapping {
    struct arena *arena;
    const char *path;
    const char **files; /* that it names: what it extends, tables, lists of codes */
    size_t file_count, file_capacity;
    const char *name;
    const char *match_id;
    int match_list; /* index of user_identifiers where an identifier type matches; -1: primary_id */
    const struct filter *select;                      /* NULL: everybody */
    const struct rule *fields[USER_FIELDS_MOST];      /* NULL: not mapped */
    const struct item_rules *lists[USER_FIELDS_MOST]; /* NULL: not mapped */
    struct define *defines;
    size_t define_count;
    struct table **tables;
    size_t table_count;
    struct requirement *requirements;
    size_t requirement_count;
    struct mapping_part *parts;
    size_t part_count;
    struct mapping_part selection; /* how `select` is written */
    size_t **row_parts;            /* by table and row: the row's part */
    struct mentions *mentions;
    struct codes *codes;
    size_t codes_count;
    struct patterns *patterns;
    int class_slot;    /* of objectClass; ATTRIBUTE_NONE: nothing names it */
    size_t slot_count; /* attributes with a slot below this may be used */
    struct slice today, now;
    bool depends_on_clock; /* the day decides what becomes of an entry */
};

#endif
