/* depot: where files lie that are replaced and removed under names that stay: photos on their
 * server. Implemented by sftp_depot.c and folder_depot.c. Packages, which go to Alma once and are
 * never replaced, have delivery/target.h.
 *
 * The promise: whoever reads `name` at any moment gets one whole file, the one before or the new
 * one. It is uploaded under a temporary name that begins with a dot and does not have the files'
 * suffix, synced where the server can, and renamed over what is there. What is not ours is not
 * touched: DEPOT_ADD never replaces.
 *
 * Over SFTP many files are in flight on one connection, so that the network and not the way to the
 * server and back is the limit.
 *
 * Order of use: open, connect, clean where an earlier run was cut short, work as often as needed,
 * close. After ERROR_UNAVAILABLE the connection is gone: connect again, and clean.
 */
#ifndef DELIVERY_DEPOT_H
#define DELIVERY_DEPOT_H

#include "base/buffer.h"
#include "base/error.h"
#include "base/message.h"
#include "base/probe.h"
#include "delivery/target.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct depot;

/* The options are borrowed for the depot's life; of sftp_options.transport there is only ours.
 * Files are made readable for all (0644). `mark`: as of target_set_mark(). */
struct depot *depot_open_folder(const char *folder, const char *mark,
                                const struct messenger *messenger);
struct depot *depot_open_sftp(const struct sftp_options *options, const char *mark,
                              const struct messenger *messenger);
void depot_close(struct depot *depot);

/* "sftp://alma@host:22/photos" or the folder. */
const char *depot_name(const struct depot *depot);

/* Connects, logs in, and sees that the directory is there. */
bool depot_connect(struct depot *depot, struct error *err);

/* Tries all that a delivery needs, as target_probe(): nothing is left behind. */
bool depot_probe(struct depot *depot, const struct probe_sink *probes);

enum depot_action {
    DEPOT_ADD,     /* nothing may be there under this name: else DEPOT_FOREIGN */
    DEPOT_REPLACE, /* what is there is ours, or is to be taken over */
    DEPOT_REMOVE   /* what is there is ours */
};

enum depot_outcome {
    DEPOT_DONE,    /* also: what was to be removed is not there */
    DEPOT_FOREIGN, /* DEPOT_ADD: there is a file of that name; it is as it was */
    DEPOT_REFUSED  /* the server will not have this one (its name, say); others may go on */
};

struct depot_change {
    enum depot_action action;
    const char *name; /* a plain file name, which must stay valid until `settled` */
    uint64_t tag;     /* the caller's */
};

/* After one of these returned false none of them is called any more. */
struct depot_work {
    /* The next change; false in *ret_more: there is none. */
    bool (*next)(void *context, struct depot_change *ret_change, bool *ret_more, struct error *err);
    /* The bytes of a file that is about to be sent, into the empty buffer. */
    bool (*load)(void *context, uint64_t tag, struct buffer *ret_bytes, struct error *err);
    /* A change is done, in any order; `trouble` says why where it was refused. */
    bool (*settled)(void *context, uint64_t tag, enum depot_outcome outcome, const char *trouble,
                    struct error *err);
    void *context;
};

/* Works off all changes, in any order, so each name may come but once. After a failure what was not
 * settled may have been done or not; to do it again is harmless, with DEPOT_REPLACE in place of
 * DEPOT_ADD. No temporary file is left then unless the connection was lost. When the first
 * hundred changes were all refused that is ERROR_WRITE. Errors as of target.h; no retry:
 * `transient` says whether a later attempt may succeed. */
bool depot_work(struct depot *depot, const struct depot_work *work, struct error *err);

/* How long the file is that is there under the name; *ret_exists says whether there is one. */
bool depot_look(struct depot *depot, const char *name, bool *ret_exists, uint64_t *ret_bytes,
                struct error *err);

/* Takes away temporary files of ours (of this mark) that an earlier run left when it was killed.
 * It has to list the whole directory, so it is for after such a run. True also where the server
 * does not let it be listed. */
bool depot_clean(struct depot *depot, struct error *err);

#endif
