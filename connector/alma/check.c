#include "alma/alma.h"

#include "alma/value.h"
#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>

/* One user under check. */
struct check {
    const struct user *user;
    const struct finding_sink *findings;
    bool good;
};

/* The value that is looked at; `list` and `item` are NULL for a field of the user itself. */
struct subject {
    const struct field *list;
    const struct field *field;
    const struct user_item *item;
    struct user_value *value;
};

enum { QUOTED_CHARACTERS = 60, FIELD_NAME_BYTES = 128, TEXT_BYTES = 1024 };

static const struct position *
subject_position(const struct subject *subject)
{
    if (subject->value && subject->value->where)
        return subject->value->where;
    return subject->item ? subject->item->where : NULL;
}

static void __attribute__((format(printf, 4, 5)))
add_finding(struct check *check, enum finding_code code, const struct subject *subject,
            const char *format, ...)
{
    const struct position *where = subject_position(subject);
    struct finding finding = {.code = code,
                              .dn = check->user->dn,
                              .match_id = check->user->match_id,
                              .where = where ? *where : (struct position){0}};
    char name[FIELD_NAME_BYTES];
    char text[TEXT_BYTES];
    va_list arguments;

    if (finding_kind(code)->severity != FINDING_WARNING)
        check->good = false;
    if (!check->findings || !check->findings->add)
        return;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    finding.text = slice_of(text);
    if (subject->field) {
        snprintf(name, sizeof name, "%s%s%s", subject->list ? subject->list->name : "",
                 subject->list ? "." : "", subject->field->name);
        finding.field = name;
    }
    check->findings->add(check->findings->context, &finding);
}

/* Counting characters takes a pass over the text; fewer bytes than the limit need none. */
static void
check_length(struct check *check, const struct subject *subject, struct slice text)
{
    unsigned most = subject->field->most;
    size_t characters;

    if (most == 0 || text.length <= most)
        return;
    characters = text_characters(text);
    if (characters > most)
        add_finding(check, FINDING_TOO_LONG, subject,
                    "%s is %zu characters long, Alma takes %u; '| take %u' in the mapping would "
                    "cut it",
                    subject->field->name, characters, most, most);
}

static void
check_kind(struct check *check, const struct subject *subject)
{
    struct slice text = subject->value->text;

    if (!value_is_valid(subject->field->kind, text)) {
        struct slice quoted = text_take(text, QUOTED_CHARACTERS);

        add_finding(check, FINDING_BAD_VALUE, subject, "%s is '%.*s%s', not %s",
                    subject->field->name, SLICE_ARG(quoted), quoted.length < text.length ? "…" : "",
                    value_wanted(subject->field->kind));
    } else if (subject->field->kind == FIELD_BOOLEAN) {
        subject->value->text = slice_of(value_is_true(text) ? "true" : "false");
    }
}

static void
check_value(struct check *check, const struct subject *subject)
{
    const struct user_value *value = subject->value;

    for (size_t i = 0; i < value->code_count; i++)
        check_length(check, subject, value->codes[i]);
    if (value->text.length == 0)
        return;
    check_length(check, subject, value->text);
    check_kind(check, subject);
    if (subject->field->identifier && (value->marks & TEXT_BAD_UTF8))
        add_finding(check, FINDING_BAD_IDENTIFIER, subject,
                    "%s came with bytes that are no UTF-8; mended it could be another person's",
                    subject->field->name);
}

static bool
has_value(const struct field *field, const struct user_value *value)
{
    for (size_t i = 0; i < value->code_count; i++)
        if (value->codes[i].length)
            return true;
    return value->text.length || field->fallback;
}

static bool
is_complete(const struct field *list, const struct user_item *item)
{
    for (size_t i = 0; i < list->field_count; i++)
        if (list->fields[i].required && !has_value(&list->fields[i], &item->values[i]))
            return false;
    return true;
}

static void
leave_out_incomplete(const struct field *list, struct user_items *items)
{
    size_t kept = 0;

    for (size_t i = 0; i < items->count; i++) {
        if (!is_complete(list, &items->items[i]))
            continue;
        if (kept < i)
            items->items[kept] = items->items[i];
        kept++;
    }
    items->count = kept;
}

/* `flag` is the index of the field that marks the preferred item. */
static void
settle_preferred(struct user_items *items, size_t flag)
{
    size_t preferred = 0;

    for (size_t i = items->count; i-- > 0;)
        if (value_is_true(items->items[i].values[flag].text))
            preferred = i;
    for (size_t i = 0; i < items->count; i++)
        items->items[i].values[flag].text = slice_of(i == preferred ? "true" : "false");
}

static void
check_list(struct check *check, const struct field *list, struct user_items *items)
{
    leave_out_incomplete(list, items);
    for (size_t i = 0; i < items->count; i++) {
        for (size_t j = 0; j < list->field_count; j++)
            check_value(check, &(struct subject){list, &list->fields[j], &items->items[i],
                                                 &items->items[i].values[j]});
    }
    for (size_t j = 0; j < list->field_count; j++)
        if (list->fields[j].preferred)
            settle_preferred(items, j);
}

bool
alma_check(struct user *user, const struct finding_sink *findings)
{
    struct check check = {user, findings, true};

    if (user->match_id.length == 0)
        add_finding(&check, FINDING_MATCH_ID, &(struct subject){0},
                    "the mapping yields no match identifier for this person");
    for (size_t i = 0; i < user_field_count; i++) {
        if (user_fields[i].kind == FIELD_ITEMS)
            check_list(&check, &user_fields[i], &user->lists[i]);
        else
            check_value(&check, &(struct subject){NULL, &user_fields[i], NULL, &user->values[i]});
    }
    return check.good;
}
