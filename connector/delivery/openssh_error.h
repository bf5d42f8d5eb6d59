/* openssh_error: what ssh and sftp print when something fails, in our words; the only place that
 * words it. Their texts are not an interface, so what is not known is passed on as it is.
 */
#ifndef DELIVERY_OPENSSH_ERROR_H
#define DELIVERY_OPENSSH_ERROR_H

#include "delivery/target.h"

/* Why there is no connection: from all that ssh printed, at LogLevel DEBUG1. Returns false. */
bool openssh_error_connection(const struct sftp_options *options, const char *complained,
                              struct error *err);

/* Why a command failed: "CONTEXT: reason", ERROR_WRITE. Returns false. */
bool openssh_error_command(const char *complained, struct error *err, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* True when sftp complained about the command; its debug lines do not count. */
bool openssh_error_any(const char *complained);

/* True when it complained only that there is no such file. */
bool openssh_error_is_missing(const char *complained);

#endif
