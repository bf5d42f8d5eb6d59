#include "mapping/evaluate.h"

#include "base/text.h"
#include "mapping/codes.h"
#include "mapping/filter.h"
#include "mapping/ladder.h"
#include "mapping/trace.h"
#include "mapping/transform.h"

#include <stdarg.h>

/* About a second; a thousand groups against ten thousand conditions are a twentieth of it. */
enum { WORK_MOST = 200 * 1000 * 1000 };

void
evaluate_find(struct evaluation *evaluation, enum finding_code code, const char *format, ...)
{
    struct finding finding = {.code = code,
                              .dn = evaluation->user->dn,
                              .match_id = evaluation->user->match_id,
                              .field = evaluation->field};
    va_list arguments;

    if (!evaluation->findings || !evaluation->findings->add)
        return;
    if (evaluation->where)
        finding.where = *evaluation->where;
    va_start(arguments, format);
    finding.text = slice_of(arena_vformat(evaluation->arena, format, arguments));
    va_end(arguments);
    evaluation->findings->add(evaluation->findings->context, &finding);
}

bool
evaluate_goes_on(struct evaluation *evaluation)
{
    enum { BYTES_MOST = 64 * 1024 * 1024, VALUES_MOST = 100000 };

    if (evaluation->too_large)
        return false;
    if (arena_size(evaluation->arena) <= BYTES_MOST + evaluation->watched_bytes &&
        evaluation->made <= VALUES_MOST && evaluation->work <= WORK_MOST)
        return true;
    evaluation->too_large = true;
    if (evaluation->work > WORK_MOST)
        evaluate_find(evaluation, FINDING_TOO_LARGE,
                      "the rules look at more than %d values of this entry: does one look at all "
                      "values for each of many?",
                      WORK_MOST);
    else
        evaluate_find(evaluation, FINDING_TOO_LARGE,
                      "more than %d values or %d MB of text come out of this entry: does a rule "
                      "repeat all values for each of many?",
                      VALUES_MOST, BYTES_MOST / (1024 * 1024));
    return false;
}

void
evaluate_unreadable(struct evaluation *evaluation, struct slice value, const char *why)
{
    enum { SHOWN_MOST = 60 };
    struct slice shown = text_printable(evaluation->arena, value, SHOWN_MOST);

    evaluate_find(evaluation, FINDING_UNREADABLE, "'%.*s' was left out: %s", SLICE_ARG(shown), why);
}

static void
report_mended(struct evaluation *evaluation, const char *what, unsigned mended)
{
    if (mended & TEXT_BAD_UTF8)
        evaluate_find(evaluation, FINDING_BAD_TEXT,
                      "%s holds bytes that are no UTF-8; they were replaced by U+FFFD", what);
    if (mended & TEXT_FORBIDDEN)
        evaluate_find(evaluation, FINDING_BAD_TEXT,
                      "%s holds control or forbidden characters; they were removed", what);
}

const struct attribute_state *
evaluate_attribute(struct evaluation *evaluation, int slot)
{
    struct attribute_state *state = &evaluation->attributes[slot];
    const struct entry_values *raw = &evaluation->entry->slots[slot];
    struct slice *items;

    if (state->read)
        return state;
    state->read = true;
    if (raw->count == 0)
        return state;
    items = values_room(evaluation->arena, raw->count);
    for (size_t i = 0; i < raw->count; i++) {
        struct slice text = text_clean(evaluation->arena, raw->values[i], &state->text.marks);

        text = values_trim(text);
        if (!values_is_blank(evaluation->arena, text))
            items[state->text.count++] = text;
    }
    state->text.items = items;
    if (state->text.marks) {
        const char *name = attributes_name(evaluation->entry->attributes, slot);

        report_mended(evaluation, arena_format(evaluation->arena, "attribute '%s'", name),
                      state->text.marks);
    }
    return state;
}

static struct values
source_dn(struct evaluation *evaluation)
{
    unsigned mended = 0;
    struct slice dn = values_trim(text_clean(evaluation->arena, evaluation->entry->dn, &mended));

    if (values_is_blank(evaluation->arena, dn))
        return (struct values){0};
    return values_of(evaluation->arena, dn, mended);
}

