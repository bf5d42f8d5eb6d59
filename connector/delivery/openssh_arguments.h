/* openssh_arguments: the command line of the system's sftp, after a look at what it cannot be
 * given.
 */
#ifndef DELIVERY_OPENSSH_ARGUMENTS_H
#define DELIVERY_OPENSSH_ARGUMENTS_H

#include "base/arena.h"
#include "delivery/target.h"

/* The NULL-terminated arguments, in the arena. NULL where an option is set that this transport
 * cannot serve (ERROR_CONFIG) or the key is of no use (ERROR_PERMISSION). */
const char *const *openssh_arguments(struct arena *arena, const struct sftp_options *options,
                                     struct error *err);

/* False with ERROR_CONFIG for a path that would not stay within one line of sftp's commands. */
bool openssh_arguments_check_line(const char *path, struct error *err);

#endif
