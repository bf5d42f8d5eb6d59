#include "mapping/trace.h"

#include "mapping/filter.h"
#include "mapping/table.h"
#include "mapping/transform.h"

/* Of a define that was evaluated. */
struct define_trace {
    const struct derivation *derivation;
    const struct alternative *taken; /* NULL: none gave a value */
};

struct trace {
    const struct mapping_watch *watch;
    struct define_trace *defines;
    const struct derivation *each; /* of the present item's `each` */
    const struct derivation *last; /* of the rule or `each` that was traced last */
    const struct derivation_unmade **unmade_end;
    /* Parts that count only if the present item is made. */
    size_t *pending;
    size_t pending_count, pending_capacity;
};

/* A derivation while it is made. */
struct draft {
    struct evaluation *evaluation;
    const char *rule;
    bool one_wanted; /* of several values */
    struct derivation_attempt *attempts;
    size_t attempt_count, attempt_capacity;
    struct derivation_step *steps; /* of the attempt that is under way */
    size_t step_count, step_capacity;
};

/* What the evaluation was before it is gone through again. */
struct pause {
    const struct finding_sink *findings;
    const struct position *where;
    size_t watched_bytes;
    size_t arena_bytes;
    size_t work;
    bool too_large;
};

/* While what was evaluated is evaluated again nothing is found, and no bound counts. */
static struct pause
pause_begin(struct evaluation *evaluation)
{
    struct pause pause = {.findings = evaluation->findings,
                          .where = evaluation->where,
                          .watched_bytes = evaluation->watched_bytes,
                          .arena_bytes = arena_size(evaluation->arena),
                          .work = evaluation->work,
                          .too_large = evaluation->too_large};

    evaluation->findings = NULL;
    evaluation->watched_bytes = SIZE_MAX / 2;
    evaluation->work = 0;
    return pause;
}

static void
pause_end(struct evaluation *evaluation, const struct pause *pause)
{
    evaluation->findings = pause->findings;
    evaluation->where = pause->where;
    evaluation->work = pause->work;
    evaluation->too_large = pause->too_large;
    evaluation->watched_bytes =
        pause->watched_bytes + arena_size(evaluation->arena) - pause->arena_bytes;
}

/* Room for one more element of an array in the arena; returns the array. */
static void *
grow(struct arena *arena, void *items, size_t count, size_t *capacity, size_t size)
{
    void *more;

    if (count < *capacity)
        return items;
    *capacity = count ? count * 2 : 4;
    more = arena_alloc(arena, *capacity * size);
    if (count)
        memcpy(more, items, count * size);
    return more;
}

struct trace *
trace_new(struct evaluation *evaluation, const struct mapping_watch *watch)
{
    struct trace *trace = arena_alloc(evaluation->arena, sizeof *trace);

    trace->watch = watch;
    trace->unmade_end = &evaluation->user->unmade;
    trace->defines =
        arena_alloc(evaluation->arena, evaluation->mapping->define_count * sizeof *trace->defines);
    return trace;
}

static struct derivation_step *
add_step(struct draft *draft, enum derivation_kind kind, const char *text,
         const struct values *values)
{
    struct derivation_step *step;

    draft->steps = grow(draft->evaluation->arena, draft->steps, draft->step_count,
                        &draft->step_capacity, sizeof *draft->steps);
    step = &draft->steps[draft->step_count++];
    *step = (struct derivation_step){kind, text, values->items, values->count, NULL};
    return step;
}

/* The derivation of a source that is another rule's value. */
static const struct derivation *
derivation_of(const struct evaluation *evaluation, const struct source *source)
{
    switch (source->kind) {
    case SOURCE_DEFINE:
        return evaluation->trace->defines[source->index].derivation;
    case SOURCE_ALMA:
        return evaluation->user->values[source->index].derivation;
    case SOURCE_EACH:
        return evaluation->trace->each;
    case SOURCE_ATTRIBUTE:
    case SOURCE_BYTES:
    case SOURCE_DN:
    case SOURCE_TODAY:
    case SOURCE_NOW:
        break;
    }
    return NULL;
}

/* The rows that a lookup finds. */
static void
reach_rows(const struct evaluation *evaluation, const struct step *step,
           const struct values *values)
{
    const struct mapping *mapping = evaluation->mapping;
    const struct table *table = step->arguments[0].as.table;
    size_t index = 0, row;

    while (mapping->tables[index] != table)
        index++;
    for (size_t i = 0; i < values->count; i++)
        if (table_find_row(table, evaluation->arena, values->items[i], &row) &&
            row < table_row_count(table))
            evaluation->trace->watch->reached[mapping->row_parts[index][row]] = 1;
}

