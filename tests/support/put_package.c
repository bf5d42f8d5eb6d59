/* put_package: delivers files by the delivery stage alone, for the live tests.
 *
 *   put_package [OPTION…] FILE=NAME…
 *
 * Prints each message as "LEVEL: text", then "error: …" and "hint: …" on a failure, each on one
 * line; ends with the exit status of the error.
 */
#include "base/arena.h"
#include "delivery/target.h"

#include "delivering.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct setup {
    struct delivering to;
    struct delivery_policy policy;
    bool progress;
};

static void
tell_progress(void *context, const struct progress *progress)
{
    const struct setup *setup = context;

    if (setup->progress)
        printf("progress: %s %" PRIu64 " of %" PRIu64 " %s\n", progress->phase, progress->done,
               progress->total, progress->unit);
}

static const struct option long_options[] = {
    DELIVERING_OPTIONS,
    {"attempts", required_argument, NULL, 'a'},
    {"first-wait", required_argument, NULL, 'W'},
    {"progress", no_argument, NULL, 'v'},
    {NULL, 0, NULL, 0},
};

static void
take_option(struct setup *setup, int option, const char *value)
{
    switch (option) {
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
        if (!delivering_take(&setup->to, option, value))
            exit(64);
    }
}

static struct target *
open_target(const struct delivering *to, const struct messenger *messenger)
{
    if (strcmp(to->kind, "folder") == 0)
        return target_open_folder(to->folder, messenger);
    if (strcmp(to->kind, "openssh") == 0)
        return target_open_openssh(&to->sftp, messenger);
    return target_open_sftp(&to->sftp, messenger);
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
    struct setup setup = {.to = delivering_begin(), .policy = {.attempts = 1}};
    struct messenger messenger = {
        .say = delivering_say, .progress = tell_progress, .context = &setup};
    struct error err = ERROR_INIT;
    struct delivery_file *files;
    struct target *target;
    int option;

    while ((option = getopt_long(count, arguments, "", long_options, NULL)) != -1)
        take_option(&setup, option, optarg);
    count -= optind;
    files = files_of(arguments + optind, count);
    target = open_target(&setup.to, &messenger);
    if (!delivery_send(target, files, (size_t)count, &setup.policy, &messenger, &err))
        delivering_tell(&err);
    for (int i = 0; i < count; i++)
        printf("delivered: %s %s\n", files[i].name, files[i].delivered ? "yes" : "no");
    target_close(target);
    free(files);
    return error_exit_status(err.code);
}