/* What another field got; a date without the Z that only the XML wants. */
static struct values
source_alma(struct evaluation *evaluation, int field)
{
    const struct user_value *value = evaluate_field(evaluation, field);
    struct slice text = value->text;

    if (!text.data)
        return (struct values){0};
    if (user_fields[field].kind == FIELD_DATE && text.length == sizeof "YYYY-MM-DDZ" - 1 &&
        text.data[text.length - 1] == 'Z')
        text.length--;
    return values_of(evaluation->arena, text, value->marks);
}

static struct values
source_define(struct evaluation *evaluation, int index)
{
    struct define_state *state = &evaluation->defines[index];
    const struct position *where;

    if (!state->done) {
        state->values =
            evaluate_rule(evaluation, &evaluation->mapping->defines[index].rule, &where);
        state->done = true;
        if (evaluation->trace)
            trace_define(evaluation, index);
    }
    return state->values;
}

static struct values
read_source(struct evaluation *evaluation, const struct source *source)
{
    const struct entry_values *raw;

    switch (source->kind) {
    case SOURCE_ATTRIBUTE:
        return evaluate_attribute(evaluation, source->index)->text;
    case SOURCE_BYTES:
        raw = &evaluation->entry->slots[source->index];
        return (struct values){raw->values, raw->count, false, 0};
    case SOURCE_DN:
        return source_dn(evaluation);
    case SOURCE_TODAY:
        return values_of(evaluation->arena, evaluation->mapping->today, VALUE_OF_CLOCK);
    case SOURCE_NOW:
        return values_of(evaluation->arena, evaluation->mapping->now, VALUE_OF_CLOCK);
    case SOURCE_EACH:
        return evaluation->each;
    case SOURCE_ALMA:
        return source_alma(evaluation, source->index);
    case SOURCE_DEFINE:
        return source_define(evaluation, source->index);
    }
    return (struct values){0};
}

struct values
evaluate_source(struct evaluation *evaluation, const struct source *source)
{
    struct values values = read_source(evaluation, source);

    evaluate_charge(evaluation, values.count);
    if ((evaluation->work > WORK_MOST || evaluation->too_large) && !evaluate_goes_on(evaluation))
        return (struct values){0};
    return values;
}

static struct values
evaluate_pipe(struct evaluation *evaluation, const struct pipe *pipe)
{
    struct values values = evaluate_source(evaluation, &pipe->source);

    for (size_t i = 0; i < pipe->step_count; i++)
        transform_run(evaluation, &pipe->steps[i], &values);
    return values;
}

/* Text and sources side by side: each source gives one value, and all of them must. */
static struct values
evaluate_pieces(struct evaluation *evaluation, const struct template *value)
{
    struct slice *texts = values_room(evaluation->arena, value->count);
    size_t length = 0;
    unsigned marks = 0;
    char *out, *end;

    for (size_t i = 0; i < value->count; i++) {
        texts[i] = value->pieces[i].text;
        if (value->pieces[i].pipe) {
            struct values values = evaluate_pipe(evaluation, value->pieces[i].pipe);

            texts[i] = values_one(&values);
            marks |= values.marks;
        }
        if (!texts[i].data)
            return (struct values){0};
        length += texts[i].length;
    }
    out = end = arena_bytes(evaluation->arena, length);
    for (size_t i = 0; i < value->count; i++) {
        memcpy(end, texts[i].data, texts[i].length);
        end += texts[i].length;
    }
    return values_of(evaluation->arena, (struct slice){out, length}, marks);
}

struct values
evaluate_template(struct evaluation *evaluation, const struct template *value)
{
    if (value->count > 1)
        return evaluate_pieces(evaluation, value);
    if (value->pieces[0].pipe)
        return evaluate_pipe(evaluation, value->pieces[0].pipe);
    return (struct values){&value->pieces[0].text, 1, true, 0};
}

struct values
evaluate_rule(struct evaluation *evaluation, const struct rule *rule,
              const struct position **ret_where)
{
    const struct position *outer = evaluation->where;
    struct values values = {0};

    for (size_t i = 0; values.count == 0 && (i = ladder_next(evaluation, rule, i)) < rule->count;
         i++) {
        const struct alternative *alternative = &rule->alternatives[i];

        evaluation->where = *ret_where = &alternative->where;
        if (!alternative->when || filter_match(evaluation, alternative->when))
            values = evaluate_template(evaluation, &alternative->value);
    }
    evaluation->where = outer;
    return values;
}

