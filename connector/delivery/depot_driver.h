/* depot_driver: what a kind of depot has to do; depot.c does the rest.
 *
 * Functions that fail set err, with ERROR_UNAVAILABLE exactly where the connection is of no more
 * use: the depot is disconnected then.
 */
#ifndef DELIVERY_DEPOT_DRIVER_H
#define DELIVERY_DEPOT_DRIVER_H

#include "delivery/depot.h"
#include "delivery/watch.h"

#include <sys/types.h>
#include <time.h>

enum { DEPOT_PART_BYTES = 128 }; /* the room for a temporary name */

/* What is at the depot under a name. */
struct depot_found {
    bool exists;
    uint64_t bytes;
    mode_t mode;    /* 0: not told */
    time_t changed; /* by the clock there; 0: not told */
};

struct depot_driver {
    bool (*connect)(struct depot *depot, struct error *err);
    bool (*work)(struct depot *depot, const struct depot_work *work, struct error *err);
    bool (*look)(struct depot *depot, const char *name, struct depot_found *ret_found,
                 struct error *err);
    /* Removes the files that depot_is_part(); counts them. False also where nobody may list the
     * names, then with ERROR_PERMISSION. */
    bool (*clean)(struct depot *depot, size_t *ret_removed, struct error *err);
    /* How many bytes there is room for. False: that is not told. */
    bool (*space)(struct depot *depot, uint64_t *ret_bytes, struct error *err);
    void (*disconnect)(struct depot *depot);
};

/* The beginning of each kind's own struct, which is freed with free(). */
struct depot {
    const struct depot_driver *driver;
    const struct messenger *messenger;
    struct target_watch *watch; /* NULL: nobody looks on */
    char *name;
    char *mark;
    bool connected;
    bool replaces_in_two_steps; /* a name is free for a moment before its new file is there */
    uint32_t draw;              /* in the names of temporary files, another for each connection */
    unsigned parts;             /* names that were made */
    bool taken;                 /* a change of this work was made */
    size_t refused;             /* changes of this work */
};

/* `name` is taken over. */
void depot_init(struct depot *depot, const struct depot_driver *driver, char *name,
                const char *mark, const struct messenger *messenger);

/* The connection is of no more use: the depot may be connected again. */
void depot_lose(struct depot *depot);

/* The name of a temporary file that no other ever has, of this connection or another: a server may
 * go on with what a connection had asked for when that is lost already. */
void depot_name_part(struct depot *depot, char ret_part[DEPOT_PART_BYTES]);

/* Whether a name is that of a temporary file with this mark. */
bool depot_is_part(const struct depot *depot, struct slice name);

/* The next change, whose name is one. */
bool depot_take(const struct depot_work *work, struct depot_change *ret_change, bool *ret_more,
                struct error *err);

/* Tells what came of a change. `trouble`: why it was refused, else NULL. When all is refused from
 * the start it is no trouble of single files, and an error. */
bool depot_settle(struct depot *depot, const struct depot_work *work,
                  const struct depot_change *change, enum depot_outcome outcome,
                  const char *trouble, struct error *err);

#endif
