#include "cli/log.h"

#include "ldap2alma.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

enum { LINE_BYTES = 16 * 1024, TIME_BYTES = 32 };

static const struct {
    const char *name;
    int priority; /* of syslog(3) */
} levels[] = {
    [L2A_ERROR] = {"error", LOG_ERR},      [L2A_WARNING] = {"warning", LOG_WARNING},
    [L2A_NOTICE] = {"notice", LOG_NOTICE}, [L2A_INFO] = {"info", LOG_INFO},
    [L2A_DEBUG] = {"debug", LOG_DEBUG},
};

/* systemd.exec(5): device and inode of the stream that the journal reads. */
static bool
is_journal(int fd)
{
    const char *stream = getenv("JOURNAL_STREAM");
    uintmax_t device, inode;
    struct stat info;

    return stream && sscanf(stream, "%ju:%ju", &device, &inode) == 2 && fstat(fd, &info) == 0 &&
           info.st_dev == (dev_t)device && info.st_ino == (ino_t)inode;
}

/* Names of people stand in it: what we can write to is for its owner alone. */
static bool
open_file(struct log *log)
{
    struct stat info;
    /* A pipe that nobody reads is an error at once, and not waited for. */
    int fd = open(log->path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK,
                  S_IRUSR | S_IWUSR);

    if (fd < 0)
        return false;
    (void)fcntl(fd, F_SETFL, O_APPEND); /* but what is read slowly gets all lines */
    if (fstat(fd, &info) == 0 && S_ISREG(info.st_mode) && fchmod(fd, S_IRUSR | S_IWUSR) != 0) {
        close(fd);
        return false;
    }
    if (log->fd >= 0)
        close(log->fd);
    log->fd = fd;
    return true;
}

/* Whether the name is another file's now, or nobody's. */
static bool
was_moved(const struct log *log)
{
    struct stat ours, named;

    return fstat(log->fd, &ours) != 0 || stat(log->path, &named) != 0 ||
           ours.st_dev != named.st_dev || ours.st_ino != named.st_ino;
}

bool
log_open(struct log *log, const char *to, bool json)
{
    *log = (struct log){.json = json, .fd = -1};
    if (strcmp(to, "stderr") == 0)
        log->journal = is_journal(STDERR_FILENO);
    else if (strcmp(to, "syslog") == 0) {
        log->target = LOG_TO_SYSLOG;
        openlog("ldap2alma", LOG_PID, LOG_DAEMON);
    } else {
        log->target = LOG_TO_FILE;
        log->path = to;
        return open_file(log);
    }
    return true;
}

void
log_close(struct log *log)
{
    if (log->target == LOG_TO_SYSLOG)
        closelog();
    if (log->fd >= 0)
        close(log->fd);
    log->fd = -1;
}

bool
log_is_for_people(const struct log *log)
{
    return log->target == LOG_TO_STDERR && !log->journal && !log->json;
}

static void
now_text(char ret_text[TIME_BYTES])
{
    time_t now = time(NULL);
    struct tm parts;

    if (!gmtime_r(&now, &parts) ||
        strftime(ret_text, TIME_BYTES, "%Y-%m-%dT%H:%M:%SZ", &parts) == 0)
        ret_text[0] = '\0';
}

/* A member of a JSON object; RFC 8259 section 7 wants no more to be escaped in what we are given.
 */
static size_t
put_member(char *line, size_t length, const char *name, const char *text)
{
    length += (size_t)snprintf(line + length, LINE_BYTES - length, ", \"%s\": \"", name);
    for (; *text && length < LINE_BYTES - 8; text++) {
        if (*text == '"' || *text == '\\')
            line[length++] = '\\';
        line[length++] = *text;
    }
    line[length++] = '"';
    line[length] = '\0';
    return length;
}

static void
make_json(const struct log *log, int level, const char *text, const char *hint, char *ret_line)
{
    char when[TIME_BYTES];
    size_t length = (size_t)snprintf(ret_line, LINE_BYTES, "{\"pid\": %ld", (long)getpid());

    now_text(when);
    length = put_member(ret_line, length, "time", when);
    length = put_member(ret_line, length, "level", levels[level].name);
    if (log->command)
        length = put_member(ret_line, length, "command", log->command);
    length = put_member(ret_line, length, "text", text);
    if (hint[0])
        length = put_member(ret_line, length, "hint", hint);
    snprintf(ret_line + length, LINE_BYTES - length, "}");
}

/* A file's lines say themselves when, who and how grave; the journal and syslog know. */
static void
make_text(const struct log *log, int level, const char *text, const char *hint, char *ret_line)
{
    char when[TIME_BYTES];
    size_t length = 0;

    now_text(when);
    if (log->target == LOG_TO_FILE)
        length = (size_t)snprintf(ret_line, LINE_BYTES, "%s ldap2alma[%ld] %s: ", when,
                                  (long)getpid(), levels[level].name);
    snprintf(ret_line + length, LINE_BYTES - length, "%s%s%s%s", text, hint[0] ? " (" : "", hint,
             hint[0] ? ")" : "");
}

/* In one write, so that lines of two processes do not mix. */
static bool
append(struct log *log, char *line)
{
    size_t length = strlen(line);

    if (was_moved(log) && !open_file(log))
        return false;
    line[length++] = '\n';
    return write(log->fd, line, length) == (ssize_t)length;
}

void
log_write(struct log *log, int level, const char *text, const char *hint)
{
    char line[LINE_BYTES + 1];

    if (log->json)
        make_json(log, level, text, hint, line);
    else
        make_text(log, level, text, hint, line);
    if (log->target == LOG_TO_SYSLOG)
        syslog(levels[level].priority, "%s", line);
    else if (log->target == LOG_TO_STDERR && log->journal)
        fprintf(stderr, "<%d>%s\n", levels[level].priority, line);
    else if (log->target == LOG_TO_STDERR)
        fprintf(stderr, "%s\n", line);
    else if (!append(log, line))
        fprintf(stderr, "ldap2alma: cannot write the log '%s': %s\n%s\n", log->path,
                strerror(errno), text);
}
