#include "cli/command.h"
#include "cli/terminal.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct test_options {
    unsigned flags;
    const char *format; /* NULL: text, with colors where the terminal has them */
    const char *pattern;
    unsigned coverage_min;
};

static bool
read_percent(const char *text, unsigned *ret_percent)
{
    char *end;
    unsigned long percent = strtoul(text, &end, 10);

    if (text[0] < '0' || text[0] > '9' || *end || percent > 100)
        return false;
    *ret_percent = (unsigned)percent;
    return true;
}

/* L2A_DONE, or L2A_USAGE after saying what is wrong. */
static int
read_options(struct test_options *test, int argc, char **argv)
{
    static const struct option options[] = {{"format", required_argument, NULL, 'f'},
                                            {"coverage", no_argument, NULL, 'c'},
                                            {"coverage-min", required_argument, NULL, 'm'},
                                            {"case", required_argument, NULL, 'p'},
                                            {NULL, 0, NULL, 0}};
    static const char *const formats[] = {"text", "color", "tap", "junit", NULL};
    int option;

    optind = 0; /* glibc: begin anew with another vector */
    while ((option = getopt_long(argc, argv, ":", options, NULL)) != -1) {
        switch (option) {
        case 'f':
            test->format = optarg;
            break;
        case 'c':
            test->flags |= L2A_TEST_COVERAGE;
            break;
        case 'm':
            if (!read_percent(optarg, &test->coverage_min))
                return command_usage(
                    "test", "--coverage-min wants a percentage, 0 to 100, not '%s'", optarg);
            break;
        case 'p':
            test->pattern = optarg;
            break;
        default:
            return command_bad_option("test", option, argv);
        }
    }
    if (test->format && !command_is_one_of(test->format, formats))
        return command_usage("test", "no format '%s': it is text, color, tap or junit",
                             test->format);
    return L2A_DONE;
}

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

int
command_test(struct cli *cli, int argc, char **argv)
{
    struct test_options test = {0, NULL, NULL, 0};
    int status = read_options(&test, argc, argv);

    if (status != L2A_DONE)
        return status;
    if (optind == argc && (status = command_load(cli)) != L2A_DONE)
        return status;
    status = l2a_test(cli->feed, (const char *const *)argv + optind, (size_t)(argc - optind),
                      test.pattern, test.coverage_min);
    return print_report(cli, &test, status);
}
