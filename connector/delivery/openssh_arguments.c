#include "delivery/openssh_arguments.h"

#include "base/buffer.h"
#include "base/secret.h"
#include "delivery/private_key.h"
#include "delivery/sftp_options.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ARGUMENTS_MOST = 32, ALIVE_QUESTIONS = 3 /* unanswered, and ssh gives up */ };

bool
openssh_arguments_check_line(const char *path, struct error *err)
{
    for (const char *c = path; *c; c++) {
        if ((unsigned char)*c < ' ')
            return error_set(err, ERROR_CONFIG, "the path '%s' has control characters", path);
    }
    return true;
}

/* ssh's options know quotes, "%" tokens and "${NAME}". */
static bool
check_path(const char *path, struct error *err)
{
    for (const char *c = path; *c; c++) {
        if (*c == '"' || *c == '\\' || (unsigned char)*c < ' ' || (c[0] == '$' && c[1] == '{'))
            return error_set(err, ERROR_CONFIG, "the path '%s' has letters that ssh cannot be told",
                             path);
    }
    return true;
}

static char *
path_option(struct arena *arena, const char *option, const char *path)
{
    struct buffer text = BUFFER_INIT;
    char *copy;

    buffer_format(&text, "-o%s=\"", option);
    for (; *path; path++)
        buffer_add(&text, *path == '%' ? "%%" : path, *path == '%' ? 2 : 1);
    buffer_add_text(&text, "\"");
    copy = arena_copy(arena, text.data, text.length);
    buffer_free(&text);
    return copy;
}

/* Sees that the key is one that ssh can use without asking anybody. */
static bool
check_key(const struct sftp_options *options, struct error *err)
{
    struct private_key facts;
    struct secret key = {0};
    bool usable;

    if (!secret_load(&options->key, "the SFTP key", &key, err))
        return false;
    usable = private_key_inspect((struct slice){key.data, key.length}, NULL, &facts, err);
    secret_wipe(&key);
    if (!usable && facts.encrypted) {
        error_set(err, ERROR_CONFIG,
                  "it is encrypted, and `transport: openssh` takes no pass "
                  "phrase");
        error_hint(err, "Load the key into an SSH agent and set delivery.sftp.agent.");
    }
    return usable || error_prefix(err, "the SFTP key cannot be used");
}

static const char *
key_path(struct arena *arena, const struct sftp_options *options)
{
    const char *folder = getenv("CREDENTIALS_DIRECTORY");

    if (options->key.credential && folder)
        return arena_format(arena, "%s/%s", folder, options->key.credential);
    return options->key.file;
}

static bool
has_password(const struct sftp_options *options)
{
    return secret_is_set(&options->password);
}

static bool
has_passphrase(const struct sftp_options *options)
{
    return secret_is_set(&options->passphrase);
}

static bool
has_key_in_environment(const struct sftp_options *options)
{
    return options->key.environment != NULL;
}

static bool
lacks_login(const struct sftp_options *options)
{
    return !secret_is_set(&options->key) && !options->agent;
}

static bool
lacks_agent(const struct sftp_options *options)
{
    return !secret_is_set(&options->key) && !getenv("SSH_AUTH_SOCK");
}

static bool
lacks_known_hosts(const struct sftp_options *options)
{
    return !options->known_hosts || options->fingerprint;
}

static bool
lacks_known_hosts_file(const struct sftp_options *options)
{
    return access(options->known_hosts, R_OK) != 0;
}

