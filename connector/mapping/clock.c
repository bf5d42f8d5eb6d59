#include "mapping/clock.h"

#include "mapping/transform.h"

static bool
is_clock(const struct source *source)
{
    return source->kind == SOURCE_TODAY || source->kind == SOURCE_NOW;
}

/* The rule whose value the source is, as in struct reference; OWNER_NONE: it is of none. */
static int
rule_of(const struct source *source)
{
    if (source->kind == SOURCE_ALMA)
        return source->index;
    return source->kind == SOURCE_DEFINE ? USER_FIELDS_MOST + source->index : OWNER_NONE;
}

void
clock_note_condition(struct compiler *compiler, const struct source *subject)
{
    int rule = rule_of(subject);

    compiler->clock.decides |= is_clock(subject);
    if (rule != OWNER_NONE)
        compiler->clock.judged[rule] = true;
}

void
clock_note_pipe(struct compiler *compiler, const struct pipe *pipe)
{
    if (is_clock(&pipe->source) && compiler->owner != OWNER_NONE)
        compiler->clock.taken[compiler->owner] = true;
    for (size_t i = 0; i < pipe->step_count; i++)
        if (!(pipe->steps[i].transform->traits & (TRANSFORM_KEEPS_DATES | TRANSFORM_PASSES))) {
            clock_note_condition(compiler, &pipe->source);
            return;
        }
}

bool
clock_decides(struct compiler *compiler)
{
    bool *taken = compiler->clock.taken;
    bool grows = true;

    while (grows) {
        grows = false;
        for (size_t i = 0; i < compiler->reference_count; i++) {
            const struct reference *reference = &compiler->references[i];

            if (reference->from == OWNER_NONE || taken[reference->from] || !taken[reference->to])
                continue;
            taken[reference->from] = grows = true;
        }
    }
    for (size_t i = 0; i < RULES_MOST; i++)
        compiler->clock.decides |= taken[i] && compiler->clock.judged[i];
    return compiler->clock.decides;
}
