/* sftp_options: what both ways to speak SFTP make of struct sftp_options.
 */
#ifndef DELIVERY_SFTP_OPTIONS_H
#define DELIVERY_SFTP_OPTIONS_H

#include "delivery/target.h"

/* "sftp://USER@HOST:PORT/DIRECTORY"; freed by the caller. */
char *sftp_options_name(const struct sftp_options *options);

/* The path of a file in the directory; freed by the caller. */
char *sftp_options_path(const struct sftp_options *options, const char *name);

/* What the options are called in the settings. */
const char *sftp_options_settings(const struct sftp_options *options);

/* What to do where libssh2 cannot: a full sentence. */
const char *sftp_options_way_out(const struct sftp_options *options);

/* Seconds without progress after which a server is given up. */
unsigned sftp_options_timeout_seconds(const struct sftp_options *options);

#endif
