#include "mapping/transform.h"

static void
keep_one(struct values *values, size_t index)
{
    values->items += index;
    values->count = 1;
}

void
transform_first(struct evaluation *evaluation, const struct step *step, struct values *values)
{
    (void)step;
    values_settle(values, evaluation->arena);
    if (values->count > 0)
        keep_one(values, 0);
}

void
transform_last(struct evaluation *evaluation, const struct step *step, struct values *values)
{
    (void)step;
    values_settle(values, evaluation->arena);
    if (values->count > 0)
        keep_one(values, values->count - 1);
}

void
transform_only(struct evaluation *evaluation, const struct step *step, struct values *values)
{
    (void)step;
    values_settle(values, evaluation->arena);
    if (values->count != 1)
        values->count = 0;
}

void
transform_join(struct evaluation *evaluation, const struct step *step, struct values *values)
{
    struct slice separator = step->arguments[0].text;
    size_t length = 0;
    char *out, *end;

    values_settle(values, evaluation->arena);
    if (values->count < 2)
        return;
    for (size_t i = 0; i < values->count; i++)
        length += values->items[i].length + separator.length;
    out = end = arena_bytes(evaluation->arena, length);
    for (size_t i = 0; i < values->count; i++) {
        if (i > 0) {
            memcpy(end, separator.data, separator.length);
            end += separator.length;
        }
        memcpy(end, values->items[i].data, values->items[i].length);
        end += values->items[i].length;
    }
    *values = values_of(evaluation->arena, (struct slice){out, (size_t)(end - out)}, values->marks);
}

void
transform_sort(struct evaluation *evaluation, const struct step *step, struct values *values)
{
    (void)step;
    values->settled = false;
    values_settle(values, evaluation->arena);
}

void
transform_count(struct evaluation *evaluation, const struct step *step, struct values *values)
{
    (void)step;
    values_settle(values, evaluation->arena);
    *values = values_of(evaluation->arena,
                        slice_of(arena_format(evaluation->arena, "%zu", values->count)), 0);
}

void
transform_default(struct evaluation *evaluation, const struct step *step, struct values *values)
{
    if (values->count == 0)
        *values = values_of(evaluation->arena, step->arguments[0].text, 0);
}
