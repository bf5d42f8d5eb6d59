#include "mapping/argument.h"

#include "base/text.h"
#include "mapping/pattern.h"
#include "mapping/table.h"

#include <stdio.h>
#include <stdlib.h>

/* One argument on its way through its kind's function. */
struct preparation {
    struct compiler *compiler;
    const struct yaml_node *node;
    const struct word *word;
    struct step *step;
    size_t index; /* of the argument */
    struct argument *ret_argument;
};

static bool
refuse(const struct preparation *preparation, size_t offset, const char *what)
{
    struct compiler *compiler = preparation->compiler;

    faults_add(compiler->faults,
               compiler_position(preparation->node, preparation->word->offset + offset),
               "'%s' wants %s, not '%s'", preparation->step->transform->help.name, what,
               compiler_quote(compiler, preparation->word->text));
    return false;
}

/* A sentence of another library or table, in place of "wants …". */
static bool
refuse_because(const struct preparation *preparation, size_t offset, const char *what,
               const char *why)
{
    struct compiler *compiler = preparation->compiler;

    faults_add(compiler->faults,
               compiler_position(preparation->node, preparation->word->offset + offset),
               "bad %s '%s': %s", what, compiler_quote(compiler, preparation->word->text), why);
    return false;
}

static bool
prepare_text(const struct preparation *preparation)
{
    (void)preparation;
    return true;
}

static bool
prepare_count(const struct preparation *preparation)
{
    enum { COUNT_MOST = 10000, DIGITS_MOST = 5 };
    struct slice text = preparation->word->text;
    size_t number = 0;

    for (size_t i = 0; i < text.length; i++) {
        if (text.data[i] < '0' || text.data[i] > '9' || i == DIGITS_MOST)
            return refuse(preparation, 0, "a whole number from 1 to 10000");
        number = number * 10 + (size_t)(text.data[i] - '0');
    }
    if (number < 1 || number > COUNT_MOST)
        return refuse(preparation, 0, "a whole number from 1 to 10000");
    preparation->ret_argument->as.number = number;
    return true;
}

static bool
prepare_character(const struct preparation *preparation)
{
    if (text_characters(preparation->word->text) != 1)
        return refuse(preparation, 0, "one character");
    return true;
}

static bool
prepare_pattern(const struct preparation *preparation)
{
    struct compiler *compiler = preparation->compiler;
    const char *why;
    size_t offset;

    preparation->ret_argument->as.pattern = pattern_compile(
        compiler->mapping->patterns, compiler->arena, preparation->word->text, &why, &offset);
    if (preparation->ret_argument->as.pattern)
        return true;
    return refuse_because(preparation, offset, "pattern", why);
}

static bool
prepare_replacement(const struct preparation *preparation)
{
    const char *why;

    preparation->ret_argument->as.replacement =
        replacement_compile(preparation->compiler->arena,
                            preparation->step->arguments[preparation->index - 1].as.pattern,
                            preparation->word->text, &why);
    if (preparation->ret_argument->as.replacement)
        return true;
    return refuse_because(preparation, 0, "replacement", why);
}

static bool
prepare_table(const struct preparation *preparation)
{
    struct compiler *compiler = preparation->compiler;
    struct mapping *mapping = compiler->mapping;
    const char **names;

    for (size_t i = 0; i < mapping->table_count; i++) {
        if (!slice_equal(slice_of(table_name(mapping->tables[i])), preparation->word->text))
            continue;
        preparation->ret_argument->as.table = mapping->tables[i];
        return true;
    }
    names = memory_alloc((mapping->table_count + 1) * sizeof *names);
    for (size_t i = 0; i < mapping->table_count; i++)
        names[i] = table_name(mapping->tables[i]);
    compiler_unknown(compiler, compiler_position(preparation->node, preparation->word->offset),
                     "table", preparation->word->text, names, mapping->table_count);
    free(names);
    return false;
}

static bool
prepare_column(const struct preparation *preparation)
{
    struct compiler *compiler = preparation->compiler;
    const char *const *names;
    size_t count;

    if (!table_columns(preparation->step->arguments[preparation->index - 1].as.table, &names,
                       &count))
        return true;
    for (size_t i = 0; i < count; i++) {
        if (!slice_equal(slice_of(names[i]), preparation->word->text))
            continue;
        preparation->ret_argument->as.column =
            table_use(preparation->step->arguments[preparation->index - 1].as.table, i);
        return true;
    }
    compiler_unknown(compiler, compiler_position(preparation->node, preparation->word->offset),
                     "column", preparation->word->text, names, count);
    return false;
}

