#include "cli/command.h"

#include <stdio.h>

static int
run(struct cli *cli, int argc, char **argv)
{
    int worst = command_read(cli, NULL, argc, argv);

    if (worst != L2A_DONE)
        return worst;
    if (optind == argc)
        return command_usage(cli, "which file?");
    for (int i = optind; i < argc; i++) {
        int status = l2a_validate(cli->feed, argv[i]);

        if (status != L2A_DONE)
            worst = command_failed(cli, status);
        else if (!cli->quiet)
            printf("%s: valid\n", argv[i]);
    }
    return worst;
}

const struct command command_validate = {"validate", "FILE...",
                                         "validate documents or packages against Alma's schema",
                                         command_no_options, run};