static bool
are_distinct(const struct values *values)
{
    for (size_t i = 1; i < values->count; i++)
        if (!slice_equal(values->items[i], values->items[0]))
            return true;
    return false;
}

/* True where the mapping itself says which of the pipe's values is meant. */
static bool
is_chosen(const struct pipe *pipe)
{
    for (size_t i = 0; i < pipe->step_count; i++)
        if (pipe->steps[i].transform->traits & TRANSFORM_CHOOSES)
            return true;
    return false;
}

/* The attribute that a pipe's values come from, through defines, where nothing chose among them;
 * -1: none. */
static int
unchosen_attribute(const struct trace *trace, const struct pipe *pipe)
{
    while (pipe && !is_chosen(pipe)) {
        const struct alternative *taken;

        if (pipe->source.kind == SOURCE_ATTRIBUTE || pipe->source.kind == SOURCE_BYTES)
            return pipe->source.index;
        if (pipe->source.kind != SOURCE_DEFINE)
            break;
        taken = trace->defines[pipe->source.index].taken;
        pipe = taken ? taken->value.pieces[0].pipe : NULL;
    }
    return -1;
}

/* One value is wanted of the pipe's. */
static void
tell_several(const struct draft *draft, const struct pipe *pipe, const struct values *values)
{
    struct evaluation *evaluation = draft->evaluation;
    const struct mapping_watch *watch = evaluation->trace->watch;
    struct values all;
    int slot;

    if (!watch->several || values->settled || !are_distinct(values))
        return;
    slot = unchosen_attribute(evaluation->trace, pipe);
    if (slot < 0)
        return;
    all = (struct values){evaluation->entry->slots[slot].values,
                          evaluation->entry->slots[slot].count, false, 0};
    values_settle(&all, evaluation->arena);
    watch->several(watch->context, draft->rule, *evaluation->where,
                   attributes_name(evaluation->entry->attributes, slot), all.count);
}

static struct values
follow_pipe(struct draft *draft, const struct pipe *pipe)
{
    struct evaluation *evaluation = draft->evaluation;
    struct values values = evaluate_source(evaluation, &pipe->source);

    add_step(draft, DERIVATION_SOURCE, pipe->name, &values)->from =
        derivation_of(evaluation, &pipe->source);
    for (size_t i = 0; i < pipe->step_count; i++) {
        const struct step *step = &pipe->steps[i];

        if (evaluation->trace->watch->reached && step->transform->arguments[0] == ARGUMENT_TABLE)
            reach_rows(evaluation, step, &values);
        transform_run(evaluation, step, &values);
        add_step(draft, DERIVATION_TRANSFORM, step->text, &values);
    }
    return values;
}

/* False where the template gives no value. */
static bool
follow_template(struct draft *draft, const struct template *template, const char *text)
{
    struct evaluation *evaluation = draft->evaluation;
    struct values values = {0};

    for (size_t i = 0; i < template->count; i++) {
        const struct piece *piece = &template->pieces[i];

        values = (struct values){&piece->text, 1, true, 0};
        if (!piece->pipe) {
            add_step(draft, DERIVATION_TEXT,
                     arena_copy(evaluation->arena, piece->text.data, piece->text.length), &values);
            continue;
        }
        values = follow_pipe(draft, piece->pipe);
        if (values.count == 0)
            return false;
        if (template->count > 1 || draft->one_wanted)
            tell_several(draft, piece->pipe, &values);
    }
    if (template->count > 1) {
        values = evaluate_template(evaluation, template);
        add_step(draft, DERIVATION_RESULT, text, &values);
    }
    return true;
}

static void
end_attempt(struct draft *draft, struct derivation_attempt attempt)
{
    attempt.steps = draft->steps;
    attempt.step_count = draft->step_count;
    draft->attempts = grow(draft->evaluation->arena, draft->attempts, draft->attempt_count,
                           &draft->attempt_capacity, sizeof *draft->attempts);
    draft->attempts[draft->attempt_count++] = attempt;
    draft->steps = NULL;
    draft->step_count = draft->step_capacity = 0;
}

