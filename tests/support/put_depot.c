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

#include "delivering.h"

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
    struct delivering to;
    const char *mark;
    bool clean, probe, quiet;
    struct line *lines;
    size_t count, capacity, taken;
    size_t done;
};

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
    DELIVERING_OPTIONS,
    {"mark", required_argument, NULL, 'm'},
    {"clean", no_argument, NULL, 'C'},
    {"probe", no_argument, NULL, 'O'},
    {"quiet", no_argument, NULL, 'q'},
    {NULL, 0, NULL, 0},
};

static void
take_option(struct setup *setup, int option, const char *value)
{
    switch (option) {
    case 'm':
        setup->mark = value;
        break;
    case 'C':
        setup->clean = true;
        break;
    case 'O':
        setup->probe = true;
        break;
    case 'q':
        setup->quiet = true;
        break;
    default:
        if (!delivering_take(&setup->to, option, value))
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
    struct setup setup = {.to = delivering_begin(), .mark = "mark"};
    const struct messenger messenger = {.say = delivering_say};
    struct error err = ERROR_INIT;
    struct depot *depot;
    int option;
    bool done;

    while ((option = getopt_long(count, arguments, "", long_options, NULL)) != -1)
        take_option(&setup, option, optarg);
    if (!setup.probe)
        read_lines(&setup);
    depot = strcmp(setup.to.kind, "folder") == 0
                ? depot_open_folder(setup.to.folder, setup.mark, &messenger)
                : depot_open_sftp(&setup.to.sftp, setup.mark, &messenger);
    done = work(&setup, depot, &err);
    delivering_tell(&err);
    printf("settled: %zu of %zu\n", setup.done, setup.count);
    depot_close(depot);
    free(setup.lines);
    return done ? 0 : setup.probe ? 1 : error_exit_status(err.code);
}
