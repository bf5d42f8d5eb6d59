/* server: whether Alma will find the photos: asks the web server as Alma does.
 *
 * Tries the URL that Alma would be told: its form, the certificate, that each photo of a sample is
 * there byte for byte under exactly its name and no other, its content type, that what is not there
 * is not found, and that the folder cannot be listed. Each is a probe "photos.…"; the proxies of
 * the environment are used as curl(1) uses them.
 */
#ifndef PHOTOS_SERVER_H
#define PHOTOS_SERVER_H

#include "base/probe.h"
#include "base/slice.h"

#include <stdbool.h>
#include <stddef.h>

/* A photo that was delivered. */
struct server_photo {
    const char *name;         /* of the file: "D12345678.JPG" */
    unsigned char sha256[32]; /* of its bytes */
};

struct server_check {
    const char *url;     /* ends with '/' */
    const char *suffix;  /* "JPG" */
    const char *ca_file; /* NULL: the system's, as Alma knows no other */
    unsigned timeout_seconds;
    const struct server_photo *photos;
    size_t count;
    const struct probe_sink *probes;
};

/* True where no probe failed. */
bool server_check_photos(const struct server_check *check);

#endif
