#include "cli/command.h"
#include "cli/process.h"
#include "cli/terminal.h"

#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const struct command commands[] = {
    {"init",
     "[--bind-dn DN --password-file FILE | --gssapi [--keytab FILE --principal NAME]\n"
     "       | --external | --anonymous] [--tls MODE] [--ca-file FILE] [--cert-file FILE]\n"
     "       [--key-file FILE] [--output FOLDER] [--srv DOMAIN | URI]",
     "look at a directory, and write first settings, a mapping and its tests", command_init},
    {"run",
     "[--dry-run [--keep FOLDER] [--diff WHO|N]] [--full | --changed] [--mode MODE]\n"
     "      [--release BRAKE]... [--report FILE] [--worklist FILE] [--metrics FILE]",
     "read the directory, map, check, pack and deliver", command_run},
    {"photos", "[--check] [--dry-run] [--full] [--adopt] [--release photos] [--report FILE]",
     "bring the photos of users at their web server in step with the directory", command_photos},
    {"check", "[--strict] [--format text|json] [MAPPING...]",
     "look for what is doubtful, in a mapping and in what it makes of everybody", command_check},
    {"preview", "[--all] [--format text|json|xml] WHO",
     "show what a person's entry becomes, and why", command_preview},
    {"status", "[--format text|json|line] [--offline]",
     "show the last runs, the people known, and whether Alma has taken the packages",
     command_status},
    {"worklist", "[--format text|csv|json]",
     "list who is held or rejected, why, since when, and what has to happen", command_worklist},
    {"sheet", "[--format text|markdown|html] [--output FILE]",
     "print what has to be typed into Alma for this feed", command_sheet},
    {"state",
     "show|forget|rebuild|check [--record] [--format text|json] [--release BRAKE]... [WHO]",
     "look into the memory of what Alma was given, or mend it", command_state},
    {"identity", "[list|accept|relink] [--format text|csv|json] [--dry-run] [WHO]",
     "list who is held for a match identifier, and let them through", command_identity},
    {"test",
     "[--format text|tap|junit] [--coverage] [--coverage-min PERCENT]\n"
     "       [--case PATTERN] [FILE...]",
     "run the tests of a mapping, without any server", command_test},
    {"validate", "FILE...", "validate documents or packages against Alma's schema",
     command_validate},
    {"fields", "[NAME]", "list Alma's fields, for the mapping", command_fields},
    {"transforms", "[NAME]", "list the transforms of the mapping", command_transforms},
    {"options", "[NAME]", "list the options of the settings file", command_options},
    {"findings", "[NAME]", "list the kinds of findings in reports", command_findings},
    {"schema", "[settings | mapping | test]",
     "print the JSON Schema of a kind of file, for editors", command_schema},
    {NULL, NULL, NULL, NULL},
};

static void
print_help(void)
{
    puts("usage: ldap2alma [-c FILE] [-q] [-v] COMMAND [OPTION...]\n"
         "Keeps the users of Ex Libris Alma in step with an LDAP directory.\n\n"
         "  -c, --config FILE  the settings; else ldap2alma.yaml here, else\n"
         "                     /etc/ldap2alma/ldap2alma.yaml\n"
         "  -q, --quiet        say only what went wrong\n"
         "  -v, --verbose      say each step; -vv each request\n"
         "      --log TO       messages go to stderr, syslog or this file\n"
         "      --log-format F as text or json, an object a line\n"
         "  -h, --help         this help\n"
         "      --version      the version\n\ncommands:");
    for (const struct command *command = commands; command->name; command++)
        printf("  %s%s%s\n      %s\n", command->name, command->arguments[0] ? " " : "",
               command->arguments, command->help);
    puts("\nSee ldap2alma(1), ldap2alma.yaml(5) and ldap2alma-mapping(5).");
}

int
command_usage(const char *command, const char *format, ...)
{
    va_list arguments;

    fprintf(stderr, "ldap2alma%s%s: ", command ? " " : "", command ? command : "");
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputs("\nTry 'ldap2alma --help'.\n", stderr);
    return L2A_USAGE;
}

int
command_bad_option(const char *command, int found, char **argv)
{
    const char *word = argv[optind - 1];
    bool is_long = strncmp(word, "--", 2) == 0;

    if (found == ':')
        return command_usage(command, "the option '%s' wants a value", word);
    if (!is_long)
        return command_usage(command, "unknown option '-%c'", optopt);
    return command_usage(command, optopt ? "the option '%s' takes no value" : "unknown option '%s'",
                         word);
}

