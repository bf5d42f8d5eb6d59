#include "mapping/references.h"

#include "base/buffer.h"

#include <stdlib.h>

enum mark { UNSEEN, ON_THE_WAY, DONE };

struct walk {
    struct compiler *compiler;
    size_t *starts; /* of an owner's references, which are sorted by owner */
    enum mark marks[RULES_MOST];
    int path[RULES_MOST]; /* owners from the start of the walk to where it is */
    size_t depth;
};

static const struct rule *
rule_of(const struct mapping *mapping, int owner)
{
    if (owner < USER_FIELDS_MOST)
        return mapping->fields[owner];
    return &mapping->defines[owner - USER_FIELDS_MOST].rule;
}

static void
add_name(const struct mapping *mapping, int owner, struct buffer *out)
{
    if (owner < USER_FIELDS_MOST)
        buffer_format(out, "alma.%s", user_fields[owner].name);
    else
        buffer_format(out, "define.%s", mapping->defines[owner - USER_FIELDS_MOST].name);
}

static void
report_circle(const struct walk *walk, int again)
{
    const struct mapping *mapping = walk->compiler->mapping;
    struct buffer names = BUFFER_INIT;
    size_t start = walk->depth;

    do
        start--;
    while (walk->path[start] != again);
    for (size_t i = start; i < walk->depth; i++) {
        add_name(mapping, walk->path[i], &names);
        buffer_add_text(&names, " -> ");
    }
    add_name(mapping, again, &names);
    faults_add(walk->compiler->faults, rule_of(mapping, again)->where,
               "a value that needs itself: %.*s", (int)names.length, names.data);
    buffer_free(&names);
}

static void
visit(struct walk *walk, int owner)
{
    walk->marks[owner] = ON_THE_WAY;
    walk->path[walk->depth++] = owner;
    for (size_t i = walk->starts[owner]; i < walk->starts[owner + 1]; i++) {
        int to = walk->compiler->references[i].to;

        if (walk->marks[to] == ON_THE_WAY)
            report_circle(walk, to);
        else if (walk->marks[to] == UNSEEN)
            visit(walk, to);
    }
    walk->depth--;
    walk->marks[owner] = DONE;
}

static int
compare(const void *a, const void *b)
{
    const struct reference *first = a, *second = b;

    if (first->from != second->from)
        return first->from < second->from ? -1 : 1;
    return (first->to > second->to) - (first->to < second->to);
}

void
references_check(struct compiler *compiler)
{
    struct walk *walk = memory_zero(1, sizeof *walk);
    size_t at = 0;

    walk->compiler = compiler;
    walk->starts = memory_zero(RULES_MOST + 1, sizeof *walk->starts);
    if (compiler->reference_count)
        qsort(compiler->references, compiler->reference_count, sizeof *compiler->references,
              compare);
    for (int owner = 0; owner <= RULES_MOST; owner++) {
        while (at < compiler->reference_count && compiler->references[at].from < owner)
            at++;
        walk->starts[owner] = at;
    }
    for (int owner = 0; owner < RULES_MOST; owner++)
        if (walk->marks[owner] == UNSEEN && walk->starts[owner] < walk->starts[owner + 1])
            visit(walk, owner);
    free(walk->starts);
    free(walk);
}
