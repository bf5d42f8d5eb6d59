#include "mapping/filter.h"

#include "base/text.h"
#include "model/dn.h"
#include "mapping/evaluate.h"
#include "mapping/filter_value.h"
#include "model/normal.h"

static const struct slice *
make_forms(struct arena *arena, const struct values *values,
           struct slice (*form)(struct arena *, struct slice))
{
    struct slice *forms = values_room(arena, values->count);

    for (size_t i = 0; i < values->count; i++)
        forms[i] = form(arena, values->items[i]);
    return forms;
}

const struct slice *
filter_forms(struct evaluation *evaluation, const struct source *subject,
             const struct values *values, bool as_dn)
{
    struct slice (*form)(struct arena *, struct slice) = as_dn ? normal_dn : normal_text;
    const struct slice **kept;

    if (subject->kind != SOURCE_ATTRIBUTE)
        return make_forms(evaluation->arena, values, form);
    kept = as_dn ? &evaluation->attributes[subject->index].dns
                 : &evaluation->attributes[subject->index].normal;
    if (!*kept)
        *kept = make_forms(evaluation->arena, values, form);
    return *kept;
}

static bool
any_equal(const struct slice *forms, size_t count, struct slice wanted)
{
    for (size_t i = 0; i < count; i++)
        if (forms[i].data && forms[i].length == wanted.length &&
            memcmp(forms[i].data, wanted.data, wanted.length) == 0)
            return true;
    return false;
}

bool
filter_match_substrings(const struct filter *filter, struct slice value)
{
    const struct slice *first = &filter->parts[0];
    const struct slice *last = &filter->parts[filter->part_count - 1];
    const char *at = value.data, *end = value.data + value.length;

    if (value.length < first->length + last->length ||
        memcmp(at, first->data, first->length) != 0 ||
        memcmp(end - last->length, last->data, last->length) != 0)
        return false;
    at += first->length;
    end -= last->length;
    for (const struct slice *part = first + 1; part < last; part++) {
        if (part->length == 0)
            continue;
        at = memmem(at, (size_t)(end - at), part->data, part->length);
        if (!at)
            return false;
        at += part->length;
    }
    return true;
}

/* Numbers of any length: without sign and leading zeros the longer one is larger. */
static int
compare_integers(struct slice a, struct slice b)
{
    bool a_negative = a.data[0] == '-', b_negative = b.data[0] == '-';
    struct slice *numbers[] = {&a, &b};
    int order;

    for (size_t i = 0; i < 2; i++)
        while (numbers[i]->length > 1 && (numbers[i]->data[0] == '0' || numbers[i]->data[0] == '-'))
            *numbers[i] = (struct slice){numbers[i]->data + 1, numbers[i]->length - 1};
    if (a_negative != b_negative && !(slice_equal(a, slice_of("0")) && slice_equal(a, b)))
        return a_negative ? -1 : 1;
    order = a.length != b.length ? (a.length < b.length ? -1 : 1) : slice_compare(a, b);
    return a_negative ? -order : order;
}

static int
compare_times(const struct timespec *a, const struct timespec *b)
{
    if (a->tv_sec != b->tv_sec)
        return a->tv_sec < b->tv_sec ? -1 : 1;
    return (a->tv_nsec > b->tv_nsec) - (a->tv_nsec < b->tv_nsec);
}

/* False where the value has no place in the filter's order. */
static bool
compare(const struct filter *filter, struct slice value, int *ret_order)
{
    struct timespec time;

    switch (filter->order) {
    case ORDER_INTEGER:
        if (!filter_is_integer(value))
            return false;
        *ret_order = compare_integers(value, filter->text);
        return true;
    case ORDER_TIME:
        if (!date_parse_exact_time(value, &time))
            return false;
        *ret_order = compare_times(&time, &filter->time);
        return true;
    case ORDER_TEXT:
        break;
    }
    *ret_order = slice_compare(value, filter->text);
    return true;
}

static bool
match_bits(const struct filter *filter, struct slice value)
{
    long long bits;

    if (!filter_parse_bits(value, &bits))
        return false;
    return filter->kind == FILTER_BITS_ALL ? (bits & filter->bits) == filter->bits
                                           : (bits & filter->bits) != 0;
}

/* One value, in the form that the kind of comparison asks for. */
static bool
match_value(struct evaluation *evaluation, const struct filter *filter, struct slice value)
{
    enum { BYTES_PER_VALUE = 16 };
    int order;

    switch (filter->kind) {
    case FILTER_SUBSTRINGS:
        evaluate_charge(evaluation, 1 + value.length / BYTES_PER_VALUE);
        return filter_match_substrings(filter, value);
    case FILTER_AT_LEAST:
        return compare(filter, value, &order) && order >= 0;
    case FILTER_AT_MOST:
        return compare(filter, value, &order) && order <= 0;
    case FILTER_BITS_ALL:
    case FILTER_BITS_ANY:
        return match_bits(filter, value);
    case FILTER_INTEGER:
        return filter_is_integer(value) && compare_integers(value, filter->text) == 0;
    case FILTER_EXACT:
        return slice_equal(value, filter->text);
    case FILTER_AND:
    case FILTER_OR:
    case FILTER_NOT:
    case FILTER_PRESENT:
    case FILTER_BYTES:
    case FILTER_EQUAL:
        break;
    }
    return false;
}

