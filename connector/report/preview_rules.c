#include "base/file.h"
#include "base/text.h"
#include "report/preview_fields.h"
#include "report/preview_view.h"

#include <stdio.h>

enum {
    VALUE_COLUMNS = 24, /* rules begin in one column behind values up to this width */
    PLACE_COLUMNS = sizeof ":1234  " - 1
};

/* A step that tells no more than the value above it. */
static bool
says_nothing(const struct derivation_attempt *attempt, bool expands)
{
    return attempt->outcome == DERIVATION_TAKEN && attempt->step_count == 1 &&
           attempt->steps[0].count == 1 && !expands;
}

static void write_attempts(struct view *view, const struct derivation *derivation, unsigned column);

/* What a define or an item's `each` was made of is shown in place, once; other fields stand in the
 * list themselves. */
static bool
expands(const struct view *view, const struct derivation_step *step)
{
    return step->from && strncmp(step->text, "alma.", 5) != 0 &&
           !preview_is_told(&view->told, step);
}

static void
write_steps(struct view *view, const struct derivation_attempt *attempt, unsigned column)
{
    struct page *page = &view->page;
    unsigned width = 0;

    if (attempt->step_count == 0 || says_nothing(attempt, expands(view, &attempt->steps[0])))
        return;
    for (size_t i = 0; i < attempt->step_count; i++)
        if (attempt->steps[i].kind <= DERIVATION_TRANSFORM)
            view_widen(&width, attempt->steps[i].text);
    for (size_t i = 0; i < attempt->step_count; i++) {
        const struct derivation_step *step = &attempt->steps[i];

        /* The template shows its text, and the field the result. */
        if (step->kind > DERIVATION_TRANSFORM)
            continue;
        page_line(page, column);
        page_words(page, PAGE_DIM, step->text);
        page_move(page, column + width + 2);
        view_values(page, PAGE_PLAIN, step->values, step->count);
        if (!expands(view, step))
            continue;
        preview_tell(&view->told, step);
        write_attempts(view, step->from, column + VIEW_INDENT);
    }
}

static void
write_rule(struct page *page, const struct derivation_attempt *attempt)
{
    view_place(page, &attempt->where);
    page_move(page, page->column + 2);
    page_words(page, PAGE_DIM, attempt->template);
}

static void
write_condition(struct page *page, const char *when, bool met, unsigned column)
{
    page_line(page, column);
    page_words(page, PAGE_DIM, met ? "holds:" : "does not hold:");
    page_move(page, 0);
    page_words(page, PAGE_DIM, when);
}

/* What stands below a rule. */
static void
write_way(struct view *view, const struct derivation_attempt *attempt, unsigned column)
{
    if (attempt->when)
        write_condition(&view->page, attempt->when, attempt->outcome != DERIVATION_UNMET, column);
    write_steps(view, attempt, column);
}

/* Where several were tried, or the only one gave nothing, a sign tells which was taken. */
static void
write_attempts(struct view *view, const struct derivation *derivation, unsigned column)
{
    struct page *page = &view->page;

    for (size_t i = 0; i < derivation->attempt_count; i++) {
        const struct derivation_attempt *attempt = &derivation->attempts[i];
        bool taken = attempt->outcome == DERIVATION_TAKEN;

        page_line(page, column);
        if (derivation->attempt_count > 1 || !taken) {
            page_words(page, taken ? PAGE_GOOD : PAGE_BAD, taken ? "+" : "-");
            page_move(page, column + 2);
        }
        write_rule(page, attempt);
        write_way(view, attempt, column + VIEW_INDENT);
    }
}

static void
write_item_heading(struct page *page, const struct preview_field *field)
{
    char number[32];

    snprintf(number, sizeof number, "[%zu]", field->item);
    page_line(page, VIEW_INDENT);
    page_words(page, PAGE_NAME, field->list);
    page_words(page, PAGE_NAME, number);
    if (field->item_where) {
        page_move(page, page->column + 2);
        view_place(page, field->item_where);
    }
}

/* The only rule stands beside its value where there is room. */
static void
write_only_rule(struct view *view, const struct derivation_attempt *attempt, unsigned column)
{
    struct page *page = &view->page;
    unsigned begin =
        page->column + 2 > column + VALUE_COLUMNS ? page->column + 2 : column + VALUE_COLUMNS;
    size_t columns = text_columns(slice_of(file_name(attempt->where.file))) + PLACE_COLUMNS +
                     text_columns(slice_of(attempt->template));

    if (page->width == 0 || begin + columns <= page->width)
        page_move(page, begin);
    else
        page_line(page, column);
    write_rule(page, attempt);
    write_way(view, attempt, column + VIEW_INDENT);
}

static void
write_field(struct view *view, const struct preview_field *field, unsigned column)
{
    const struct derivation *derivation = field->derivation;
    struct page *page = &view->page;

    preview_told_next_field(&view->told);
    page_line(page, field->item ? 2 * VIEW_INDENT : VIEW_INDENT);
    page_words(page, PAGE_NAME, field->name);
    page_move(page, column);
    view_values(page, PAGE_BOLD, field->values, field->count);
    if (!derivation)
        return;
    if (derivation->attempt_count == 1 && derivation->attempts[0].outcome == DERIVATION_TAKEN)
        write_only_rule(view, &derivation->attempts[0], column);
    else
        write_attempts(view, derivation, column);
}

/* What is the same in every record stands there alone. */
static bool
is_constant(const struct preview_field *field)
{
    return !field->rule && !field->derivation && field->fallback;
}

void
view_fields(struct view *view)
{
    struct arena *arena = arena_new();
    size_t count;
    const struct preview_field *fields = preview_fields(view->person, arena, &count);
    unsigned width = 0;

    for (size_t i = 0; i < count; i++)
        if (!is_constant(&fields[i]))
            view_widen(&width, fields[i].name);
    if (count > 0)
        page_heading(&view->page, "Fields");
    for (size_t i = 0; i < count; i++) {
        const struct preview_field *field = &fields[i];

        if (field->item &&
            (i == 0 || field->item != fields[i - 1].item || field->list != fields[i - 1].list))
            write_item_heading(&view->page, field);
        if (!is_constant(field))
            write_field(view, field, 2 * VIEW_INDENT + width + 2);
    }
    arena_free(arena);
}

void
view_unmade(struct view *view)
{
    struct page *page = &view->page;
    const struct derivation_unmade *unmade = view->person->user.unmade;

    if (unmade)
        page_heading(page, "Items not made");
    for (; unmade; unmade = unmade->next) {
        page_line(page, VIEW_INDENT);
        page_words(page, PAGE_NAME, unmade->lacking ? unmade->lacking->rule : unmade->list);
        page_move(page, page->column + 2);
        view_place(page, &unmade->where);
        if (unmade->when)
            write_condition(page, unmade->when, false, 2 * VIEW_INDENT);
        if (unmade->lacking)
            write_attempts(view, unmade->lacking, 2 * VIEW_INDENT);
    }
}