bool
command_is_one_of(const char *word, const char *const *words)
{
    while (*words && strcmp(*words, word) != 0)
        words++;
    return *words != NULL;
}

int
command_failed(const struct cli *cli, int status)
{
    const char *hint = l2a_error_hint(cli->feed);

    terminal_clear();
    if (!log_is_for_people(cli->log)) {
        log_write(cli->log, L2A_ERROR, l2a_error_text(cli->feed), hint);
        return status;
    }
    fprintf(stderr, "ldap2alma: %s\n", l2a_error_text(cli->feed));
    if (hint[0])
        fprintf(stderr, "%s\n", hint);
    return status;
}

int
command_load(struct cli *cli)
{
    static const char here[] = "ldap2alma.yaml", system[] = "/etc/ldap2alma/ldap2alma.yaml";
    const char *path = cli->config;
    int status;

    if (!path)
        path = access(here, F_OK) == 0 ? here : system;
    status = l2a_load(cli->feed, path);
    if (status == L2A_DONE)
        return status;
    command_failed(cli, status);
    if (!cli->config && access(path, F_OK) != 0)
        fputs("There is no ldap2alma.yaml in this folder either; -c FILE names the settings.\n",
              stderr);
    return status;
}

/* -1: go on with the command at argv[optind]; else the exit status. */
static int
read_options(struct cli *cli, int argc, char **argv)
{
    static const struct option options[] = {
        {"config", required_argument, NULL, 'c'},     {"quiet", no_argument, NULL, 'q'},
        {"verbose", no_argument, NULL, 'v'},          {"help", no_argument, NULL, 'h'},
        {"version", no_argument, NULL, 'V'},          {"log", required_argument, NULL, 'l'},
        {"log-format", required_argument, NULL, 'f'}, {NULL, 0, NULL, 0}};
    static const char *const formats[] = {"text", "json", NULL};
    int option;

    opterr = 0;
    /* '+': the command ends the shared options. */
    while ((option = getopt_long(argc, argv, "+:c:qvh", options, NULL)) != -1) {
        switch (option) {
        case 'c':
            cli->config = optarg;
            break;
        case 'q':
            cli->quiet = true;
            cli->level = L2A_WARNING;
            break;
        case 'v':
            cli->level = cli->level < L2A_INFO ? L2A_INFO : L2A_DEBUG;
            break;
        case 'l':
            cli->log_to = optarg;
            break;
        case 'f':
            if (!command_is_one_of(optarg, formats))
                return command_usage(NULL, "no format '%s' of a log: it is text or json", optarg);
            cli->log_json = strcmp(optarg, "json") == 0;
            break;
        case 'h':
            print_help();
            return L2A_DONE;
        case 'V':
            printf("ldap2alma %s\n", l2a_version());
            return L2A_DONE;
        default:
            return command_bad_option(NULL, option, argv);
        }
    }
    return -1;
}

static int
run_command(struct cli *cli, int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "--help") == 0) {
        print_help();
        return L2A_DONE;
    }
    for (const struct command *command = commands; command->name; command++)
        if (strcmp(command->name, argv[0]) == 0)
            return command->run(cli, argc, argv);
    return command_usage(NULL, "no command '%s'", argv[0]);
}

int
main(int argc, char **argv)
{
    struct log log;
    struct cli cli = {.level = L2A_NOTICE, .log_to = "stderr", .log = &log};
    int status;

    process_prepare();
    status = read_options(&cli, argc, argv);
    if (status >= 0)
        return status;
    if (optind == argc)
        return command_usage(NULL, "no command given");
    if (!log_open(&log, cli.log_to, cli.log_json)) {
        fprintf(stderr, "ldap2alma: cannot write the log '%s': %s\n", cli.log_to, strerror(errno));
        return L2A_CANNOT_WRITE;
    }
    log.command = argv[optind];
    cli.feed = l2a_new();
    terminal_listen(&cli);
    status = run_command(&cli, argc - optind, argv + optind);
    terminal_clear();
    l2a_free(cli.feed);
    log_close(&log);
    /* Where much was written an earlier write has failed, and nothing is left to be flushed. */
    if ((fflush(stdout) != 0 || ferror(stdout)) && status == L2A_DONE) {
        if (errno != EPIPE) /* who reads no further, such as head(1), knows */
            fprintf(stderr, "ldap2alma: cannot write to standard output: %s\n", strerror(errno));
        status = L2A_CANNOT_WRITE;
    }
    return status;
}
