#include "photos/pictures.h"

#include "base/arena.h"
#include "photos/picture_process.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

enum { SECONDS_MOST = 10, PROCESSES_MOST = 64, NS_PER_MS = 1000 * 1000 };
static const uint64_t NS_PER_SECOND = 1000 * 1000 * 1000;

struct pictures {
    struct picture_rules rules;
    struct picture_sink sink;
    const struct messenger *messenger;
    struct arena *arena;
    const char *program;
    uint64_t limit_ns;
    struct picture_process *processes; /* rules.processes */
    struct pollfd *polls;              /* two for each */
};

static uint64_t
now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * NS_PER_SECOND + (uint64_t)now.tv_nsec;
}

static unsigned
count_processors(void)
{
    long count = sysconf(_SC_NPROCESSORS_ONLN);

    return count < 1 ? 1 : (unsigned)count;
}

static bool
start(struct pictures *pictures, struct picture_process *process, struct error *err)
{
    if (!picture_process_start(process, pictures->program, &pictures->rules, err))
        return false;
    message_say(pictures->messenger, MESSAGE_DEBUG, "process %ld decodes pictures, shut in",
                (long)process->pid);
    return true;
}

const char *
pictures_program(struct arena *arena)
{
    const char *folder = secure_getenv("LDAP2ALMA_LIBEXEC");

    return arena_format(arena, "%s/picture", folder ? folder : PKGLIBEXECDIR);
}

struct pictures *
pictures_open(const struct picture_rules *rules, const struct picture_sink *sink,
              const struct messenger *messenger, struct error *err)
{
    struct pictures *pictures = memory_zero(1, sizeof *pictures);
    unsigned *count = &pictures->rules.processes;

    pictures->rules = *rules;
    pictures->sink = *sink;
    pictures->messenger = messenger;
    pictures->limit_ns = (rules->seconds ? rules->seconds : SECONDS_MOST) * NS_PER_SECOND;
    if (pictures->rules.max_bytes > PICTURE_FILE_BYTES_MOST)
        pictures->rules.max_bytes = PICTURE_FILE_BYTES_MOST;
    if (*count == 0)
        *count = count_processors();
    if (*count > PROCESSES_MOST)
        *count = PROCESSES_MOST;
    pictures->arena = arena_new();
    pictures->program = pictures_program(pictures->arena);
    pictures->processes = memory_zero(*count, sizeof *pictures->processes);
    pictures->polls = memory_zero(*count, 2 * sizeof *pictures->polls);
    for (unsigned i = 0; i < *count; i++)
        pictures->processes[i] = (struct picture_process){.socket = -1, .control = -1};
    if (start(pictures, &pictures->processes[0], err))
        return pictures;
    pictures_close(pictures);
    return NULL;
}

static bool
tell(struct pictures *pictures, uint64_t tag, enum picture_trouble trouble, struct error *err)
{
    struct picture picture = {
        .tag = tag, .bytes = SLICE_NONE, .trouble = picture_trouble_text(trouble)};

    return pictures->sink.made(pictures->sink.context, &picture, err);
}

/* Whoever did not end as it should is not asked again. */
static bool
give_up(struct pictures *pictures, struct picture_process *process, enum picture_trouble trouble,
        struct error *err)
{
    uint64_t tag = process->tag;

    message_say(pictures->messenger, MESSAGE_INFO, "process %ld is replaced: a picture %s",
                (long)process->pid, picture_trouble_text(trouble));
    picture_process_stop(process);
    return tell(pictures, tag, trouble, err);
}

static bool
hand_over(struct pictures *pictures, struct picture_process *process, struct error *err)
{
    const struct picture_answer *answer = &process->answer;
    struct picture picture = {.tag = process->tag,
                              .bytes = picture_process_file(process),
                              .width = answer->width,
                              .height = answer->height};

    process->busy = false;
    if (answer->trouble != PICTURE_FINE)
        return tell(pictures, process->tag, answer->trouble, err);
    return pictures->sink.made(pictures->sink.context, &picture, err);
}

