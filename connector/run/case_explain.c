#include "run/case_explain.h"

#include "base/buffer.h"
#include "base/text.h"

#include <string.h>

const char *
case_text(struct arena *arena, struct slice text)
{
    enum { SHOWN_MOST = 4000 };
    struct slice shown;

    if (!text.data)
        return NULL;
    shown = text_printable(arena, text, SHOWN_MOST);
    return arena_copy(arena, shown.data, shown.length);
}

struct position
case_position(struct arena *arena, struct position where)
{
    where.file = case_text(arena, slice_of(where.file));
    return where;
}

const char *
case_texts(struct arena *arena, const struct slice *texts, size_t count)
{
    struct buffer joined = BUFFER_INIT;
    const char *text;

    if (count == 0)
        return NULL;
    for (size_t i = 0; i < count; i++) {
        buffer_add_text(&joined, i ? ", " : "");
        buffer_add(&joined, texts[i].data, texts[i].length);
    }
    buffer_add(&joined, "", 1);
    text = case_text(arena, (struct slice){joined.data, joined.length - 1});
    buffer_free(&joined);
    return text;
}

/* Why an alternative had no value: the first step behind which there was none. */
static const char *
why_not(struct arena *arena, const struct derivation_attempt *attempt)
{
    for (size_t i = 0; i < attempt->step_count; i++) {
        const struct derivation_step *step = &attempt->steps[i];
        const struct derivation_step *before = i ? step - 1 : NULL;

        if (step->count > 0)
            continue;
        if (step->kind == DERIVATION_TRANSFORM && before)
            return arena_format(arena, "'%s' leaves nothing of '%s'",
                                case_text(arena, slice_of(step->text)),
                                case_texts(arena, before->values, before->count));
        return arena_format(arena, "'%s' has no value", case_text(arena, slice_of(step->text)));
    }
    return "no value";
}

static struct case_attempt
explain_attempt(struct arena *arena, const struct derivation_attempt *attempt)
{
    struct case_attempt result = {case_position(arena, attempt->where),
                                  case_text(arena, slice_of(attempt->template)), "taken"};

    if (attempt->outcome == DERIVATION_NO_VALUE)
        result.result = why_not(arena, attempt);
    else if (attempt->when)
        result.result =
            arena_format(arena, "%s %s", case_text(arena, slice_of(attempt->when)),
                         attempt->outcome == DERIVATION_UNMET ? "does not hold" : "holds");
    return result;
}

void
case_explain_select(const struct mapping *mapping, bool skipped, struct arena *arena,
                    struct case_difference *difference)
{
    struct mapping_part select = mapping_select(mapping);
    struct case_attempt *attempt;

    if (!select.text)
        return;
    attempt = arena_alloc(arena, sizeof *attempt);
    *attempt = (struct case_attempt){case_position(arena, select.where),
                                     case_text(arena, slice_of(select.text)),
                                     skipped ? "does not match" : "matches"};
    difference->attempts = attempt;
    difference->attempt_count = 1;
}

static const struct derivation_unmade *
find_unmade(const struct user *user, struct position where)
{
    const struct derivation_unmade *unmade = user->unmade;

    while (unmade && position_compare(unmade->where, where) != 0)
        unmade = unmade->next;
    return unmade;
}

/* Whether an item was made, and else why not. Returns the number of attempts. */
static size_t
explain_item(const struct derivation_unmade *unmade, struct position where, struct arena *arena,
             struct case_attempt *attempts)
{
    const struct derivation *lacking = unmade ? unmade->lacking : NULL;
    size_t count = 0;

    attempts[count] = (struct case_attempt){case_position(arena, where), NULL,
                                            unmade ? "this item is not made" : "this item is made"};
    if (unmade && unmade->when)
        attempts[count].result = arena_format(arena, "this item is not made: %s does not hold",
                                              case_text(arena, slice_of(unmade->when)));
    else if (lacking)
        attempts[count].result =
            arena_format(arena, "this item is not made: no value for '%s'", lacking->rule);
    count++;
    for (size_t i = 0; lacking && i < lacking->attempt_count; i++)
        attempts[count++] = explain_attempt(arena, &lacking->attempts[i]);
    return count;
}

/* For a list or an item that is not there: what became of the list's items. */
static void
explain_items(const struct case_mapped *mapped, const struct field *list, struct arena *arena,
              struct case_difference *difference)
{
    size_t count = mapping_part_count(mapped->mapping), room = count;
    struct case_attempt *attempts;

    for (const struct derivation_unmade *unmade = mapped->user->unmade; unmade;
         unmade = unmade->next)
        room += unmade->lacking ? unmade->lacking->attempt_count : 0;
    attempts = arena_alloc(arena, room * sizeof *attempts);
    difference->attempts = attempts;
    for (size_t i = 0; i < count; i++) {
        struct mapping_part part = mapping_part(mapped->mapping, i);

        if (part.kind == MAPPING_ITEM && strcmp(part.name, list->name) == 0)
            difference->attempt_count +=
                explain_item(find_unmade(mapped->user, part.where), part.where, arena,
                             attempts + difference->attempt_count);
    }
}

void
case_explain(const struct case_mapped *mapped, const struct case_value *value, struct arena *arena,
             struct case_difference *difference)
{
    const struct field *field = &user_fields[value->path.field];
    const struct user_value *found = field_path_value(&value->path, mapped->user);
    struct case_attempt *attempts;

    if (found && found->derivation) {
        difference->attempt_count = found->derivation->attempt_count;
        attempts = arena_alloc(arena, difference->attempt_count * sizeof *attempts);
        for (size_t i = 0; i < difference->attempt_count; i++)
            attempts[i] = explain_attempt(arena, &found->derivation->attempts[i]);
        difference->attempts = attempts;
    } else if (!found) {
        explain_items(mapped, field, arena, difference);
    }
    if (difference->attempt_count > 0 || (found && (found->text.data || found->code_count)))
        return;
    attempts = arena_alloc(arena, sizeof *attempts);
    *attempts = (struct case_attempt){
        {case_text(arena, slice_of(mapped->mapping_path)), 0, 0},
        NULL,
        arena_format(arena, "no rule for '%s'", case_text(arena, slice_of(value->name)))};
    difference->attempts = attempts;
    difference->attempt_count = 1;
}

void
case_explain_missing(const struct case_mapped *mapped, const char *field, struct arena *arena,
                     struct case_difference *difference)
{
    const char *name = arena_copy(arena, field, strcspn(field, "."));
    struct case_value value = {.name = field,
                               .path = {.field = user_field_find(name), .item = PATH_WHOLE}};

    case_explain(mapped, &value, arena, difference);
}
