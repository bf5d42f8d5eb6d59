#include "cli/command.h"

#include <stdio.h>

int
command_validate(struct cli *cli, int argc, char **argv)
{
    int worst = L2A_DONE;

    if (argc < 2)
        return command_usage("validate", "which file?");
    for (int i = 1; i < argc; i++) {
        int status = l2a_validate(cli->feed, argv[i]);

        if (status != L2A_DONE)
            worst = command_failed(cli, status);
        else if (!cli->quiet)
            printf("%s: valid\n", argv[i]);
    }
    return worst;
}
