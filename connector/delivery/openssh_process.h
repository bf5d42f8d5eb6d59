/* openssh_process: a conversation with the system's sftp program in batch mode.
 *
 * Order of use: openssh_process_start(), commands one by one, openssh_process_stop(). Behind each
 * command goes a comment line, which sftp echoes when it comes to it: then the command is done.
 * Commands begin with '-', or sftp ends at the first that fails.
 *
 * Not for wording what went wrong: see openssh_error.h.
 */
#ifndef DELIVERY_OPENSSH_PROCESS_H
#define DELIVERY_OPENSSH_PROCESS_H

#include "base/buffer.h"
#include "base/error.h"

#include <stdbool.h>
#include <sys/types.h>

struct openssh_process {
    pid_t pid; /* 0: none */
    int input;
    int output;
    int complaints;
    unsigned marks;
    struct buffer said;       /* what the last command printed, NUL-terminated */
    struct buffer complained; /* what came on stderr meanwhile, NUL-terminated */
};

enum openssh_state {
    OPENSSH_READY, /* the command is done, well or not */
    OPENSSH_ENDED, /* sftp has ended: the connection was lost, or never came */
    OPENSSH_SILENT /* the time limit passed */
};

/* Runs arguments[0] of PATH, without a terminal. `process` is zeroed or was stopped. */
bool openssh_process_start(struct openssh_process *process, const char *const *arguments,
                           struct error *err);

/* One command, without its line end; NULL waits until sftp is ready for the first. */
enum openssh_state openssh_process_command(struct openssh_process *process, const char *command,
                                           unsigned limit_seconds);

/* Ends the program, by force where it must be. Twice is harmless. */
void openssh_process_stop(struct openssh_process *process);

#endif
