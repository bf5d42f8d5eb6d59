/* delivering: what the tools that deliver by the delivery stage alone have in common: how they are
 * told where to, and what they print.
 */
#ifndef SUPPORT_DELIVERING_H
#define SUPPORT_DELIVERING_H

#include "delivery/target.h"

#include <getopt.h>

struct delivering {
    const char *kind; /* "sftp", "openssh", "folder" */
    const char *folder;
    struct sftp_options sftp;
};

/* To the account "alma" on this machine, unless options say otherwise. */
struct delivering delivering_begin(void);

/* Rows for getopt_long(); their letters are none of a tool's own. */
#define DELIVERING_OPTIONS                                                                         \
    {"kind", required_argument, NULL, 'k'}, {"folder", required_argument, NULL, 'd'},              \
        {"host", required_argument, NULL, 'h'}, {"port", required_argument, NULL, 'p'},            \
        {"user", required_argument, NULL, 'u'}, {"key", required_argument, NULL, 'i'},             \
        {"key-credential", required_argument, NULL, 'c'},                                          \
        {"passphrase", required_argument, NULL, 'P'}, {"password", required_argument, NULL, 'w'},  \
        {"agent", no_argument, NULL, 'A'}, {"known-hosts", required_argument, NULL, 'K'},          \
        {"fingerprint", required_argument, NULL, 'F'},                                             \
    {                                                                                              \
        "timeout", required_argument, NULL, 't'                                                    \
    }

/* False: the option is none of these rows. */
bool delivering_take(struct delivering *delivering, int option, const char *value);

/* A message as "LEVEL: text"; for struct messenger. */
void delivering_say(void *context, enum message_level level, const char *text);

/* "error: …" and "hint: …", each on one line, where there is one. */
void delivering_tell(const struct error *err);

#endif
