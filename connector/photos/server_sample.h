/* server_sample: whether photos that were delivered can be fetched as they are (photos/server.h).
 */
#ifndef PHOTOS_SERVER_SAMPLE_H
#define PHOTOS_SERVER_SAMPLE_H

#include "photos/server.h"
#include "photos/web.h"

/* "image/jpeg" or "image/png". */
const char *server_type_of(const char *suffix);

/* A name with its suffix in the other case, "D1.jpg" for "D1.JPG"; the caller frees it. */
char *server_other_case(const char *name);

/* Fetches each photo; one probe for each kind of trouble, or that there is none. */
void server_check_sample(const struct server_check *check, const struct probe_sink *probes,
                         struct web_request *request);

#endif
