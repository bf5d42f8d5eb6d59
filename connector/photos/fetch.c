#include "photos/fetch.h"

#include "base/arena.h"
#include "photos/fetch_driver.h"

#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>

struct fetch *
fetch_open(const struct fetch_options *options, const struct messenger *messenger,
           struct error *err)
{
    struct fetch *fetch = memory_zero(1, sizeof *fetch);

    fetch->driver = options->base_url ? &fetch_url_driver : &fetch_file_driver;
    fetch->options = *options;
    fetch->messenger = messenger;
    if (fetch->driver->open(fetch, err))
        return fetch;
    fetch_close(fetch);
    return NULL;
}

bool
fetch_ask(struct fetch *fetch, uint64_t tag, struct slice value, struct slice version,
          struct error *err)
{
    if (value.length == 0)
        return fetch_answer(fetch, tag, FETCH_NOTHING, NULL, err);
    if (value.length > FETCH_VALUE_BYTES_MOST)
        return fetch_answer(fetch, tag, FETCH_REFUSED, "is too long", err);
    return fetch->driver->ask(fetch, tag, value, version, err);
}

bool
fetch_finish(struct fetch *fetch, struct error *err)
{
    return fetch->driver->finish(fetch, err);
}

void
fetch_close(struct fetch *fetch)
{
    if (!fetch)
        return;
    fetch->driver->close(fetch);
    free(fetch);
}

void
fetch_key(struct slice where, char ret_key[FETCH_KEY_BYTES])
{
    unsigned char digest[SHA256_DIGEST_LENGTH];

    SHA256((const unsigned char *)where.data, where.length, digest);
    for (size_t i = 0; i < FETCH_KEY_BYTES / 2; i++)
        snprintf(ret_key + 2 * i, 3, "%02x", digest[i]);
}

bool
fetch_answer(struct fetch *fetch, uint64_t tag, enum fetch_outcome outcome, const char *trouble,
             struct error *err)
{
    const struct fetched fetched = {
        .tag = tag,
        .outcome = outcome,
        .bytes = SLICE_NONE,
        .version = SLICE_NONE,
        .trouble = trouble,
    };

    return fetch->options.fetched(fetch->options.context, &fetched, err);
}

bool
fetch_stays_below(struct slice path, const char **ret_trouble)
{
    *ret_trouble = NULL;
    for (size_t i = 0, begin = 0; i <= path.length && !*ret_trouble; i++) {
        unsigned char c = i < path.length ? (unsigned char)path.data[i] : '/';

        if (c < ' ' || c == 0x7f)
            *ret_trouble = "has a control character in it";
        else if (c == '\\')
            *ret_trouble = "has a backslash in it; what lies below is separated by '/'";
        else if (c == '/' && i - begin == 2 && memcmp(path.data + begin, "..", 2) == 0)
            *ret_trouble = "has '..' in it, which leads elsewhere";
        if (c == '/')
            begin = i + 1;
    }
    return *ret_trouble == NULL;
}
