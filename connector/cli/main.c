#include "cli/command.h"
#include "cli/process.h"
#include "cli/terminal.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

const struct command *const commands[] = {
    &command_init,     &command_run,     &command_put,        &command_remove,
    &command_get,      &command_list,    &command_deliver,    &command_photos,
    &command_check,    &command_preview, &command_status,     &command_worklist,
    &command_sheet,    &command_state,   &command_identity,   &command_test,
    &command_validate, &command_fields,  &command_transforms, &command_options,
    &command_findings, &command_schema,  &command_complete,   NULL,
};

static int
take_quiet(struct cli *cli, const struct option_row *row, void *into, const char *value)
{
    (void)row;
    (void)into;
    (void)value;
    cli->quiet = true;
    cli->level = L2A_WARNING;
    return L2A_DONE;
}

static int
take_verbose(struct cli *cli, const struct option_row *row, void *into, const char *value)
{
    (void)row;
    (void)into;
    (void)value;
    cli->level = cli->level < L2A_INFO ? L2A_INFO : L2A_DEBUG;
    return L2A_DONE;
}

static int
take_version(struct cli *cli, const struct option_row *row, void *into, const char *value)
{
    (void)cli;
    (void)row;
    (void)into;
    (void)value;
    printf("ldap2alma %s\n", l2a_version());
    return COMMAND_ANSWERED;
}

#define AT(member) .place = offsetof(struct cli, member)

static const struct option_row shared_options[] = {
    {"config", "FILE", "the settings; else ldap2alma.yaml here, else /etc/ldap2alma/ldap2alma.yaml",
     AT(config), .letter = 'c'},
    {"quiet", NULL, "say only what went wrong", .letter = 'q', .take = take_quiet},
    {"verbose", NULL, "say each step; -vv each request", .letter = 'v', .take = take_verbose},
    {"log", "stderr|syslog|FILE", "messages go there", AT(log_to)},
    {"log-format", "text|json", "as text, or as JSON, an object a line", AT(log_format)},
    {"allow-root", NULL, "let root write to what belongs to another account", AT(allow_root),
     .flag = 1},
    {"version", NULL, "the version", .take = take_version},
    {.name = NULL},
};

const struct command command_shared = {
    NULL, "COMMAND...", "Keeps the users of Ex Libris Alma in step with an LDAP directory",
    shared_options, NULL};

static int
run_command(struct cli *cli, int argc, char **argv)
{
    int status;

    for (size_t i = 0; commands[i]; i++) {
        if (strcmp(commands[i]->name, argv[0]) != 0)
            continue;
        cli->command = commands[i];
        status = commands[i]->run(cli, argc, argv);
        return status == COMMAND_ANSWERED ? L2A_DONE : status;
    }
    return command_usage(cli, "no command '%s'", argv[0]);
}

int
main(int argc, char **argv)
{
    struct log log;
    struct cli cli = {.command = &command_shared,
                      .level = L2A_NOTICE,
                      .log_to = "stderr",
                      .log_format = "text",
                      .log = &log};
    int status;

    process_prepare();
    status = command_read(&cli, &cli, argc, argv);
    if (status != L2A_DONE)
        return status == COMMAND_ANSWERED ? L2A_DONE : status;
    if (optind == argc)
        return command_usage(&cli, "no command given");
    if (!log_open(&log, cli.log_to, strcmp(cli.log_format, "json") == 0)) {
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
