#include "cli/command.h"

#include <stdio.h>

/* One row a line, columns parted by tabs: for people with wide terminals, and for cut(1). */
static int
print_table(struct cli *cli, enum l2a_table table, int argc, char **argv)
{
    if (argc > 1)
        return command_usage(argv[0], "too many arguments: '%s'", argv[1]);
    for (size_t row = 0; l2a_table_cell(cli->feed, table, row, 0); row++) {
        const char *cell;

        for (size_t column = 0; (cell = l2a_table_cell(cli->feed, table, row, column)); column++)
            printf("%s%s", column ? "\t" : "", cell);
        putchar('\n');
    }
    return L2A_DONE;
}

int
command_options(struct cli *cli, int argc, char **argv)
{
    return print_table(cli, L2A_TABLE_OPTIONS, argc, argv);
}

int
command_fields(struct cli *cli, int argc, char **argv)
{
    return print_table(cli, L2A_TABLE_FIELDS, argc, argv);
}

int
command_transforms(struct cli *cli, int argc, char **argv)
{
    return print_table(cli, L2A_TABLE_TRANSFORMS, argc, argv);
}

int
command_findings(struct cli *cli, int argc, char **argv)
{
    return print_table(cli, L2A_TABLE_FINDINGS, argc, argv);
}
