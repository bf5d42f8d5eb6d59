/* landlock: what files and ports this process can still reach (Linux's Landlock, kernel's
 * Documentation/userspace-api/landlock.rst), for good and for all that it starts.
 *
 * A set of rules allows; what no rule names is refused with EACCES. Rules are for what lies at the
 * path now: a file that later takes its place is another one. Descriptors that are open stay of
 * use, sockets of the local machine can be connected to as ever, and nothing is said of what
 * stat(2) tells.
 *
 * Not for what may be called: see base/confine.h, which is what others use.
 *
 * Order of use: landlock_begin(); allow; landlock_enter(). The process needs PR_SET_NO_NEW_PRIVS.
 */
#ifndef BASE_LANDLOCK_H
#define BASE_LANDLOCK_H

#include <stdbool.h>
#include <stdint.h>

enum landlock_access {
    LANDLOCK_READ = 1,
    LANDLOCK_WRITE = 2,          /* in a folder also: make, remove, rename */
    LANDLOCK_START = 4,          /* as a program */
    LANDLOCK_REMOVE_FOLDERS = 8, /* that are empty */
};

enum landlock_reach {
    LANDLOCK_ALL_PORTS = 1, /* of TCP; without, those that are allowed */
};

struct landlock {
    int rules;   /* -1: the kernel has no Landlock, or must not use it: errno at begin */
    int version; /* of the kernel's interface, 0: none */
    bool ports;  /* TCP is bound to rules, too: since version 4 */
};

/* `reach` is of enum landlock_reach. False where there is none; the rest then does nothing. */
bool landlock_begin(struct landlock *landlock, unsigned reach);

/* What lies at the path, links followed, and in a folder all below it; `access` is of enum
 * landlock_access. What is not there is passed over. */
void landlock_allow(const struct landlock *landlock, const char *path, unsigned access);

/* The same for what is open (O_PATH is enough). */
void landlock_allow_open(const struct landlock *landlock, int fd, unsigned access);

/* Connections to this port of TCP. */
void landlock_allow_port(const struct landlock *landlock, uint16_t port);

/* From now on. False with errno where the kernel refuses. Frees the rules in any case. */
bool landlock_enter(struct landlock *landlock);

#endif
