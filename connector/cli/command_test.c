#include "cli/command.h"
#include "cli/terminal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct test_options {
    unsigned flags;
    const char *format; /* NULL: text, with colors where the terminal has them */
    const char *pattern;
    unsigned coverage_min;
};

/* Takes --coverage-min. */
static int
take_percent(struct cli *cli, const struct option_row *row, void *into, const char *value)
{
    struct test_options *test = into;
    char *end;
    unsigned long percent = strtoul(value, &end, 10);

    if (value[0] < '0' || value[0] > '9' || *end || percent > 100)
        return command_usage(cli, "--%s wants a percentage, 0 to 100, not '%s'", row->name, value);
    test->coverage_min = (unsigned)percent;
    return L2A_DONE;
}

#define AT(member) .place = offsetof(struct test_options, member)

static const struct option_row options[] = {
    {"format", "text|color|tap|junit", "tell what came of them as one of these", AT(format)},
    {"coverage", NULL, "tell what of the mapping no case has reached", AT(flags),
     .flag = L2A_TEST_COVERAGE},
    {"coverage-min", "PERCENT", "fail where the cases reach less of the mapping",
     .take = take_percent},
    {"case", "PATTERN", "only cases with this in their names, a pattern of the shell", AT(pattern)},
    {.name = NULL},
};

/* Text tells people itself what failed; a format for programs may go to a file that nobody sees. */
static int
print_report(const struct cli *cli, const struct test_options *test, int status)
{
    const char *format = test->format ? test->format : terminal_has_color() ? "color" : "text";
    const char *text =
        l2a_test_report(cli->feed, format, test->flags | (cli->quiet ? L2A_TEST_FAILURES : 0));

    if (!text)
        return command_failed(cli, status);
    terminal_clear();
    fputs(text, stdout);
    if (status != L2A_DONE && (strcmp(format, "tap") == 0 || strcmp(format, "junit") == 0))
        command_failed(cli, status);
    return status;
}

static int
run(struct cli *cli, int argc, char **argv)
{
    struct test_options test = {0, NULL, NULL, 0};
    int status = command_read(cli, &test, argc, argv);

    if (status != L2A_DONE)
        return status;
    if (optind == argc && (status = command_load(cli)) != L2A_DONE)
        return status;
    status = l2a_test(cli->feed, (const char *const *)argv + optind, (size_t)(argc - optind),
                      test.pattern, test.coverage_min);
    return print_report(cli, &test, status);
}

const struct command command_test = {
    "test", "[FILE...]", "run the tests of a mapping, without any server", options, run};
