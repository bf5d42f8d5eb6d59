/* picture_process: one process that decodes, as seen from outside.
 *
 * Order of use: start; then ask and step, until step says that it is done, as often as needed;
 * stop. After anything but PICTURE_DONE the process is to be stopped.
 */
#ifndef PHOTOS_PICTURE_PROCESS_H
#define PHOTOS_PICTURE_PROCESS_H

#include "base/buffer.h"
#include "photos/picture_wire.h"

#include <sys/types.h>

/* As what the program ends. */
enum picture_exit {
    PICTURE_EXIT_DONE,
    PICTURE_EXIT_RULES,
    PICTURE_EXIT_LIBRARIES,
    PICTURE_EXIT_WALLS,
    PICTURE_EXIT_INSIDE
};

enum picture_step {
    PICTURE_WORKING,
    PICTURE_DONE, /* the answer is there */
    PICTURE_GONE, /* the process has ended */
    PICTURE_LIES  /* what it says is no answer */
};

struct picture_process {
    pid_t pid; /* 0: not started */
    int socket, control;
    struct buffer question, said;
    size_t sent;
    bool busy;
    uint64_t tag, waited_ns; /* the asker's */
    struct picture_answer answer;
};

/* `program` is its path. Waits until it is shut in. ERROR_CONFIG, ERROR_INTERNAL. */
bool picture_process_start(struct picture_process *process, const char *program,
                           const struct picture_rules *rules, struct error *err);

/* Up to PICTURE_SOURCES_MOST pictures, which are copied. */
void picture_process_ask(struct picture_process *process, const struct slice *values, size_t count);

/* Goes on with sending and receiving as far as that does not block. */
enum picture_step picture_process_step(struct picture_process *process,
                                       const struct picture_rules *rules);

/* After PICTURE_DONE: the new picture, until the next question. */
struct slice picture_process_file(const struct picture_process *process);

/* Ends it and all that it has started, whatever they do. */
void picture_process_stop(struct picture_process *process);

#endif
