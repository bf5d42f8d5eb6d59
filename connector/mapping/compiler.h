/* compiler: what the loader's parts share while one mapping is compiled.
 *
 * Order of use: load.c declares what names stand for (tables, defines, fields), then compiles
 * what refers to them, then looks for circles among the references (references.h).
 *
 * Only for loading; nothing of this lives on in the mapping.
 */
#ifndef MAPPING_COMPILER_H
#define MAPPING_COMPILER_H

#include "base/fault.h"
#include "base/yaml.h"
#include "mapping/rules.h"
#include "model/attributes.h"
#include "model/finding.h"

#include <stdbool.h>
#include <stddef.h>

enum { OWNER_NONE = -1 };

/* One rule uses the value of another: `from` and `to` are fields (their index) or defines
 * (USER_FIELDS_MOST + their index). */
struct reference {
    int from, to;
};
enum { RULES_MOST = USER_FIELDS_MOST + DEFINES_MOST };

struct compiler {
    struct mapping *mapping;
    struct arena *arena; /* the mapping's */
    struct attributes *attributes;
    struct faults *faults;
    const struct finding_sink *findings; /* about the mapping itself; NULL: nobody is told */
    int owner;         /* the rule that is being compiled, as in struct reference; OWNER_NONE */
    bool each_allowed; /* the source `each` has a meaning here */
    bool mapped[USER_FIELDS_MOST]; /* the file gives the field a rule */
    struct reference *references;
    size_t reference_count, reference_capacity;
    struct {
        bool decides;            /* in any case */
        bool taken[RULES_MOST];  /* by rule: its value is made of the clock … */
        bool judged[RULES_MOST]; /* … or more than a date is made of it */
    } clock;
};

/* The place of a byte of a scalar's text: its own column where the file shows the text as it is,
 * else where the scalar begins. */
struct position compiler_position(const struct yaml_node *node, size_t offset);

/* The path that the scalar names, relative to the file that the node stands in: with `extends` not
 * every node is of one file. Absolute paths stay as they are. The mapping remembers the path as one
 * of its files. */
const char *compiler_path(struct compiler *compiler, const struct yaml_node *node);

/* `text` for a message: printable and not longer than a line bears. */
const char *compiler_quote(struct compiler *compiler, struct slice text);

/* Looks up what a template or filter names: an attribute, dn, today, now, each, alma.FIELD or
 * define.NAME. Faults at `offset` of the node. */
bool compiler_source(struct compiler *compiler, const struct yaml_node *node, size_t offset,
                     struct slice name, struct source *ret_source);

/* Says "unknown WHAT 'NAME'" and the nearest of `names`, where one is near enough. */
void compiler_unknown(struct compiler *compiler, struct position where, const char *what,
                      struct slice name, const char *const *names, size_t count);

/* False, with a fault, when the node is not of the kind. `what` names it: "'tables'". */
bool compiler_expect(struct compiler *compiler, const struct yaml_node *node, enum yaml_kind kind,
                     const char *what);

#endif