static bool
look_after(struct pictures *pictures, struct picture_process *process, struct error *err)
{
    switch (picture_process_step(process, &pictures->rules)) {
    case PICTURE_DONE:
        return hand_over(pictures, process, err);
    case PICTURE_GONE:
        return give_up(pictures, process, PICTURE_ENDED, err);
    case PICTURE_LIES:
        return give_up(pictures, process, PICTURE_FALSE, err);
    case PICTURE_WORKING:
        break;
    }
    if (process->waited_ns >= pictures->limit_ns)
        return give_up(pictures, process, PICTURE_TOO_SLOW, err);
    return true;
}

/* Waits for whatever comes next of those at work. Only time that is spent here counts against
 * them: while somebody else is at work they may wait for us. */
static bool
pump(struct pictures *pictures, struct error *err)
{
    uint64_t patience = pictures->limit_ns, before = now_ns(), waited;
    nfds_t count = 0;

    for (unsigned i = 0; i < pictures->rules.processes; i++) {
        const struct picture_process *process = &pictures->processes[i];
        bool to_say = process->sent < process->question.length;

        if (!process->busy)
            continue;
        pictures->polls[count++] = (struct pollfd){process->control, POLLIN, 0};
        pictures->polls[count++] =
            (struct pollfd){process->socket, (short)(to_say ? POLLIN | POLLOUT : POLLIN), 0};
        if (pictures->limit_ns - process->waited_ns < patience)
            patience = pictures->limit_ns - process->waited_ns;
    }
    if (poll(pictures->polls, count, (int)(patience / NS_PER_MS) + 1) < 0 && errno != EINTR)
        return error_set(err, ERROR_INTERNAL, "cannot wait for pictures: %s", strerror(errno));
    waited = now_ns() - before;
    for (unsigned i = 0; i < pictures->rules.processes; i++) {
        struct picture_process *process = &pictures->processes[i];

        if (!process->busy)
            continue;
        process->waited_ns += waited;
        if (!look_after(pictures, process, err))
            return false;
    }
    return true;
}

static struct picture_process *
find_idle(struct pictures *pictures)
{
    struct picture_process *fresh = NULL;

    for (unsigned i = 0; i < pictures->rules.processes; i++) {
        struct picture_process *process = &pictures->processes[i];

        if (process->pid && !process->busy)
            return process;
        if (!process->pid)
            fresh = process;
    }
    return fresh;
}

/* Those that are small enough to be looked at; the trouble where none is. */
static enum picture_trouble
choose(const struct slice *values, size_t count, struct slice *chosen, size_t *ret_chosen)
{
    size_t total = 0;

    *ret_chosen = 0;
    if (count > PICTURE_SOURCES_MOST)
        return PICTURE_TOO_MANY;
    for (size_t i = 0; i < count; i++)
        if (values[i].length <= PICTURE_SOURCE_BYTES_MOST) {
            chosen[(*ret_chosen)++] = values[i];
            total += values[i].length;
        }
    if (total > PICTURE_REQUEST_BYTES_MOST || (count > 0 && *ret_chosen == 0))
        return PICTURE_TOO_MANY_BYTES;
    return *ret_chosen > 0 ? PICTURE_FINE : PICTURE_EMPTY;
}

bool
pictures_make(struct pictures *pictures, uint64_t tag, const struct slice *values, size_t count,
              struct error *err)
{
    struct slice chosen[PICTURE_SOURCES_MOST];
    size_t chosen_count;
    enum picture_trouble trouble = choose(values, count, chosen, &chosen_count);
    struct picture_process *process;

    if (trouble != PICTURE_FINE)
        return tell(pictures, tag, trouble, err);
    while (!(process = find_idle(pictures)))
        if (!pump(pictures, err))
            return false;
    if (!process->pid && !start(pictures, process, err))
        return false;
    process->tag = tag;
    picture_process_ask(process, chosen, chosen_count);
    return look_after(pictures, process, err);
}

bool
pictures_finish(struct pictures *pictures, struct error *err)
{
    for (unsigned i = 0; i < pictures->rules.processes; i++)
        while (pictures->processes[i].busy)
            if (!pump(pictures, err))
                return false;
    return true;
}

void
pictures_close(struct pictures *pictures)
{
    if (!pictures)
        return;
    for (unsigned i = 0; i < pictures->rules.processes; i++)
        picture_process_stop(&pictures->processes[i]);
    arena_free(pictures->arena);
    free(pictures->processes);
    free(pictures->polls);
    free(pictures);
}
