#include "base/fault.h"

#include "base/arena.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct fault {
    struct position where;
    char *text; /* with the position in front */
    size_t order;
};

struct faults {
    struct arena *arena;
    struct fault *items;
    size_t count, capacity;
    struct error unreadable; /* ERROR_NONE: everything was read */
};

struct faults *
faults_new(void)
{
    struct faults *faults = memory_zero(1, sizeof *faults);

    faults->arena = arena_new();
    return faults;
}

void
faults_free(struct faults *faults)
{
    if (!faults)
        return;
    arena_free(faults->arena);
    free(faults->items);
    free(faults);
}

void
faults_add(struct faults *faults, struct position where, const char *format, ...)
{
    va_list arguments;
    char *text;
    struct fault *fault;

    va_start(arguments, format);
    text = arena_vformat(faults->arena, format, arguments);
    va_end(arguments);
    memory_grow(&faults->items, &faults->capacity, faults->count + 1, sizeof *faults->items);
    fault = &faults->items[faults->count];
    fault->where = where;
    fault->order = faults->count++;
    if (where.line == 0)
        fault->text = arena_format(faults->arena, "%s: %s", where.file, text);
    else if (where.column == 0)
        fault->text = arena_format(faults->arena, "%s:%u: %s", where.file, where.line, text);
    else
        fault->text =
            arena_format(faults->arena, "%s:%u:%u: %s", where.file, where.line, where.column, text);
}

void
faults_add_unknown(struct faults *faults, struct position where, const char *what, const char *name,
                   const char *const *names, size_t count)
{
    const char *nearest = fault_nearest(name, names, count);

    if (nearest)
        faults_add(faults, where, "unknown %s '%s'; did you mean '%s'?", what, name, nearest);
    else
        faults_add(faults, where, "unknown %s '%s'", what, name);
}

void
faults_unreadable(struct faults *faults, const struct error *err)
{
    faults->unreadable = *err;
}

size_t
faults_count(const struct faults *faults)
{
    return faults->count;
}

int
position_compare(struct position a, struct position b)
{
    int order = strcmp(a.file, b.file);

    if (order != 0)
        return order;
    if (a.line != b.line)
        return a.line < b.line ? -1 : 1;
    return (a.column > b.column) - (a.column < b.column);
}

static int
compare(const void *a, const void *b)
{
    const struct fault *first = a, *second = b;
    int order = position_compare(first->where, second->where);

    if (order != 0)
        return order;
    return first->order < second->order ? -1 : 1;
}

const char *
faults_text(const struct faults *faults, size_t index)
{
    return faults->items[index].text;
}

bool
faults_conclude(struct faults *faults, const struct messenger *messenger, const char *what,
                struct error *err)
{
    if (faults->unreadable.code != ERROR_NONE) {
        *err = faults->unreadable;
        return false;
    }
    if (faults->count == 0)
        return true;
    qsort(faults->items, faults->count, sizeof *faults->items, compare);
    for (size_t i = 0; i < faults->count; i++)
        message_say(messenger, MESSAGE_ERROR, "%s", faults->items[i].text);
    return error_set(err, ERROR_CONFIG, "%s has %zu fault%s", what, faults->count,
                     faults->count == 1 ? "" : "s");
}

static char
lower(char c)
{
    return (char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
}

enum { NAME_MOST = 64 };

static unsigned
least(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

/* Optimal string alignment: insertions, deletions, substitutions and swaps of neighbors. */
static unsigned
distance(const char *a, const char *b)
{
    unsigned rows[3][NAME_MOST + 1];
    size_t a_length = strlen(a), b_length = strlen(b);

    if (a_length > NAME_MOST || b_length > NAME_MOST)
        return NAME_MOST;
    for (size_t j = 0; j <= b_length; j++)
        rows[0][j] = (unsigned)j;
    for (size_t i = 1; i <= a_length; i++) {
        unsigned *row = rows[i % 3], *above = rows[(i + 2) % 3], *above2 = rows[(i + 1) % 3];

        row[0] = (unsigned)i;
        for (size_t j = 1; j <= b_length; j++) {
            unsigned cost = lower(a[i - 1]) != lower(b[j - 1]);

            row[j] = least(least(above[j] + 1, row[j - 1] + 1), above[j - 1] + cost);
            if (i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) &&
                lower(a[i - 2]) == lower(b[j - 1]))
                row[j] = least(row[j], above2[j - 2] + 1);
        }
    }
    return rows[a_length % 3][b_length];
}

const char *
fault_nearest(const char *name, const char *const *names, size_t count)
{
    const char *nearest = NULL;
    size_t length = strlen(name);
    unsigned best = 1 + (unsigned)(length / 3) + 1;

    for (size_t i = 0; i < count; i++) {
        size_t other = strlen(names[i]);
        unsigned far;

        /* Each character that only one of them has is one step. */
        if ((other < length ? length - other : other - length) >= best)
            continue;
        far = distance(name, names[i]);
        if (far < best) {
            best = far;
            nearest = names[i];
        }
    }
    return nearest;
}
