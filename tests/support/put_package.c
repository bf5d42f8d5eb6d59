/* put_package: delivers files by the delivery stage alone, for the live tests.
 *
 *   put_package [OPTION…] FILE=NAME…
 *
 * Prints each message as "LEVEL: text", then "error: …" and "hint: …" on a failure, each on one
 * line; ends with the exit status of the error.
 */
#include "base/arena.h"
#include "delivery/target.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct setup {
    const char *kind; /* "sftp", "openssh", "folder" */
    const char *folder;
    struct sftp_options sftp;
    struct delivery_policy policy;
    bool progress;
};

static void
say(void *context, enum message_level level, const char *text)
{
    static const char *const names[] = {"error", "warning", "notice", "info", "debug"};

    (void)context;
    printf("%s: %s\n", names[level], text);
    fflush(stdout);
}

static void
tell_progress(void *context, const struct progress *progress)
{
    const struct setup *setup = context;

    if (setup->progress)
        printf("progress: %s %" PRIu64 " of %" PRIu64 " %s\n", progress->phase, progress->done,
               progress->total, progress->unit);
}

static const struct option long_options[] = {
    {"kind", required_argument, NULL, 'k'},
    {"folder", required_argument, NULL, 'd'},
    {"host", required_argument, NULL, 'h'},
    {"port", required_argument, NULL, 'p'},
    {"user", required_argument, NULL, 'u'},
    {"key", required_argument, NULL, 'i'},
    {"key-credential", required_argument, NULL, 'c'},
    {"passphrase", required_argument, NULL, 'P'},
    {"password", required_argument, NULL, 'w'},
    {"agent", no_argument, NULL, 'A'},
    {"known-hosts", required_argument, NULL, 'K'},
    {"fingerprint", required_argument, NULL, 'F'},
    {"timeout", required_argument, NULL, 't'},
    {"attempts", required_argument, NULL, 'a'},
    {"first-wait", required_argument, NULL, 'W'},
    {"progress", no_argument, NULL, 'v'},
    {NULL, 0, NULL, 0},
};

static void
take_option(struct setup *setup, int option, const char *value)
{
    switch (option) {
    case 'k':
        setup->kind = value;
        break;
    case 'd':
        setup->folder = setup->sftp.directory = value;
        break;
    case 'h':
        setup->sftp.host = value;
        break;
    case 'p':
        setup->sftp.port = (unsigned)atoi(value);
        break;
    case 'u':
        setup->sftp.user = value;
        break;
    case 'i':
        setup->sftp.key.file = value;
        break;
    case 'c':
        setup->sftp.key.credential = value;
        break;
    case 'P':
        setup->sftp.passphrase.file = value;
        break;
    case 'w':
        setup->sftp.password.file = value;
        break;
    case 'A':
        setup->sftp.agent = true;
        break;
    case 'K':
        setup->sftp.known_hosts = value;
        break;
    case 'F':
        setup->sftp.fingerprint = value;
        break;
    case 't':
        setup->sftp.timeout_seconds = (unsigned)atoi(value);
        break;
    case 'a':
        setup->policy.attempts = (unsigned)atoi(value);
        break;
    case 'W':
        setup->policy.first_wait_seconds = (unsigned)atoi(value);
        break;
    case 'v':
        setup->progress = true;
        break;
    default:
        exit(64);
    }
}

static struct target *
open_target(const struct setup *setup, const struct messenger *messenger)
{
    if (strcmp(setup->kind, "folder") == 0)
        return target_open_folder(setup->folder, messenger);
    if (strcmp(setup->kind, "openssh") == 0)
        return target_open_openssh(&setup->sftp, messenger);
    return target_open_sftp(&setup->sftp, messenger);
}

static struct delivery_file *
files_of(char **arguments, int count)
{
    struct delivery_file *files = memory_zero((size_t)count + 1, sizeof *files);

    for (int i = 0; i < count; i++) {
        char *equals = strchr(arguments[i], '=');

        if (!equals)
            exit(64);
        *equals = '\0';
        files[i] = (struct delivery_file){.path = arguments[i], .name = equals + 1};
    }
    return files;
}

int
main(int count, char **arguments)
{
    struct setup setup = {
        .kind = "sftp",
        .sftp = {.host = "127.0.0.1", .port = 22, .user = "alma", .directory = "."},
        .policy = {.attempts = 1},
    };
    struct messenger messenger = {.say = say, .progress = tell_progress, .context = &setup};
    struct error err = ERROR_INIT;
    struct delivery_file *files;
    struct target *target;
    int option;

    while ((option = getopt_long(count, arguments, "", long_options, NULL)) != -1)
        take_option(&setup, option, optarg);
    count -= optind;
    files = files_of(arguments + optind, count);
    target = open_target(&setup, &messenger);
    if (!delivery_send(target, files, (size_t)count, &setup.policy, &messenger, &err)) {
        printf("error: %s\n", err.text);
        if (*err.hint)
            printf("hint: %s\n", err.hint);
    }
    for (int i = 0; i < count; i++)
        printf("delivered: %s %s\n", files[i].name, files[i].delivered ? "yes" : "no");
    target_close(target);
    free(files);
    return error_exit_status(err.code);
}
