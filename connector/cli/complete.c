#include "cli/complete.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

/* Where the values with names in capitals come from. */
static const struct source {
    const char *name;
    const char *line; /* that stands for them; NULL: they are rows of a table */
    enum l2a_table table;
    size_t help;        /* column */
    const char *prefix; /* of the rows' names, which is left out */
    const char *suffix; /* that the names get */
    const char *except; /* this row */
} sources[] = {
    {"FILE", ":files", 0, 0, "", "", ""},
    {"MAPPING", ":files", 0, 0, "", "", ""},
    {"FOLDER", ":folders", 0, 0, "", "", ""},
    {"FIELD", NULL, L2A_TABLE_FIELDS, 3, "", "", ""},
    {"TRANSFORM", NULL, L2A_TABLE_TRANSFORMS, 3, "", "", ""},
    {"OPTION", NULL, L2A_TABLE_OPTIONS, 3, "", "", ""},
    {"FINDING", NULL, L2A_TABLE_FINDINGS, 2, "", "", ""},
    {"PART", NULL, L2A_TABLE_CHECKS, 1, "", "", ""},
    {"BRAKE", NULL, L2A_TABLE_OPTIONS, 3, "brakes.", "", "brakes.release"},
    {"[MEASURE=]RANGE", NULL, L2A_TABLE_MEASURES, 2, "", "=", ""},
};

/* The command line up to the last word. */
struct place {
    const struct complete_program *program;
    const struct command *command;
    const struct option_row *row; /* that the next word is the value of; NULL: of none */
    const char *action;           /* first argument; NULL: there is none yet */
    size_t arguments;
    bool no_options;  /* behind "--" */
    const char *lead; /* stands before all words that are printed: "--format=" */
    int lead_length;
    const char *current;
};

static void
offer(const struct place *place, const char *word, int length, const char *suffix, const char *help)
{
    size_t typed = strlen(place->current);

    if ((size_t)length < typed || strncmp(word, place->current, typed) != 0)
        return;
    printf("%.*s%.*s%s\t%s\n", place->lead_length, place->lead, length, word, suffix, help);
}

/* A cell of a table, up to the next one that is asked for; NULL behind the last row. */
static const char *
cell(const struct place *place, enum l2a_table table, size_t row, size_t column)
{
    return l2a_table_cell(place->program->feed, table, row, column);
}

static void
offer_source(const struct place *place, const struct source *source)
{
    size_t left_out = strlen(source->prefix);
    const char *text;
    char name[128];

    if (source->line) {
        puts(source->line);
        return;
    }
    for (size_t row = 0; (text = cell(place, source->table, row, 0)); row++) {
        if (strncmp(text, source->prefix, left_out) != 0 || strcmp(text, source->except) == 0)
            continue;
        snprintf(name, sizeof name, "%s", text + left_out);
        offer(place, name, (int)strlen(name), source->suffix,
              cell(place, source->table, row, source->help));
    }
}

/* Of "text|FILE" the word and the files. */
static void
offer_words(const struct place *place, const char *words)
{
    const char *word;
    size_t length;

    for (size_t i = 0; (word = options_word(words, i, &length)); i++) {
        if (islower((unsigned char)*word))
            offer(place, word, (int)length, "", "");
        for (size_t k = 0; k < sizeof sources / sizeof sources[0]; k++)
            if (strlen(sources[k].name) == length && strncmp(sources[k].name, word, length) == 0)
                offer_source(place, &sources[k]);
    }
}

/* The values of an option of the settings file, whose type is "one of auto, none". */
static void
offer_setting(const struct place *place, const char *setting)
{
    static const char one_of[] = "one of ";
    const char *text, *word;
    size_t row = 0;

    while ((text = cell(place, L2A_TABLE_OPTIONS, row, 0)) && strcmp(text, setting) != 0)
        row++;
    if (!text ||
        strncmp(text = cell(place, L2A_TABLE_OPTIONS, row, 1), one_of, strlen(one_of)) != 0)
        return;
    for (word = text + strlen(one_of); *word; word += strspn(word, ", ")) {
        offer(place, word, (int)strcspn(word, ","), "", "");
        word += strcspn(word, ",");
    }
}