/* What ssh cannot be given, or would ask a person for. */
static const struct {
    bool (*holds)(const struct sftp_options *options);
    enum error_code code;
    const char *text;
    const char *hint;
} obstacles[] = {
    {has_password, ERROR_CONFIG, "`transport: openssh` cannot log in with a password",
     "Set delivery.sftp.key or delivery.sftp.agent, and no password."},
    {has_passphrase, ERROR_CONFIG, "`transport: openssh` takes no pass phrase",
     "Load the key into an SSH agent and set delivery.sftp.agent."},
    {has_key_in_environment, ERROR_CONFIG,
     "`transport: openssh` cannot take its key from the environment",
     "Keep the key in a file or a systemd credential."},
    {lacks_login, ERROR_CONFIG, "there is nothing to log in with",
     "Set delivery.sftp.key or delivery.sftp.agent."},
    {lacks_agent, ERROR_PERMISSION, "there is no SSH agent here: SSH_AUTH_SOCK is not set",
     "cron and systemd start without an agent; use delivery.sftp.key there."},
    {lacks_known_hosts, ERROR_CONFIG,
     "`transport: openssh` checks the host key by known_hosts alone, not by a fingerprint",
     "Set delivery.sftp.known_hosts, and no fingerprint."},
    {lacks_known_hosts_file, ERROR_CONFIG, "the file of known hosts cannot be read",
     "Set delivery.sftp.known_hosts to a file that the account can read."},
};

static bool
check_options(const struct sftp_options *options, struct error *err)
{
    for (size_t i = 0; i < sizeof obstacles / sizeof obstacles[0]; i++) {
        if (obstacles[i].holds(options)) {
            error_set(err, obstacles[i].code, "%s", obstacles[i].text);
            return error_hint(err, "%s", obstacles[i].hint);
        }
    }
    return openssh_arguments_check_line(options->directory, err) &&
           (!secret_is_set(&options->key) || check_key(options, err));
}

struct arguments {
    const char **items;
    size_t count;
};

static void
add(struct arguments *arguments, const char *item)
{
    arguments->items[arguments->count++] = item;
}

static void
add_fixed(struct arguments *arguments)
{
    /* The user's and the system's ssh_config are left out: only the settings count. */
    static const char *const fixed[] = {
        "sftp",
        "-F",
        "none",
        "-b",
        "-",
        "-oBatchMode=yes",
        "-oStrictHostKeyChecking=yes",
        "-oGlobalKnownHostsFile=/dev/null",
        "-oUpdateHostKeys=no",
        "-oPreferredAuthentications=publickey",
        "-oControlPath=none",
        "-oConnectionAttempts=1",
        "-oLogLevel=DEBUG1",
    };

    for (size_t i = 0; i < sizeof fixed / sizeof fixed[0]; i++)
        add(arguments, fixed[i]);
}

static void
add_login(struct arguments *arguments, struct arena *arena, const struct sftp_options *options,
          const char *key)
{
    add(arguments, key ? path_option(arena, "IdentityFile", key) : "-oIdentityFile=none");
    if (!options->agent) {
        add(arguments, "-oIdentityAgent=none");
        add(arguments, "-oIdentitiesOnly=yes");
    }
    add(arguments, arena_format(arena, "-oUser=%s", options->user));
}

const char *const *
openssh_arguments(struct arena *arena, const struct sftp_options *options, struct error *err)
{
    unsigned seconds = sftp_options_timeout_seconds(options);
    unsigned interval = seconds < ALIVE_QUESTIONS ? 1 : seconds / ALIVE_QUESTIONS;
    struct arguments arguments = {
        .items = arena_alloc(arena, ARGUMENTS_MOST * sizeof *arguments.items),
    };
    const char *key = key_path(arena, options);

    if (!check_options(options, err) || !check_path(options->known_hosts, err) ||
        (key && !check_path(key, err)))
        return NULL;
    add_fixed(&arguments);
    add(&arguments, path_option(arena, "UserKnownHostsFile", options->known_hosts));
    add_login(&arguments, arena, options, key);
    add(&arguments, arena_format(arena, "-oPort=%u", options->port));
    add(&arguments, arena_format(arena, "-oConnectTimeout=%u", seconds));
    add(&arguments, arena_format(arena, "-oServerAliveInterval=%u", interval));
    add(&arguments, arena_format(arena, "-oServerAliveCountMax=%d", ALIVE_QUESTIONS));
    add(&arguments, "--");
    add(&arguments, arena_format(arena, strchr(options->host, ':') ? "[%s]" : "%s", options->host));
    return arguments.items;
}