static bool
prepare_span(const struct preparation *preparation)
{
    struct argument *argument = preparation->ret_argument;

    if (!date_parse_span(preparation->word->text, &argument->as.span.count,
                         &argument->as.span.unit))
        return refuse(preparation, 0, "a span such as 30d, 2w, 6m or 1y");
    return true;
}

static bool
prepare_day(const struct preparation *preparation)
{
    struct argument *argument = preparation->ret_argument;
    struct slice text = preparation->word->text;
    char year_and_day[] = "2000-MM-DD"; /* a leap year: 02-29 is a day */
    struct date date;

    if (text.length == 5)
        memcpy(year_and_day + 5, text.data, 5);
    if (!date_parse(slice_of(year_and_day), &date))
        return refuse(preparation, 0, "a day of the year as MM-DD");
    argument->as.day.month = date.month;
    argument->as.day.day = date.day;
    return true;
}

static bool
prepare_format(const struct preparation *preparation)
{
    if (!memchr(preparation->word->text.data, '%', preparation->word->text.length))
        return refuse(preparation, 0, "a format such as '%d.%m.%Y'");
    return true;
}

static bool
prepare_type(const struct preparation *preparation)
{
    if (!attributes_is_description(preparation->word->text))
        return refuse(preparation, 0, "the name of an attribute, such as OU");
    return true;
}

/* No place on earth is farther from UTC than 14 hours. */
static bool
prepare_offset(const struct preparation *preparation)
{
    struct slice text = preparation->word->text;
    int hours, minutes;
    char sign;

    if (text.length != 6 || text.data[3] != ':' ||
        sscanf(text.data, "%c%2d:%2d", &sign, &hours, &minutes) != 3 ||
        (sign != '+' && sign != '-') || strspn(text.data + 1, "0123456789:") != 5 || hours > 14 ||
        minutes > 59)
        return refuse(preparation, 0, "an offset from UTC such as +01:00 or -06:00");
    preparation->ret_argument->as.seconds = (hours * 60 + minutes) * (sign == '-' ? -60 : 60);
    return true;
}

static bool (*const prepare[])(const struct preparation *) = {
    [ARGUMENT_TEXT] = prepare_text,
    [ARGUMENT_COUNT] = prepare_count,
    [ARGUMENT_CHARACTER] = prepare_character,
    [ARGUMENT_PATTERN] = prepare_pattern,
    [ARGUMENT_REPLACEMENT] = prepare_replacement,
    [ARGUMENT_TABLE] = prepare_table,
    [ARGUMENT_COLUMN] = prepare_column,
    [ARGUMENT_SPAN] = prepare_span,
    [ARGUMENT_DAY] = prepare_day,
    [ARGUMENT_FORMAT] = prepare_format,
    [ARGUMENT_TYPE] = prepare_type,
    [ARGUMENT_OFFSET] = prepare_offset,
};

static size_t
most_arguments(const struct transform *transform)
{
    size_t most = 0;

    while (most < STEP_ARGUMENTS_MOST && transform->arguments[most] != ARGUMENT_NONE)
        most++;
    return most;
}

static bool
check_number(struct compiler *compiler, struct position where, const struct transform *transform,
             size_t count)
{
    const char *arguments = transform->help.arguments;

    if (count >= transform->least && count <= most_arguments(transform))
        return true;
    faults_add(compiler->faults, where, "'%s' has %zu argument%s; it is written '%s%s%s'",
               transform->help.name, count, count == 1 ? "" : "s", transform->help.name,
               *arguments ? " " : "", arguments);
    return false;
}

/* The column that a lookup means which names none. */
static bool
choose_column(struct compiler *compiler, struct position where, struct step *step)
{
    struct table *table = step->arguments[0].as.table;
    const char *const *names;
    size_t count, column;

    if (step->transform->arguments[0] != ARGUMENT_TABLE || step->argument_count > 1 ||
        !table_columns(table, &names, &count))
        return true;
    if (table_only_column(table, &column)) {
        step->arguments[1].as.column = table_use(table, column);
        return true;
    }
    faults_add(compiler->faults, where, "'%s %s' names no column of the table; one is '%s'",
               step->transform->help.name, table_name(table), names[column]);
    return false;
}

bool
arguments_compile(struct compiler *compiler, const struct yaml_node *node, size_t place,
                  const struct word *words, size_t count, struct step *step)
{
    struct position where = compiler_position(node, place);

    if (!check_number(compiler, where, step->transform, count))
        return false;
    step->argument_count = count;
    for (size_t i = 0; i < count; i++) {
        struct preparation preparation = {compiler, node, &words[i], step, i, &step->arguments[i]};

        step->arguments[i].text = words[i].text;
        if (!prepare[step->transform->arguments[i]](&preparation))
            return false;
    }
    return choose_column(compiler, where, step);
}