static struct slice
with_suffix(struct evaluation *evaluation, struct date date, const char *suffix)
{
    return slice_of(
        arena_format(evaluation->arena, "%s%s", date_format(evaluation->arena, date), suffix));
}

/* The text rules, and the one way in which each kind is written. What is not of the kind stays as
 * it is: the checks of Alma's side reject it by name. */
static struct slice
finish(struct evaluation *evaluation, const struct field *field, struct slice text)
{
    struct date date;

    text = text_tidy(evaluation->arena, text);
    if (text.length == 0)
        return SLICE_NONE;
    if (field->kind == FIELD_DATE && date_parse(text, &date))
        return with_suffix(evaluation, date, "Z");
    if (field->kind == FIELD_DATE_TIME && date_parse(text, &date))
        return with_suffix(evaluation, date, "T00:00:00Z");
    if (field->kind == FIELD_BOOLEAN && slice_equal_nocase(text, slice_of("true")))
        return slice_of("true");
    if (field->kind == FIELD_BOOLEAN && slice_equal_nocase(text, slice_of("false")))
        return slice_of("false");
    return text;
}

static bool
has_code(const struct slice *codes, size_t count, struct slice code)
{
    for (size_t i = 0; i < count; i++)
        if (slice_equal(codes[i], code))
            return true;
    return false;
}

/* The values of one template become codes, but for those that earlier templates gave. */
static void
add_codes(struct evaluation *evaluation, const struct field *field, struct values *values,
          struct user_value *value)
{
    size_t before = value->code_count, count = before;
    struct slice *codes;

    values_settle(values, evaluation->arena);
    evaluate_charge(evaluation, before * values->count);
    codes = values_room(evaluation->arena, before + values->count);
    if (before)
        memcpy(codes, value->codes, before * sizeof *codes);
    for (size_t i = 0; i < values->count; i++) {
        struct slice code = finish(evaluation, field, values->items[i]);

        if (code.data && !has_code(codes, before, code))
            codes[count++] = code;
    }
    value->codes = codes;
    value->code_count = count;
    evaluation->made += count - before;
    value->marks |= values->marks;
}

static void
evaluate_codes(struct evaluation *evaluation, const struct rule *rule, const struct field *field,
               struct user_value *ret_value)
{
    const struct position *outer = evaluation->where;

    for (size_t i = 0;
         evaluate_goes_on(evaluation) && (i = ladder_next(evaluation, rule, i)) < rule->count;
         i++) {
        const struct alternative *alternative = &rule->alternatives[i];
        struct values values;

        evaluation->where = &alternative->where;
        if (alternative->when && !filter_match(evaluation, alternative->when))
            continue;
        values = evaluate_template(evaluation, &alternative->value);
        if (values.count == 0)
            continue;
        add_codes(evaluation, field, &values, ret_value);
        if (!ret_value->where && ret_value->code_count > 0)
            ret_value->where = &alternative->where;
    }
    evaluation->where = outer;
}

void
evaluate_value(struct evaluation *evaluation, const struct rule *rule, const struct field *field,
               struct user_value *ret_value)
{
    const char *outer = evaluation->field;
    const struct position *where = NULL;
    struct values values;

    evaluation->field = rule->name;
    if (field->kind == FIELD_CODES) {
        evaluate_codes(evaluation, rule, field, ret_value);
    } else {
        values = evaluate_rule(evaluation, rule, &where);
        if (values.count > 0) {
            ret_value->text = finish(evaluation, field, values_one(&values));
            ret_value->marks = values.marks;
            ret_value->where = ret_value->text.data ? where : NULL;
        }
    }
    if (evaluation->trace)
        ret_value->derivation = trace_rule(evaluation, rule, field);
    evaluation->field = outer;
}

const struct user_value *
evaluate_field(struct evaluation *evaluation, int field)
{
    struct user_value *value = &evaluation->user->values[field];

    if (!evaluation->done[field] && evaluation->mapping->fields[field]) {
        evaluation->done[field] = true;
        evaluate_value(evaluation, evaluation->mapping->fields[field], &user_fields[field], value);
        codes_judge(evaluation, field);
    }
    return value;
}
