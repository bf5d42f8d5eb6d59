/* target_driver: what a kind of target must be able to do. target.c makes the promise of target.h
 * out of these functions, so that it is made once and alike for every kind.
 *
 * Names are names of files in the target's folder. Functions that fail set err; those that ask
 * the server use ERROR_UNAVAILABLE exactly where the connection is of no more use.
 */
#ifndef DELIVERY_TARGET_DRIVER_H
#define DELIVERY_TARGET_DRIVER_H

#include "delivery/target.h"
#include "delivery/watch.h"

#include <time.h>

/* One file on its way. */
struct upload {
    const char *path; /* of the local file, for messages */
    const char *name; /* at the target, when it is whole */
    char *part;       /* at the target, until then */
    int fd;           /* the local file */
    uint64_t bytes;
};

/* What is at the target under a name. */
struct found {
    bool exists;
    uint64_t bytes;
    time_t changed; /* by the clock there; 0: not told */
};

struct target_driver {
    bool (*connect)(struct target *target, struct error *err);
    bool (*look)(struct target *target, const char *name, struct found *ret_found,
                 struct error *err);
    /* Writes upload->part, which does not exist yet, syncs it where that is offered, closes it. */
    bool (*send)(struct target *target, const struct upload *upload, struct error *err);
    /* Compares upload->name, byte for byte; it has the right size. */
    bool (*same)(struct target *target, const struct upload *upload, bool *ret_same,
                 struct error *err);
    /* Renames upload->part to upload->name. What exists under that name is not replaced. */
    bool (*move)(struct target *target, const struct upload *upload, struct error *err);
    /* True when no such file is left. */
    bool (*remove)(struct target *target, const char *name, struct error *err);
    /* How many bytes there is room for. NULL, or false: that is not told. */
    bool (*space)(struct target *target, uint64_t *ret_bytes, struct error *err);
    void (*disconnect)(struct target *target);
    /* Frees the target, which is not connected. */
    void (*free)(struct target *target);
};

/* The beginning of each kind's own struct. */
struct target {
    const struct target_driver *driver;
    const struct messenger *messenger;
    char *name;
    char *mark; /* in the names of temporary files; NULL: none */
    bool connected;
    /* For progress over several files: what went before, and all of them. total 0: one file. */
    uint64_t sent_before;
    uint64_t total;
    /* Called before a rename is sent, and when it is sure that it did not happen and never will:
     * only then may the temporary file go. NULL: nobody asks. */
    bool (*renaming)(void *context, struct error *err);
    bool (*stayed)(void *context, struct error *err);
    void *renaming_context;
    struct target_watch *watch; /* NULL: nobody looks on */
};

/* Opens the local file of an upload that has a path, a name and fd -1, and names its part; close it
 * also after a failure. */
bool upload_open(const struct target *target, struct upload *upload, struct error *err);
void upload_close(struct upload *upload);

/* The name of a file until it is whole; freed by the caller. */
char *target_part_name(const struct target *target, const char *name);

/* Tells how much of the upload is there. For drivers, while they send. */
void target_tell_progress(const struct target *target, const struct upload *upload, uint64_t sent);

#endif
