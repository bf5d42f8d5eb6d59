/* log: where messages go: standard error, the system's log, or a file; as text or as JSON lines.
 *
 * Order of use: log_open(), log_write() as often as one likes, log_close(). Texts are those of the
 * library: one line each, UTF-8 without control characters.
 *
 * Where standard error is the journal's ($JOURNAL_STREAM, systemd.exec(5)) each line begins with
 * its priority as sd-daemon(3) has it: "<3>". A file is opened anew when another one has its name,
 * so that it may be rotated by moving it away at any time.
 */
#ifndef CLI_LOG_H
#define CLI_LOG_H

#include <stdbool.h>

enum log_target { LOG_TO_STDERR, LOG_TO_SYSLOG, LOG_TO_FILE };

struct log {
    enum log_target target;
    bool json;
    bool journal;     /* LOG_TO_STDERR, which the journal reads */
    const char *path; /* LOG_TO_FILE */
    int fd;
    const char *command; /* what is at work; NULL: not known yet */
};

/* `to` is "stderr", "syslog" or a path. False with errno where the file cannot be written. */
bool log_open(struct log *log, const char *to, bool json);
void log_close(struct log *log);

/* Whether somebody looks on, to whom progress can be shown. */
bool log_is_for_people(const struct log *log);

/* A message; `level` is enum l2a_level, `hint` what to do about it, or "". */
void log_write(struct log *log, int level, const char *text, const char *hint);

#endif
