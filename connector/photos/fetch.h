/* fetch: reads pictures that lie elsewhere: at a URL or in a file that an attribute names.
 *
 * The directory's values are a stranger's: nothing is read but below the one URL or folder that
 * the settings allow, no redirect is followed, no link, and never more than `most_bytes` are taken.
 * Several URLs are fetched at a time.
 *
 * A version tells whether a picture is still the one that was read: ETag or Last-Modified of the
 * server, or inode, size and times of the file. Whoever gives the version that was read last gets
 * FETCH_SAME in place of the bytes where nothing has changed. It is bound to the value. What was
 * written so lately that it might change once more within the same tick has none.
 *
 * What befalls one picture is its outcome. A server that does not answer, or a folder that is not
 * there, concerns everybody: then the functions fail (ERROR_UNAVAILABLE, ERROR_PERMISSION for a
 * certificate, ERROR_CONFIG), and whoever has not been answered keeps what was there.
 *
 * Order of use: open, ask as often as needed, finish, close; answers come in any order, during
 * ask() and finish().
 */
#ifndef PHOTOS_FETCH_H
#define PHOTOS_FETCH_H

#include "base/error.h"
#include "base/message.h"
#include "base/slice.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum fetch_outcome {
    FETCH_DONE,
    FETCH_SAME,    /* the version is the one that was given */
    FETCH_NOTHING, /* there is none: 404, 410, no such file */
    FETCH_REFUSED, /* this value can never be read: outside of what is allowed, too large; a
                      finding */
    FETCH_FAILED   /* it could not be read now: keep what was there; a finding */
};

struct fetched {
    uint64_t tag; /* the caller's */
    enum fetch_outcome outcome;
    struct slice bytes;
    struct slice version; /* SLICE_NONE: it has none, and is read again each time */
    const char *trouble;  /* of FETCH_REFUSED and FETCH_FAILED: what happened, in words */
};

struct fetch_options {
    const char *base_url; /* ends with '/'; NULL: files */
    const char *folder;
    const char *ca_file; /* NULL: the system's */
    size_t most_bytes;
    unsigned timeout_seconds; /* without progress */
    bool (*fetched)(void *context, const struct fetched *fetched, struct error *err);
    void *context;
};

struct fetch;

struct fetch *fetch_open(const struct fetch_options *options, const struct messenger *messenger,
                         struct error *err);

/* One value of the attribute; `version` as it was read last, or SLICE_NONE. Both are copied. */
bool fetch_ask(struct fetch *fetch, uint64_t tag, struct slice value, struct slice version,
               struct error *err);

bool fetch_finish(struct fetch *fetch, struct error *err);
void fetch_close(struct fetch *fetch);

#endif
