/* options: the options of a command line as a table. It is what they are read by, and what --help
 * (cli/help.h) and the completion of shells (cli/complete.h) tell of them.
 *
 * A command has a struct with what its options say; a row tells where in it the option goes.
 */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include <getopt.h>
#include <stdbool.h>
#include <stddef.h>

struct cli;

/* At most so many rows has a table. */
enum { OPTIONS_MOST = 24 };

struct option_row {
    const char *name;
    const char *value; /* what it takes: "FILE", "text|json", "WHO|N"; small letters are the word
                          itself, capitals what it is called; NULL: nothing */
    const char *help;
    size_t place;  /* of the const char * that the value goes to, or of the unsigned of a flag */
    unsigned flag; /* without a value: what is set in the unsigned */

    /* The other fields are rarely there. */
    char letter;         /* of the short option */
    const char *actions; /* "show|list": which actions of the command take it */
    const char *setting; /* of the settings file, whose values it takes */

    /* Takes it in place of `place`, value NULL: it has none. L2A_DONE, or the status after saying
     * what is wrong. */
    int (*take)(struct cli *cli, const struct option_row *row, void *into, const char *value);
};

/* What getopt_long() returns for a row without a letter is this and its number. */
enum { OPTIONS_FIRST = 256 };

/* The vectors for getopt_long(), of rows that end with one whose name is NULL, and of -h, --help,
 * which everything has and which is found as 'h'. */
struct options_vectors {
    struct option options[OPTIONS_MOST + 2];
    char letters[2 * OPTIONS_MOST + 4]; /* begins with "+:": the first argument ends the options */
};

void options_make(const struct option_row *rows, struct options_vectors *ret_vectors);

/* The row of what getopt_long() returned; NULL: of none. */
const struct option_row *options_find(const struct option_row *rows, int found);

/* Prints the rows, a line each, and that of --help on standard output. */
void options_print(const struct option_row *rows);

/* The word at this place of a list with bars between, such as "text|json", and its length; NULL
 * behind the last one. */
const char *options_word(const char *words, size_t place, size_t *ret_length);

/* Whether it is one of the words. */
bool options_has_word(const char *words, const char *word);

/* Whether the row takes this value: where its words are all in small letters it is one of them. */
bool options_accept(const struct option_row *row, const char *value);

#endif
