/* command: the commands of the program, as a table.
 *
 * main() reads the options that all commands share, finds the command and calls it. Each stands in
 * a file of its own, command_NAME.c, with its options as a table; its function gets the arguments
 * from its own name (argv[0]) on, reads them by command_read() and returns the exit status.
 */
#ifndef CLI_COMMAND_H
#define CLI_COMMAND_H

#include "cli/log.h"
#include "cli/options.h"
#include "ldap2alma.h"

#include <stdbool.h>

struct command {
    const char *name;
    const char *arguments; /* "FILE...", "show|forget [WHO]", "": none */
    const char *help;      /* one line */
    const struct option_row *options;
    int (*run)(struct cli *cli, int argc, char **argv);
};

/* What the shared options said. */
struct cli {
    const struct command *command;
    struct l2a *feed;
    const char *config; /* -c; NULL: not given */
    int level;          /* the least grave level that is shown: enum l2a_level */
    bool quiet;         /* -q */
    unsigned allow_root;
    const char *log_to; /* --log */
    const char *log_format;
    struct log *log;
};

/* Ends with NULL. */
extern const struct command *const commands[];

/* The program without a command: the options that all share. */
extern const struct command command_shared;

extern const struct command command_init, command_run, command_photos, command_check,
    command_preview, command_status, command_worklist, command_sheet, command_state,
    command_identity, command_test, command_validate, command_fields, command_transforms,
    command_options, command_findings, command_schema, command_complete, command_put,
    command_remove, command_get, command_list, command_deliver;

/* For commands without options. */
extern const struct option_row command_no_options[];

/* Reads the options of cli->command into the struct that their rows are of; optind is then the
 * first argument. L2A_DONE; L2A_USAGE after saying what is wrong; or COMMAND_ANSWERED: --help is
 * printed, and the command returns this. Values that belong to words, such as "text|json", are one
 * of them. */
int command_read(struct cli *cli, void *into, int argc, char **argv);

enum { COMMAND_ANSWERED = -1 };

/* The same, for actions, of which only some take an option; the arguments are not counted. */
int command_read_action(struct cli *cli, const char *action, void *into, int argc, char **argv);

/* Takes --release BRAKE. */
int command_release(struct cli *cli, const struct option_row *row, void *into, const char *value);

/* Loads the settings: -c, else ldap2alma.yaml here, else /etc/ldap2alma/ldap2alma.yaml. */
int command_load(struct cli *cli);

/* Behind command_load(), before a command does its work: the process is the feed's alone from then
 * on, see l2a_confine(). `files` are what the command will write; NULL is passed over. Where it
 * writes to what is the feed's, root is refused unless told. A failure has been said. */
int command_confine(struct cli *cli, bool writes, const char *const *files, size_t count);

/* Says the handle's last error and its hint on stderr; returns the status. */
int command_failed(const struct cli *cli, int status);

/* "ldap2alma: COMMAND: text" and where help is; returns L2A_USAGE. */
int command_usage(const struct cli *cli, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
