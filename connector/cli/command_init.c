#include "cli/command.h"
#include "cli/terminal.h"

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

/* Takes an option that stands for a setting, of which one without a value has it as its name. */
static int
take_setting(struct cli *cli, const struct option_row *row, void *into, const char *value)
{
    static const char folder[] = "directory.";
    struct init_command *init = into;
    bool is_login = !value || strcmp(row->name, "bind-dn") == 0;

    if (init->count + 1 == SETTINGS_MOST)
        return command_usage(cli, "too many options");
    if (is_login && init->login)
        return command_usage(cli, "one login only: --%s or --%s", init->login, row->name);
    if (is_login)
        init->login = row->name;
    if (strcmp(row->name, "password-file") == 0)
        init->has_password = true;
    if (strcmp(row->name, "srv") == 0)
        init->has_server = true;
    add_setting(init, row->setting + strlen(folder), value ? value : row->name);
    return L2A_DONE;
}

#define SETTING(name) .setting = "directory." name, .take = take_setting

static const struct option_row options[] = {
    {"srv", "DOMAIN", "look at the domain controllers that DNS names", SETTING("srv")},
    {"bind-dn", "DN", "log in with this name", SETTING("bind.dn")},
    {"password-file", "FILE", "… and the password in this file", SETTING("bind.password.file")},
    {"anonymous", NULL, "log in as nobody", SETTING("bind.method")},
    {"external", NULL, "log in by the client certificate, or by the socket of ldapi",
     SETTING("bind.method")},
    {"gssapi", NULL, "log in by Kerberos", SETTING("bind.method")},
    {"keytab", "FILE", "… with this keytab; else the ticket that is there", SETTING("bind.keytab")},
    {"principal", "NAME", "… as this principal", SETTING("bind.principal")},
    {"ca-file", "FILE", "the authorities to trust; else the system's", SETTING("tls.ca_file")},
    {"cert-file", "FILE", "the client certificate", SETTING("tls.cert_file")},
    {"key-file", "FILE", "… and its key", SETTING("tls.key_file")},
    {"tls", "MODE", "how the connection is protected", SETTING("tls.mode")},
    {"output", "FOLDER", "the folder to write into; else this one",
     .place = offsetof(struct init_command, folder)},
    {.name = NULL},
};

/* What only makes sense together; libldap2alma judges each value. */
static int
check_options(const struct cli *cli, struct init_command *init, int argc, char **argv)
{
    const char *uri = optind < argc ? argv[optind] : NULL;

    if (cli->config)
        return !uri && init->count == 0
                   ? L2A_DONE
                   : command_usage(cli, "the settings of -c say which server and login; nothing "
                                        "else does then");
    if (!uri && !init->has_server)
        return command_usage(cli, "which server? Its URI, such as ldaps://ldap.example.edu, or "
                                  "settings with -c");
    if (uri && init->has_server)
        return command_usage(cli, "one of --srv and '%s' says where the servers are", uri);
    if (!init->login)
        return command_usage(cli, "how to log in? --bind-dn with --password-file, --gssapi, "
                                  "--external or --anonymous");
    if (strcmp(init->login, "bind-dn") == 0 && !init->has_password)
        return command_usage(cli, "--bind-dn wants a --password-file");
    if (uri)
        add_setting(init, "uri", uri);
    return L2A_DONE;
}

static int
look(struct cli *cli, struct init_command *init, int argc, char **argv)
{
    int status = command_read(cli, init, argc, argv);

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

static int
run(struct cli *cli, int argc, char **argv)
{
    struct init_command init = {.folder = "."};
    int status = look(cli, &init, argc, argv);

    for (size_t i = 0; i < init.count; i++)
        free(init.texts[i]);
    return status;
}

const struct command command_init = {
    "init", "[URI]", "look at a directory, and write first settings, a mapping and its tests",
    options, run};
