/* confine: takes from this process what it does not need any more, for good and for all that it
 * starts, so that whoever takes it over has little of it.
 *
 * Files and ports by Landlock (base/landlock.h), calls to the kernel by seccomp(2), no new
 * privileges. What is refused fails as anything that is not permitted (EACCES, EPERM). Calls are
 * refused by a list of those that do harm, as what a name service, Kerberos or a TLS library calls
 * is their affair.
 *
 * Not for what decodes pictures, which gets far less: see photos/picture_shut_in.h.
 *
 * Order of use: confine_begin(); allow; confine_enter(), before there is a second thread.
 */
#ifndef BASE_CONFINE_H
#define BASE_CONFINE_H

#include "base/error.h"
#include "base/landlock.h"

#include <stdbool.h>

/* What stays allowed beyond what every confined process may. */
enum confine_wish {
    CONFINE_ANY_PORT = 1,
    CONFINE_PROGRAMS = 2, /* to start those that landlock_allow() has been told */
    CONFINE_KEYS = 4,     /* the kernel's key rings, where Kerberos may keep tickets */
};

/* Why a part could not be had; "": it is there. */
struct confine_gaps {
    const char *files;
    const char *calls;
};

struct confine {
    unsigned wishes;
    struct landlock landlock;
    struct confine_gaps gaps;
};

/* `wishes` is of enum confine_wish. */
void confine_begin(struct confine *confine, unsigned wishes);

/* What everybody on this machine may read of what lies in the folder, but not the names that are
 * told (ends with NULL): each with all below it. */
void confine_allow_public(const struct confine *confine, const char *folder,
                          const char *const *but);

/* From now on, as far as the kernel can. ->gaps tells what it cannot. False where there is a second
 * thread, for which it would not hold: nothing has happened then. */
bool confine_enter(struct confine *confine, struct error *err);

#endif
