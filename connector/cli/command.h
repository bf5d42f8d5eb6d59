/* command: the commands of the program, as a table.
 *
 * main() reads the options that all commands share, finds the row and calls it. A command parses
 * its own options from argv[1] on (argv[0] is its name) and returns the exit status.
 */
#ifndef CLI_COMMAND_H
#define CLI_COMMAND_H

#include "cli/log.h"
#include "ldap2alma.h"

#include <stdbool.h>

/* What the shared options said. */
struct cli {
    struct l2a *feed;
    const char *config; /* -c; NULL: not given */
    int level;          /* the least grave level that is shown: enum l2a_level */
    bool quiet;         /* -q */
    const char *log_to; /* --log */
    bool log_json;      /* --log-format */
    struct log *log;
};

struct command {
    const char *name;
    const char *arguments;
    const char *help; /* one line */
    int (*run)(struct cli *cli, int argc, char **argv);
};

/* The table ends with a row whose name is NULL. */
extern const struct command commands[];

int command_init(struct cli *cli, int argc, char **argv);
int command_run(struct cli *cli, int argc, char **argv);
int command_check(struct cli *cli, int argc, char **argv);
int command_preview(struct cli *cli, int argc, char **argv);
int command_test(struct cli *cli, int argc, char **argv);
int command_photos(struct cli *cli, int argc, char **argv);
int command_identity(struct cli *cli, int argc, char **argv);
int command_state(struct cli *cli, int argc, char **argv);
int command_status(struct cli *cli, int argc, char **argv);
int command_worklist(struct cli *cli, int argc, char **argv);
int command_sheet(struct cli *cli, int argc, char **argv);
int command_validate(struct cli *cli, int argc, char **argv);
int command_options(struct cli *cli, int argc, char **argv);
int command_fields(struct cli *cli, int argc, char **argv);
int command_transforms(struct cli *cli, int argc, char **argv);
int command_findings(struct cli *cli, int argc, char **argv);
int command_schema(struct cli *cli, int argc, char **argv);

/* Loads the settings: -c, else ldap2alma.yaml here, else /etc/ldap2alma/ldap2alma.yaml. */
int command_load(struct cli *cli);

/* Says the handle's last error and its hint on stderr; returns the status. */
int command_failed(const struct cli *cli, int status);

/* Is it one of the words? The list ends with NULL. */
bool command_is_one_of(const char *word, const char *const *words);

/* "ldap2alma: COMMAND: text" and where help is; returns L2A_USAGE. */
int command_usage(const char *command, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The same for what getopt_long(), told by a ':' to be silent, returned for a bad option: ':' or
 * '?'. `command` NULL: one of the shared options. */
int command_bad_option(const char *command, int found, char **argv);

#endif