static bool
follow_alternative(struct draft *draft, const struct rule *rule, size_t index)
{
    const struct alternative *alternative = &rule->alternatives[index];
    const struct written *written = &rule->written[index];
    enum derivation_outcome outcome = DERIVATION_UNMET;

    draft->evaluation->where = &alternative->where;
    if (!alternative->when || filter_match(draft->evaluation, alternative->when))
        outcome = follow_template(draft, &alternative->value, written->value) ? DERIVATION_TAKEN
                                                                              : DERIVATION_NO_VALUE;
    end_attempt(draft, (struct derivation_attempt){.where = alternative->where,
                                                   .when = written->when,
                                                   .template = written->value,
                                                   .outcome = outcome});
    return outcome == DERIVATION_TAKEN;
}

static const struct derivation *
finish(const struct draft *draft)
{
    struct derivation *derivation;

    if (!draft->evaluation->trace->watch->derive)
        return NULL;
    derivation = arena_alloc(draft->evaluation->arena, sizeof *derivation);
    *derivation = (struct derivation){draft->rule, draft->attempts, draft->attempt_count};
    return derivation;
}

static void
reach(struct trace *trace, size_t part)
{
    if (trace->watch->reached)
        trace->watch->reached[part] = 1;
}

static void
reach_if_made(struct evaluation *evaluation, size_t part)
{
    struct trace *trace = evaluation->trace;

    trace->pending = grow(evaluation->arena, trace->pending, trace->pending_count,
                          &trace->pending_capacity, sizeof *trace->pending);
    trace->pending[trace->pending_count++] = part;
}

const struct derivation *
trace_rule(struct evaluation *evaluation, const struct rule *rule, const struct field *field)
{
    struct draft draft = {
        .evaluation = evaluation, .rule = rule->name, .one_wanted = field->kind != FIELD_CODES};
    struct pause pause = pause_begin(evaluation);
    const struct derivation *derivation;

    for (size_t i = 0; i < rule->count; i++) {
        if (!follow_alternative(&draft, rule, i))
            continue;
        if (rule->in_item)
            reach_if_made(evaluation, rule->written[i].part);
        else
            reach(evaluation->trace, rule->written[i].part);
        if (field->kind != FIELD_CODES)
            break;
    }
    derivation = evaluation->trace->last = finish(&draft);
    pause_end(evaluation, &pause);
    return derivation;
}

void
trace_define(struct evaluation *evaluation, int index)
{
    const struct rule *rule = &evaluation->mapping->defines[index].rule;
    struct define_trace *define = &evaluation->trace->defines[index];
    struct draft draft = {.evaluation = evaluation, .rule = rule->name};
    struct pause pause = pause_begin(evaluation);

    for (size_t i = 0; i < rule->count && !define->taken; i++)
        if (follow_alternative(&draft, rule, i)) {
            define->taken = &rule->alternatives[i];
            reach(evaluation->trace, rule->written[i].part);
        }
    define->derivation = finish(&draft);
    pause_end(evaluation, &pause);
}

void
trace_each(struct evaluation *evaluation, const struct item_rule *item)
{
    struct draft draft = {.evaluation = evaluation, .rule = item->each_name};
    struct pause pause = pause_begin(evaluation);
    bool has_value = follow_template(&draft, item->each, item->each_text);

    end_attempt(&draft, (struct derivation_attempt){.where = item->where,
                                                    .template = item->each_text,
                                                    .outcome = has_value ? DERIVATION_TAKEN
                                                                         : DERIVATION_NO_VALUE});
    evaluation->trace->each = evaluation->trace->last = finish(&draft);
    pause_end(evaluation, &pause);
}

void
trace_item(struct evaluation *evaluation, const struct item_rule *item, bool made)
{
    struct trace *trace = evaluation->trace;

    if (made && trace->watch->reached) {
        trace->watch->reached[item->part] = 1;
        for (size_t i = 0; i < trace->pending_count; i++)
            trace->watch->reached[trace->pending[i]] = 1;
    }
    trace->pending_count = 0;
}

void
trace_unmade(struct evaluation *evaluation, const struct item_rule *item, const struct field *list,
             bool met)
{
    struct trace *trace = evaluation->trace;
    struct pause pause = pause_begin(evaluation);
    struct derivation_unmade *unmade;

    if (trace->watch->derive) {
        unmade = arena_alloc(evaluation->arena, sizeof *unmade);
        *unmade = (struct derivation_unmade){list->name, item->where, met ? NULL : item->when_text,
                                             met ? trace->last : NULL, NULL};
        *trace->unmade_end = unmade;
        trace->unmade_end = &unmade->next;
    }
    pause_end(evaluation, &pause);
}
