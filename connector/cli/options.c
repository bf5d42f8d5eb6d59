#include "cli/options.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

enum { LINE_COLUMNS = 79, NAME_COLUMNS_MOST = 26 };

static const struct option_row help_row = {.name = "help", .letter = 'h', .help = "this help"};

static int
key_of(const struct option_row *rows, const struct option_row *row)
{
    return row->letter ? row->letter : OPTIONS_FIRST + (int)(row - rows);
}

void
options_make(const struct option_row *rows, struct options_vectors *ret_vectors)
{
    struct option *option = ret_vectors->options;
    char *letter = ret_vectors->letters;

    memset(ret_vectors, 0, sizeof *ret_vectors);
    *letter++ = '+';
    *letter++ = ':';
    for (const struct option_row *row = rows; row->name && row < rows + OPTIONS_MOST; row++) {
        *option++ = (struct option){row->name, row->value ? required_argument : no_argument, NULL,
                                    key_of(rows, row)};
        if (!row->letter)
            continue;
        *letter++ = row->letter;
        if (row->value)
            *letter++ = ':';
    }
    *option = (struct option){"help", no_argument, NULL, 'h'};
    *letter = 'h';
}

const struct option_row *
options_find(const struct option_row *rows, int found)
{
    for (const struct option_row *row = rows; row->name; row++)
        if (key_of(rows, row) == found)
            return row;
    return NULL;
}

const char *
options_word(const char *words, size_t place, size_t *ret_length)
{
    for (; place > 0 && words; place--) {
        words = strchr(words, '|');
        words = words ? words + 1 : NULL;
    }
    *ret_length = words ? strcspn(words, "|") : 0;
    return words;
}

bool
options_has_word(const char *words, const char *word)
{
    const char *one;
    size_t length;

    for (size_t i = 0; (one = options_word(words, i, &length)); i++)
        if (strlen(word) == length && strncmp(one, word, length) == 0)
            return true;
    return false;
}

bool
options_accept(const struct option_row *row, const char *value)
{
    for (const char *letter = row->value; *letter; letter++)
        if (isupper((unsigned char)*letter))
            return true;
    return options_has_word(row->value, value);
}

/* "  -c, --config FILE" */
static int
name_option(const struct option_row *row, char *text, size_t size)
{
    char letter[] = {row->letter ? '-' : ' ', row->letter ? row->letter : ' ',
                     row->letter ? ',' : ' ', '\0'};

    return snprintf(text, size, "  %s --%s%s%s", letter, row->name, row->value ? " " : "",
                    row->value ? row->value : "");
}

/* Words from this column on, which the line has reached. */
static void
print_words(const char *text, int indent)
{
    int column = indent;

    while (*text) {
        int length = (int)strcspn(text, " ");

        if (column > indent && column + 1 + length > LINE_COLUMNS) {
            printf("\n%*s", indent, "");
            column = indent;
        }
        column += printf("%s%.*s", column > indent ? " " : "", length, text);
        text += length + (text[length] == ' ');
    }
    putchar('\n');
}

static void
print_option(const struct option_row *row, int columns)
{
    char text[256];
    int length = name_option(row, text, sizeof text);

    fputs(text, stdout);
    if (length > columns)
        printf("\n%*s", columns + 2, "");
    else
        printf("%*s", columns + 2 - length, "");
    if (row->actions)
        snprintf(text, sizeof text, "%s (of %s)", row->help, row->actions);
    print_words(row->actions ? text : row->help, columns + 2);
}

void
options_print(const struct option_row *rows)
{
    char text[256];
    int columns = name_option(&help_row, text, sizeof text);

    for (const struct option_row *row = rows; row->name; row++) {
        int length = name_option(row, text, sizeof text);

        if (length > columns && length <= NAME_COLUMNS_MOST)
            columns = length;
    }
    for (const struct option_row *row = rows; row->name; row++)
        print_option(row, columns);
    print_option(&help_row, columns);
}
