/* sftp_options: what both ways to speak SFTP make of struct sftp_options.
 */
#ifndef DELIVERY_SFTP_OPTIONS_H
#define DELIVERY_SFTP_OPTIONS_H

#include "delivery/target.h"

/* "sftp://USER@HOST:PORT/DIRECTORY"; freed by the caller. */
char *sftp_options_name(const struct sftp_options *options);

/* Seconds without progress after which a server is given up. */
unsigned sftp_options_timeout_seconds(const struct sftp_options *options);

#endif
