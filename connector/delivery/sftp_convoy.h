/* sftp_convoy: many files on their way to a depot at once, over one flow of SFTP.
 *
 * Each of them is a passage (sftp_passage.h), which takes three times the way to the server and
 * back; as many as are on their way share that time.
 */
#ifndef DELIVERY_SFTP_CONVOY_H
#define DELIVERY_SFTP_CONVOY_H

#include "delivery/depot_driver.h"
#include "delivery/sftp_flow.h"

enum {
    SFTP_CONVOY_FILES = 64, /* at once; servers limit how many may be open */
    /* When so many bytes wait for the network no more of them are loaded. */
    SFTP_CONVOY_UNSENT_BYTES = 1 << 20
};

struct sftp_convoy {
    struct depot *depot;
    const struct sftp_options *options;
    struct sftp_flow *flow;
    const struct depot_work *work;
    /* The rest is the convoy's own, and zero. */
    struct error *err;
    bool failed;         /* err is set: what is on its way ends, and nothing new begins */
    bool deaf;           /* the caller failed, and is not asked again */
    bool maybe_full;     /* err may have come from a full disk */
    bool modeless;       /* the server sets no rights */
    bool no_posix;       /* it offers posix-rename, but does not do it */
    size_t active;       /* passages on their way */
    size_t open;         /* files that are open, or about to be */
    size_t most_open;    /* so many the server lets be open */
    size_t waiting;      /* passages that wait for that */
    struct buffer bytes; /* of the file that is about to be sent */
};

/* Works off all changes. After a failure, unless the connection is lost, no temporary file of this
 * convoy is left. */
bool sftp_convoy_work(struct sftp_convoy *convoy, struct error *err);

/* The first failure counts. */
void sftp_convoy_fail(struct sftp_convoy *convoy, const struct error *err);

#endif
