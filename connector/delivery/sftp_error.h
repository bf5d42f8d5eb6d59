/* sftp_error: libssh2's and SFTP's failures in words; the only place that words them.
 */
#ifndef DELIVERY_SFTP_ERROR_H
#define DELIVERY_SFTP_ERROR_H

#include "delivery/sftp_session.h"

/* Sets err to "CONTEXT: reason" for a result of libssh2 and returns false. A failure of the
 * connection marks the session as broken and is transient; a refusal of the server is
 * ERROR_WRITE. */
bool sftp_error(struct sftp_session *session, int result, struct error *err, const char *format,
                ...) __attribute__((format(printf, 4, 5)));

/* The status that the server answered, or LIBSSH2_FX_OK when `result` is of another kind. */
unsigned long sftp_error_status(const struct sftp_session *session, int result);

/* The same for a status itself, of which the server says `said`. */
bool sftp_error_refused(uint32_t status, struct slice said, struct error *err, const char *format,
                        ...) __attribute__((format(printf, 4, 5)));

/* Whether a status says that there is no such file. */
bool sftp_error_is_missing(unsigned long status);

/* A status of SFTP in words; NULL where there is nothing to say but the number. */
const char *sftp_error_status_text(unsigned long status);

#endif
