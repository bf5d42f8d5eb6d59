/* sync_message: what a server says in the Content Synchronization Operation (RFC 4533 section 2),
 * taken apart. Pure functions on bytes that are not trusted; all slices are of them.
 */
#ifndef DIRECTORY_SYNC_MESSAGE_H
#define DIRECTORY_SYNC_MESSAGE_H

#include "base/slice.h"

#include <stdbool.h>

enum sync_state_kind { SYNC_PRESENT, SYNC_ADD, SYNC_MODIFY, SYNC_DELETE };

/* syncStateValue: stands with an entry. */
struct sync_state {
    enum sync_state_kind kind;
    struct slice id;     /* 16 bytes */
    struct slice cookie; /* SLICE_NONE: none came */
};

/* syncDoneValue: stands with the end of the search. */
struct sync_done {
    struct slice cookie;
    bool deletes; /* who has gone was named; else who was not mentioned has */
};

enum sync_info_kind { SYNC_NEW_COOKIE, SYNC_REFRESH_DELETE, SYNC_REFRESH_PRESENT, SYNC_ID_SET };

/* syncInfoValue: between the entries. */
struct sync_info {
    enum sync_info_kind kind;
    struct slice cookie;
    bool deletes;     /* of an id set: these have gone; else they are still there */
    struct slice ids; /* the inside of the set, for sync_next_id() */
};

bool sync_state_parse(struct slice value, struct sync_state *ret_state);
bool sync_done_parse(struct slice value, struct sync_done *ret_done);
bool sync_info_parse(struct slice value, struct sync_info *ret_info);

/* The next id of the set, 16 bytes. False at its end. */
bool sync_next_id(struct slice *ids, struct slice *ret_id);

#endif
