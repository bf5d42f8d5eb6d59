/* picture_shut_in: takes from a process whatever it does not need to decode pictures.
 *
 * Whoever takes over a decoder by a hostile picture finds a process that can read and write one
 * socket, have memory up to a bound, and end. Anything else ends it (SIGSYS): the kernel's seccomp
 * filter, no new privileges, limits on memory and time, no files where the kernel has Landlock, no
 * look at it from outside (not dumpable).
 *
 * Order of use: picture_walls_new() before foreign bytes are there, in the process that only
 * starts others; picture_shut_in() in each of these. Both hold for good.
 */
#ifndef PHOTOS_PICTURE_SHUT_IN_H
#define PHOTOS_PICTURE_SHUT_IN_H

#include <stdbool.h>

enum {
    PICTURE_SOCKET = 0,  /* the descriptor for questions and answers */
    PICTURE_CONTROL = 1, /* where only the process outside says that one inside has ended */
    PICTURE_MEMORY_BYTES_MOST = 768 * 1024 * 1024,
    PICTURE_CPU_SECONDS_MOST = 20
};

struct picture_walls;

/* NULL where the system cannot do it. Never freed: it is for a process that only ends. */
struct picture_walls *picture_walls_new(void);

/* Closes all but the socket. False: not shut in, nothing foreign must be read. */
bool picture_shut_in(struct picture_walls *walls);

#endif