/* Asked of the bytes, which may be no text: a certificate, a picture. */
static bool
is_present(const struct evaluation *evaluation, int slot)
{
    const struct entry_values *values = &evaluation->entry->slots[slot];

    for (size_t i = 0; i < values->count; i++)
        if (values->values[i].length > 0)
            return true;
    return false;
}

static bool
match_bytes(struct evaluation *evaluation, const struct filter *filter)
{
    const struct entry_values *values = &evaluation->entry->slots[filter->subject.index];

    evaluate_charge(evaluation, values->count);
    for (size_t i = 0; i < values->count; i++)
        if (slice_equal(values->values[i], filter->text))
            return true;
    return false;
}

/* Adds what the attribute has in the entry's DN (RFC 4511 section 4.5.1.7.7). */
static void
add_dn_values(struct evaluation *evaluation, const struct filter *filter, struct values *values)
{
    struct values dn = evaluate_source(evaluation, &(struct source){SOURCE_DN, 0});
    struct dn_reader reader = {values_one(&dn), 0};
    struct slice *items;
    struct dn_part part;

    if (dn.count == 0)
        return;
    items = values_room(evaluation->arena, values->count + reader.text.length);
    if (values->count)
        memcpy(items, values->items, values->count * sizeof *items);
    while (dn_next(&reader, &part) == DN_PART)
        if (slice_equal_nocase(part.type, filter->dn_type))
            items[values->count++] = dn_unescape(evaluation->arena, part.value);
    values->items = items;
}

/* The values in the form in which the filter compares them. */
static const struct slice *
forms_of(struct evaluation *evaluation, const struct filter *filter, const struct values *values)
{
    bool as_dn = filter->dn.data != NULL;

    if (filter->kind == FILTER_EXACT)
        return make_forms(evaluation->arena, values, text_tidy);
    if (filter->kind != FILTER_EQUAL && filter->order == ORDER_TIME)
        return values->items;
    if (filter->dn_type.data)
        return make_forms(evaluation->arena, values, as_dn ? normal_dn : normal_text);
    return filter_forms(evaluation, &filter->subject, values, as_dn);
}

static bool
any_at_time(const struct filter *filter, const struct values *values)
{
    int order;

    for (size_t i = 0; i < values->count; i++)
        if (compare(filter, values->items[i], &order) && order == 0)
            return true;
    return false;
}

bool
filter_is_plain(const struct filter *filter)
{
    return filter->kind == FILTER_EQUAL && filter->order == ORDER_TEXT && !filter->dn_type.data;
}

/* Not inlined: filter_match(), which calls itself at each level of a filter, needs little stack. */
__attribute__((noinline)) static bool
match_comparison(struct evaluation *evaluation, const struct filter *filter)
{
    struct values values;
    const struct slice *forms;

    if (filter->kind == FILTER_PRESENT && filter->subject.kind == SOURCE_ATTRIBUTE)
        return is_present(evaluation, filter->subject.index);
    if (filter->kind == FILTER_BYTES)
        return match_bytes(evaluation, filter);
    values = evaluate_source(evaluation, &filter->subject);
    if (filter->dn_type.data)
        add_dn_values(evaluation, filter, &values);
    if (values.count == 0 || filter->kind == FILTER_PRESENT)
        return values.count > 0;
    forms = forms_of(evaluation, filter, &values);
    if (filter->kind == FILTER_EQUAL)
        return any_equal(forms, values.count, filter->dn.data ? filter->dn : filter->text) ||
               (filter->order == ORDER_TIME && any_at_time(filter, &values));
    for (size_t i = 0; i < values.count; i++)
        if (match_value(evaluation, filter, forms[i]))
            return true;
    return false;
}

bool
filter_match(struct evaluation *evaluation, const struct filter *filter)
{
    switch (filter->kind) {
    case FILTER_AND:
        for (size_t i = 0; i < filter->child_count; i++)
            if (!filter_match(evaluation, filter->children[i]))
                return false;
        return true;
    case FILTER_OR:
        for (size_t i = 0; i < filter->child_count; i++)
            if (filter_match(evaluation, filter->children[i]))
                return true;
        return false;
    case FILTER_NOT:
        return !filter_match(evaluation, filter->children[0]);
    case FILTER_PRESENT:
    case FILTER_EQUAL:
    case FILTER_SUBSTRINGS:
    case FILTER_AT_LEAST:
    case FILTER_AT_MOST:
    case FILTER_BITS_ALL:
    case FILTER_BITS_ANY:
    case FILTER_EXACT:
    case FILTER_BYTES:
    case FILTER_INTEGER:
        break;
    }
    return match_comparison(evaluation, filter);
}
