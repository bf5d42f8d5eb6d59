#include "mapping/lint.h"

#include "mapping/mapping.h"

#include <stdarg.h>
#include <stdlib.h>

void
lint_find(struct lint *lint, enum finding_code code, const char *field, struct position where,
          const char *format, ...)
{
    struct finding finding = {.code = code, .field = field, .where = where};
    va_list arguments;

    va_start(arguments, format);
    finding.text = slice_of(arena_vformat(lint->arena, format, arguments));
    va_end(arguments);
    memory_grow(&lint->findings, &lint->finding_capacity, lint->finding_count + 1,
                sizeof *lint->findings);
    lint->findings[lint->finding_count++] = finding;
}

bool
lint_same_step(const struct step *a, const struct step *b)
{
    if (a->transform != b->transform || a->argument_count != b->argument_count)
        return false;
    for (size_t i = 0; i < a->argument_count; i++)
        if (!slice_equal(a->arguments[i].text, b->arguments[i].text))
            return false;
    return true;
}

/* In the order of the file. */
static int
compare(const void *a, const void *b)
{
    const struct finding *first = a, *second = b;
    int order = position_compare(first->where, second->where);

    return order != 0 ? order : slice_compare(first->text, second->text);
}

void
mapping_lint(const struct mapping *mapping, const struct finding_sink *findings)
{
    struct lint lint = {.mapping = mapping, .arena = arena_new()};

    lint_unused(&lint);
    lint_reach(&lint);
    lint_identifiers(&lint);
    lint_codes(&lint);
    if (lint.finding_count)
        qsort(lint.findings, lint.finding_count, sizeof *lint.findings, compare);
    for (size_t i = 0; i < lint.finding_count; i++)
        findings->add(findings->context, &lint.findings[i]);
    free(lint.findings);
    arena_free(lint.arena);
}
