#include "cli/command.h"
#include "cli/terminal.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct push_options {
    unsigned flags;
    const char **attributes;
    size_t count;
};

#define AT(member) .place = offsetof(struct push_options, member)

static const struct option_row put_options[] = {
    {"release", "BRAKE", "missing: make a new store where the one that was is lost",
     .take = command_release},
    {.name = NULL},
};

static const struct option_row missing_options[] = {
    {"missing-ok", NULL, "who is not there is no failure", AT(flags), .flag = L2A_MISSING_OK},
    {.name = NULL},
};

static int
take_attribute(struct cli *cli, const struct option_row *row, void *into, const char *value)
{
    struct push_options *push = into;

    (void)row;
    push->attributes = realloc(push->attributes, (push->count + 1) * sizeof *push->attributes);
    if (!push->attributes)
        return command_usage(cli, "too many attributes");
    push->attributes[push->count++] = value;
    return L2A_DONE;
}

static const struct option_row list_options[] = {
    {"attribute", "NAME", "only this attribute; may be repeated", .take = take_attribute},
    {.name = NULL},
};

/* Reads the options and loads the settings, as all four begin; `writes`: it changes what is kept.
 */
static int
begin(struct cli *cli, struct push_options *push, bool writes, int argc, char **argv)
{
    int status = command_read(cli, push, argc, argv);

    if (status == L2A_DONE && cli->command->arguments[0] != '[' && optind == argc)
        return command_usage(cli, "whom? A DN, a match identifier or an immutable id");
    if (status == L2A_DONE)
        status = command_load(cli);
    if (status == L2A_DONE && writes)
        status = command_confine(cli, true, NULL, 0);
    return status;
}

/* Of a stream that was never begun there is nothing to count. */
static void
print_counts(const struct cli *cli, int status)
{
    const struct l2a *feed = cli->feed;
    uint64_t held = l2a_put_counted(feed, L2A_PUT_HELD),
             skipped = l2a_put_counted(feed, L2A_PUT_SKIPPED);

    if (cli->quiet || (l2a_put_counted(feed, L2A_PUT_TAKEN) == 0 && status != L2A_DONE &&
                       status != L2A_STOPPED && status != L2A_DATA))
        return;
    fprintf(stderr, "%" PRIu64 " taken", l2a_put_counted(feed, L2A_PUT_TAKEN));
    if (held > 0)
        fprintf(stderr, " (%" PRIu64 " held)", held);
    if (skipped > 0 && cli->level >= L2A_INFO)
        fprintf(stderr, " (%" PRIu64 " left out by the mapping)", skipped);
    fprintf(stderr, ", %" PRIu64 " refused, %" PRIu64 " as they were\n",
            l2a_put_counted(feed, L2A_PUT_REFUSED), l2a_put_counted(feed, L2A_PUT_SAME));
}

static int
put(struct cli *cli, int argc, char **argv)
{
    struct push_options push = {0, NULL, 0};
    int status = begin(cli, &push, true, argc, argv);

    if (status != L2A_DONE)
        return status;
    status = l2a_put_ldif(cli->feed, optind < argc ? argv[optind] : "-");
    terminal_clear();
    if (status != L2A_DONE)
        command_failed(cli, status);
    print_counts(cli, status);
    return status;
}

const struct command command_put = {
    "put", "[FILE]", "take people and changes of them from LDIF, for the next delivery",
    put_options, put};

static int
remove_people(struct cli *cli, int argc, char **argv)
{
    struct push_options push = {0, NULL, 0};
    int status = begin(cli, &push, true, argc, argv), worst = status;

    if (status != L2A_DONE)
        return status;
    for (; optind < argc; optind++) {
        status = l2a_remove(cli->feed, argv[optind], push.flags);
        if (status != L2A_DONE)
            worst = command_failed(cli, status);
    }
    return worst;
}

const struct command command_remove = {
    "remove", "WHO...", "remove people who were put: they leave with the next delivery",
    missing_options, remove_people};

static int
get(struct cli *cli, int argc, char **argv)
{
    struct push_options push = {0, NULL, 0};
    int status = begin(cli, &push, false, argc, argv);

    if (status != L2A_DONE)
        return status;
    status = l2a_get(cli->feed, argv[optind], push.flags);
    if (status != L2A_DONE)
        return command_failed(cli, status);
    fputs(l2a_got(cli->feed), stdout);
    return L2A_DONE;
}

const struct command command_get = {"get", "WHO", "print a person as last put, as LDIF",
                                    missing_options, get};

static int
print_ldif(void *context, const char *ldif, size_t length)
{
    (void)context;
    return fwrite(ldif, 1, length, stdout) != length;
}

static int
list(struct cli *cli, int argc, char **argv)
{
    struct push_options push = {0, NULL, 0};
    int status = begin(cli, &push, false, argc, argv);

    if (status == L2A_DONE) {
        status = l2a_list(cli->feed, optind < argc ? argv[optind] : NULL, push.attributes,
                          push.count, print_ldif, NULL);
        if (status != L2A_DONE)
            command_failed(cli, status);
    }
    free(push.attributes);
    return status;
}

const struct command command_list = {"list", "[FILTER]",
                                     "print everybody who was put and was not removed, as LDIF",
                                     list_options, list};
