#include "cli/command.h"

#include "cli/help.h"
#include "cli/terminal.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

const struct option_row command_no_options[] = {{.name = NULL}};

int
command_usage(const struct cli *cli, const char *format, ...)
{
    const char *name = cli->command->name;
    va_list arguments;

    fprintf(stderr, "ldap2alma%s%s: ", name ? " " : "", name ? name : "");
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputs("\nTry 'ldap2alma --help'.\n", stderr);
    return L2A_USAGE;
}

/* What getopt_long(), told by a ':' to be silent, returned for a bad option: ':' or '?'. */
static int
refuse_option(const struct cli *cli, int found, char **argv)
{
    const char *word = argv[optind - 1];
    bool is_long = strncmp(word, "--", 2) == 0;

    if (found == ':')
        return command_usage(cli, "the option '%s' wants a value", word);
    if (!is_long)
        return command_usage(cli, "unknown option '-%c'", optopt);
    return command_usage(cli, optopt ? "the option '%s' takes no value" : "unknown option '%s'",
                         word);
}

/* "no format 'pdf': it is text, markdown or html" */
static int
refuse_word(const struct cli *cli, const struct option_row *row, const char *word)
{
    char words[256] = "";
    size_t length, next, used = 0;
    const char *one;

    for (size_t i = 0; (one = options_word(row->value, i, &length)); i++) {
        const char *between = i == 0 ? "" : options_word(row->value, i + 1, &next) ? ", " : " or ";

        used += (size_t)snprintf(words + used, sizeof words - used, "%s%.*s", between, (int)length,
                                 one);
    }
    return command_usage(cli, "no %s '%s': it is %s", row->name, word, words);
}

static int
take_option(struct cli *cli, const struct option_row *row, void *into, const char *value)
{
    char *place = (char *)into + row->place;

    if (value && !options_accept(row, value))
        return refuse_word(cli, row, value);
    if (row->take)
        return row->take(cli, row, into, value);
    if (value)
        *(const char **)place = value;
    else
        *(unsigned *)place |= row->flag;
    return L2A_DONE;
}

int
command_read_action(struct cli *cli, const char *action, void *into, int argc, char **argv)
{
    const struct option_row *row;
    struct options_vectors vectors;
    int found, status = L2A_DONE;

    options_make(cli->command->options, &vectors);
    opterr = 0;
    optind = 0; /* glibc: begin anew with another vector */
    while (status == L2A_DONE &&
           (found = getopt_long(argc, argv, vectors.letters + (cli->command->name ? 1 : 0),
                                vectors.options, NULL)) != -1) {
        row = options_find(cli->command->options, found);
        if (found == 'h') {
            help_print(cli->command);
            status = COMMAND_ANSWERED;
        } else if (!row) {
            status = refuse_option(cli, found, argv);
        } else if (action && !options_has_word(row->actions, action)) {
            status = command_usage(cli, "%s takes no --%s", action, row->name);
        } else {
            status = take_option(cli, row, into, row->value ? optarg : NULL);
        }
    }
    return status;
}

int
command_read(struct cli *cli, void *into, int argc, char **argv)
{
    const char *arguments = cli->command->arguments;
    int most = arguments[0] ? 1 : 0;
    int status = command_read_action(cli, NULL, into, argc, argv);

    if (status == L2A_DONE && optind + most < argc && !strstr(arguments, "..."))
        return command_usage(cli, "too many arguments: '%s'", argv[optind + most]);
    return status;
}

int
command_release(struct cli *cli, const struct option_row *row, void *into, const char *value)
{
    (void)row;
    (void)into;
    return l2a_release(cli->feed, value) == L2A_DONE
               ? L2A_DONE
               : command_usage(cli, "%s", l2a_error_text(cli->feed));
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

int
command_confine(struct cli *cli, bool writes, const char *const *files, size_t count)
{
    enum { FILES_MOST = 8 };
    const char *written[FILES_MOST] = {cli->log->target == LOG_TO_FILE ? cli->log->path : NULL};
    int status = writes && !cli->allow_root ? l2a_check_account(cli->feed) : L2A_DONE;

    for (size_t i = 0; i < count && i + 1 < FILES_MOST; i++)
        written[i + 1] = files[i];
    if (status == L2A_DONE)
        status = l2a_confine(cli->feed, written, FILES_MOST);
    return status == L2A_DONE ? status : command_failed(cli, status);
}