static void
offer_value(const struct place *place, const struct option_row *row)
{
    offer_words(place, row->value);
    if (row->setting)
        offer_setting(place, row->setting);
}

static void
offer_options(const struct place *place)
{
    static const struct option_row help = {.name = "help", .help = "show help", .letter = 'h'};
    char text[64];

    for (const struct option_row *row = place->command->options;; row++) {
        const struct option_row *shown = row->name ? row : &help;

        if (!shown->actions || !place->action || options_has_word(shown->actions, place->action)) {
            offer(place, text, snprintf(text, sizeof text, "--%s", shown->name), "", shown->help);
            if (shown->letter)
                offer(place, text, snprintf(text, sizeof text, "-%c", shown->letter), "",
                      shown->help);
        }
        if (!row->name)
            return;
    }
}

/* Of "[show|forget] [WHO]" what stands at the place where the line is; the last one may be
 * repeated. */
static void
offer_argument(const struct place *place)
{
    const char *text = place->command->arguments;
    bool repeated = strstr(text, "...") != NULL;
    char word[128];
    size_t length, left = place->arguments;

    for (; left > 0 && strchr(text, ' '); left--)
        text = strchr(text, ' ') + 1;
    if (left > 0 && !repeated)
        return;
    text += *text == '[';
    length = strcspn(text, "] .");
    snprintf(word, sizeof word, "%.*s", (int)length, text);
    offer_words(place, word);
}

/* The row that wants the next word as its value: of "--name", of "-c" and "-qc". */
static const struct option_row *
row_that_waits(const struct place *place, const char *word)
{
    const struct option_row *row;
    bool is_long = word[1] == '-';

    for (const char *letter = word + 1; *letter; letter++) {
        for (row = place->command->options; row->name; row++)
            if (is_long ? strcmp(row->name, word + 2) == 0 : row->letter == *letter)
                break;
        if (is_long)
            return row->name && row->value ? row : NULL;
        if (row->name && row->value)
            return letter[1] ? NULL : row;
    }
    return NULL;
}

static void
take_argument(struct place *place, const char *word)
{
    const struct command *const *command = place->program->commands;

    if (!place->command->name && command) {
        while (*command && strcmp((*command)->name, word) != 0)
            command++;
        place->command = *command;
        return;
    }
    if (place->arguments++ == 0)
        place->action = word;
}

static void
take_word(struct place *place, const char *word)
{
    if (place->row) {
        /* bash breaks "--format=json" at the '='. */
        if (strcmp(word, "=") != 0)
            place->row = NULL;
    } else if (!place->no_options && strcmp(word, "--") == 0) {
        place->no_options = true;
    } else if (!place->no_options && word[0] == '-' && word[1]) {
        place->row = row_that_waits(place, word);
    } else {
        take_argument(place, word);
    }
}

/* "--format=te": the word is "te" of the row. */
static void
take_joined(struct place *place)
{
    const char *equals = strchr(place->current, '=');
    char option[64];

    if (place->row || strncmp(place->current, "--", 2) != 0 || !equals)
        return;
    snprintf(option, sizeof option, "%.*s", (int)(equals - place->current), place->current);
    place->row = row_that_waits(place, option);
    place->lead = place->current;
    place->lead_length = (int)(equals + 1 - place->current);
    place->current = equals + 1;
}

void
complete_print(const struct complete_program *program, char **words, int count)
{
    struct place place = {.program = program, .command = program->shared, .lead = ""};

    for (int i = 0; i + 1 < count && place.command; i++)
        take_word(&place, words[i]);
    if (!place.command)
        return;
    place.current = count > 0 ? words[count - 1] : "";
    if (place.row && strcmp(place.current, "=") == 0)
        place.current = "";
    take_joined(&place);
    if (place.row) {
        offer_value(&place, place.row);
    } else if (place.current[0] == '-' && !place.no_options) {
        offer_options(&place);
    } else if (!place.command->name && program->commands) {
        for (const struct command *const *command = program->commands; *command; command++)
            offer(&place, (*command)->name, (int)strlen((*command)->name), "", (*command)->help);
    } else {
        offer_argument(&place);
    }
}
