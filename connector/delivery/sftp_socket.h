/* sftp_socket: a TCP connection to a host by name.
 */
#ifndef DELIVERY_SFTP_SOCKET_H
#define DELIVERY_SFTP_SOCKET_H

#include "base/error.h"
#include "base/message.h"

#include <stdbool.h>

/* Tries the addresses of the host in the resolver's order; an address that does not answer at all
 * is left for the next after some seconds. The socket does not block. ERROR_UNAVAILABLE with the
 * reason of the last address; transient unless the name does not exist. */
bool sftp_socket_connect(const char *host, unsigned port, unsigned timeout_seconds,
                         const struct messenger *messenger, int *ret_socket, struct error *err);

#endif
