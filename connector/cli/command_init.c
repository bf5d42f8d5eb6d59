#include "cli/command.h"
#include "cli/terminal.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SETTINGS_MOST = 16 };

struct init_command {
    const char *settings[SETTINGS_MOST]; /* "NAME=VALUE", of `directory` in the settings */
    size_t count;
    char *texts[SETTINGS_MOST]; /* of them, those that were made here */
    const char *folder;
    const char *login; /* the option that says how to log in; NULL: none does */
    bool has_server, has_password;
};

/* Options and the settings that they stand for. */
static const struct init_option {
    const char *name;
    const char *setting;
    const char *fixed; /* the value of an option without one; NULL: it has one */
    bool is_login;     /* one of these has to be there */
} init_options[] = {
    {"srv", "srv", NULL, false},
    {"bind-dn", "bind.dn", NULL, true},
    {"password-file", "bind.password.file", NULL, false},
    {"anonymous", "bind.method", "anonymous", true},
    {"external", "bind.method", "external", true},
    {"gssapi", "bind.method", "gssapi", true},
    {"keytab", "bind.keytab", NULL, false},
    {"principal", "bind.principal", NULL, false},
    {"ca-file", "tls.ca_file", NULL, false},
    {"cert-file", "tls.cert_file", NULL, false},
    {"key-file", "tls.key_file", NULL, false},
    {"tls", "tls.mode", NULL, false},
};

enum { OPTION_COUNT = sizeof init_options / sizeof init_options[0], FOLDER_OPTION = 'o' };

static void
add_setting(struct init_command *init, const char *name, const char *value)
{
    char *text = malloc(strlen(name) + strlen(value) + 2);

    if (!text)
        abort();
    sprintf(text, "%s=%s", name, value);
    init->texts[init->count] = text;
    init->settings[init->count++] = text;
}

static int
take_option(struct init_command *init, const struct init_option *option)
{
    if (init->count + 1 == SETTINGS_MOST)
        return command_usage("init", "too many options");
    if (option->is_login && init->login)
        return command_usage("init", "one login only: --%s or --%s", init->login, option->name);
    if (option->is_login)
        init->login = option->name;
    if (strcmp(option->name, "password-file") == 0)
        init->has_password = true;
    if (strcmp(option->name, "srv") == 0)
        init->has_server = true;
    add_setting(init, option->setting, option->fixed ? option->fixed : optarg);
    return L2A_DONE;
}

static int
read_options(struct init_command *init, int argc, char **argv)
{
    struct option options[OPTION_COUNT + 2] = {0};
    int found, status = L2A_DONE;

    for (int i = 0; i < OPTION_COUNT; i++)
        options[i] =
            (struct option){init_options[i].name,
                            init_options[i].fixed ? no_argument : required_argument, NULL, i + 256};
    options[OPTION_COUNT] = (struct option){"output", required_argument, NULL, FOLDER_OPTION};
    optind = 0; /* glibc: begin anew with another vector */
    while (status == L2A_DONE && (found = getopt_long(argc, argv, ":", options, NULL)) != -1) {
        if (found == FOLDER_OPTION)
            init->folder = optarg;
        else if (found >= 256)
            status = take_option(init, &init_options[found - 256]);
        else
            status = command_bad_option("init", found, argv);
    }
    return status;
}

/* What only makes sense together; libldap2alma judges each value. */
static int
check_options(const struct cli *cli, struct init_command *init, int argc, char **argv)
{
    const char *uri = optind < argc ? argv[optind] : NULL;

    if (optind + 1 < argc)
        return command_usage("init", "too many arguments: '%s'", argv[optind + 1]);
    if (cli->config)
        return !uri && init->count == 0
                   ? L2A_DONE
                   : command_usage("init", "the settings of -c say which server and login; nothing "
                                           "else does then");
    if (!uri && !init->has_server)
        return command_usage("init", "which server? Its URI, such as ldaps://ldap.example.edu, or "
                                     "settings with -c");
    if (uri && init->has_server)
        return command_usage("init", "one of --srv and '%s' says where the servers are", uri);
    if (!init->login)
        return command_usage("init", "how to log in? --bind-dn with --password-file, --gssapi, "
                                     "--external or --anonymous");
    if (strcmp(init->login, "bind-dn") == 0 && !init->has_password)
        return command_usage("init", "--bind-dn wants a --password-file");
    if (uri)
        add_setting(init, "uri", uri);
    return L2A_DONE;
}

static int
look(const struct cli *cli, struct init_command *init, int argc, char **argv)
{
    int status = read_options(init, argc, argv);

    if (status == L2A_DONE)
        status = check_options(cli, init, argc, argv);
    if (status != L2A_DONE)
        return status;
    status = l2a_init(cli->feed, cli->config, init->settings, init->count, init->folder);
    if (status != L2A_DONE)
        return command_failed(cli, status);
    terminal_clear();
    fputs(l2a_init_report(cli->feed), stdout);
    return L2A_DONE;
}

int
command_init(struct cli *cli, int argc, char **argv)
{
    struct init_command init = {.folder = "."};
    int status = look(cli, &init, argc, argv);

    for (size_t i = 0; i < init.count; i++)
        free(init.texts[i]);
    return status;
}
