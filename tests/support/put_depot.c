/* put_depot: works on a depot by the delivery stage alone, for the live tests and the bench.
 *
 *   put_depot [OPTION…] < CHANGES
 *
 * Each line is "add NAME BYTES LETTER", "replace NAME BYTES LETTER" or "remove NAME"; a file is the
 * letter so often. Prints each message as "LEVEL: text", each change as "done: NAME",
 * "foreign: NAME" or "refused: NAME: why" when it is settled, then "error: …" and "hint: …" on a
 * failure, each on one line; ends with the exit status of the error.
 */
#include "base/arena.h"
#include "delivery/depot.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct line {
    enum depot_action action;
    char name[512];
    size_t bytes;
    char letter;
};

struct setup {
    const char *kind; /* "sftp", "folder" */
    const char *folder;
    const char *mark;
    struct sftp_options sftp;
    bool clean, probe, quiet;
    struct line *lines;
    size_t count, capacity, taken;
    size_t done;
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
say_probe(void *context, const struct probe *probe)
{
    (void)context;
    printf("probe: %s %s: %s\n", probe_verdict_name(probe->verdict), probe->name, probe->text);
}

static bool
next_line(void *context, struct depot_change *ret_change, bool *ret_more, struct error *err)
{
    struct setup *setup = context;
    const struct line *line;

    (void)err;
    *ret_more = setup->taken < setup->count;
    if (!*ret_more)
        return true;
    line = &setup->lines[setup->taken];
    *ret_change = (struct depot_change){line->action, line->name, setup->taken++};
    return true;
}

static bool
load_line(void *context, uint64_t tag, struct buffer *ret_bytes, struct error *err)
{
    const struct setup *setup = context;
    const struct line *line = &setup->lines[tag];

    (void)err;
    memset(buffer_reserve(ret_bytes, line->bytes + 1), line->letter, line->bytes);
    ret_bytes->length = line->bytes;
    return true;
}

static bool
settle_line(void *context, uint64_t tag, enum depot_outcome outcome, const char *trouble,
            struct error *err)
{
    static const char *const names[] = {"done", "foreign", "refused"};
    struct setup *setup = context;

    (void)err;
    setup->done++;
    if (setup->quiet)
        return true;
    printf("%s: %s%s%s\n", names[outcome], setup->lines[tag].name, trouble ? ": " : "",
           trouble ? trouble : "");
    fflush(stdout);
    return true;
}

static const struct option long_options[] = {
    {"kind", required_argument, NULL, 'k'},
    {"folder", required_argument, NULL, 'd'},
    {"mark", required_argument, NULL, 'm'},
    {"host", required_argument, NULL, 'h'},
    {"port", required_argument, NULL, 'p'},
    {"user", required_argument, NULL, 'u'},
    {"key", required_argument, NULL, 'i'},
    {"password", required_argument, NULL, 'w'},
    {"known-hosts", required_argument, NULL, 'K'},
    {"timeout", required_argument, NULL, 't'},
    {"clean", no_argument, NULL, 'C'},
    {"probe", no_argument, NULL, 'P'},
    {"quiet", no_argument, NULL, 'q'},
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
    case 'm':
        setup->mark = value;
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
    case 'w':
        setup->sftp.password.file = value;
        break;
    case 'K':
        setup->sftp.known_hosts = value;
        break;
    case 't':
        setup->sftp.timeout_seconds = (unsigned)atoi(value);
        break;
    case 'C':
        setup->clean = true;
        break;
    case 'P':
        setup->probe = true;
        break;
    case 'q':
        setup->quiet = true;
        break;
    default:
        exit(64);
    }
}

static void
read_lines(struct setup *setup)
{
    static const char *const actions[] = {"add", "replace", "remove"};
    char text[1024], action[16];

    while (fgets(text, sizeof text, stdin)) {
        struct line line = {.action = DEPOT_ADD};
        int found = sscanf(text, "%15s %511s %zu %c", action, line.name, &line.bytes, &line.letter);

        while (line.action <= DEPOT_REMOVE && strcmp(action, actions[line.action]) != 0)
            line.action++;
        if (line.action > DEPOT_REMOVE || found != (line.action == DEPOT_REMOVE ? 2 : 4))
            exit(64);
        memory_grow(&setup->lines, &setup->capacity, setup->count + 1, sizeof line);
        setup->lines[setup->count++] = line;
    }
}

static bool
work(struct setup *setup, struct depot *depot, struct error *err)
{
    const struct depot_work changes = {next_line, load_line, settle_line, setup};
    const struct probe_sink probes = {say_probe, NULL};

    if (setup->probe)
        return depot_probe(depot, &probes);
    return depot_connect(depot, err) && (!setup->clean || depot_clean(depot, err)) &&
           depot_work(depot, &changes, err);
}

int
main(int count, char **arguments)
{
    struct setup setup = {
        .kind = "sftp",
        .mark = "mark",
        .sftp = {.host = "127.0.0.1", .port = 22, .user = "alma", .directory = "."},
    };
    const struct messenger messenger = {.say = say};
    struct error err = ERROR_INIT;
    struct depot *depot;
    int option;
    bool done;

    while ((option = getopt_long(count, arguments, "", long_options, NULL)) != -1)
        take_option(&setup, option, optarg);
    if (!setup.probe)
        read_lines(&setup);
    depot = strcmp(setup.kind, "folder") == 0
                ? depot_open_folder(setup.folder, setup.mark, &messenger)
                : depot_open_sftp(&setup.sftp, setup.mark, &messenger);
    done = work(&setup, depot, &err);
    if (err.code != ERROR_NONE)
        printf("error: %s\n", err.text);
    if (*err.hint)
        printf("hint: %s\n", err.hint);
    printf("settled: %zu of %zu\n", setup.done, setup.count);
    depot_close(depot);
    free(setup.lines);
    return done ? 0 : setup.probe ? 1 : error_exit_status(err.code);
}
