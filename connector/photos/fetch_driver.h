/* fetch_driver: what the two ways to fetch have in common: from URLs (fetch_url.c) and from files
 * (fetch_file.c).
 */
#ifndef PHOTOS_FETCH_DRIVER_H
#define PHOTOS_FETCH_DRIVER_H

#include "photos/fetch.h"

struct fetch {
    const struct fetch_driver *driver;
    struct fetch_options options;
    const struct messenger *messenger;
    void *inside; /* the driver's own */
};

/* `fetch->inside` is NULL before open, which may leave it half made where it fails: close is called
 * all the same. */
struct fetch_driver {
    bool (*open)(struct fetch *fetch, struct error *err);
    bool (*ask)(struct fetch *fetch, uint64_t tag, struct slice value, struct slice version,
                struct error *err);
    bool (*finish)(struct fetch *fetch, struct error *err);
    void (*close)(struct fetch *fetch);
};

extern const struct fetch_driver fetch_url_driver, fetch_file_driver;

enum {
    FETCH_VALUE_BYTES_MOST = 2000, /* of a URL or path */
    FETCH_KEY_BYTES = 33           /* 32 digits and NUL */
};

/* A digest of where a picture lies, which its version begins with. */
void fetch_key(struct slice where, char ret_key[FETCH_KEY_BYTES]);

/* Answers without bytes. */
bool fetch_answer(struct fetch *fetch, uint64_t tag, enum fetch_outcome outcome,
                  const char *trouble, struct error *err);

/* Whether the text may follow a '/': it neither leads up nor has control characters in it.
 * *ret_trouble says why not. */
bool fetch_stays_below(struct slice path, const char **ret_trouble);

#endif
