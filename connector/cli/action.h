/* action: commands that do one of several things, such as `state show`, as tables.
 *
 * command.h finds the command; this finds its action, reads the options, loads the settings and
 * calls the action. What an action shows it prints itself.
 */
#ifndef CLI_ACTION_H
#define CLI_ACTION_H

#include "cli/command.h"

struct action_options {
    const char *format; /* as text where none was given */
    const char *who;    /* NULL: nobody was named */
    unsigned flags;
};

struct action {
    const char *name;
    bool wants_who;
    bool writes; /* to what is the feed's; what it would do, it only says with a flag */
    int (*go)(struct cli *cli, const struct action_options *options);
};

struct action_family {
    const char *can;              /* what its actions are, in words */
    const char *unnamed;          /* the action where none is named; NULL: one has to be */
    const struct action *actions; /* ends with a row whose name is NULL */
};

/* The options of the command are rows for struct action_options, each with its actions. Returns the
 * exit status; a failure has been said. */
int action_run(struct cli *cli, const struct action_family *family, int argc, char **argv);

#endif
