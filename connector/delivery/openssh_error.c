#include "delivery/openssh_error.h"

#include "base/arena.h"
#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* The lines that are no debug lines, in order: *at moves on. SLICE_NONE at the end. */
static struct slice
next_line(const char **at)
{
    while (**at) {
        size_t length = strcspn(*at, "\r\n");
        struct slice line = {*at, length};

        *at += length;
        *at += strspn(*at, "\r\n");
        if (length && strncmp(line.data, "debug", 5) != 0 &&
            strncmp(line.data, "Authenticated to ", 17) != 0 &&
            strncmp(line.data, "Transferred: ", 13) != 0 &&
            strncmp(line.data, "Bytes per second: ", 18) != 0)
            return line;
    }
    return SLICE_NONE;
}

static struct slice
last_line(const char *complained)
{
    struct slice last = SLICE_NONE;
    struct slice line;

    while ((line = next_line(&complained)).data)
        last = line;
    return last;
}

bool
openssh_error_any(const char *complained)
{
    return last_line(complained).data != NULL;
}

bool
openssh_error_is_missing(const char *complained)
{
    struct slice line = last_line(complained);

    return line.data && (memmem(line.data, line.length, "not found", 9) ||
                         memmem(line.data, line.length, "No such file", 12));
}

/* "Failure" and its like behind the last colon: the words of the SFTP status. */
static struct slice
reason_of(struct slice line)
{
    for (size_t i = line.length; i-- > 2;) {
        if (line.data[i - 2] == ':' && line.data[i - 1] == ' ')
            return (struct slice){line.data + i, line.length - i};
    }
    return line;
}

bool
openssh_error_command(const char *complained, struct error *err, const char *format, ...)
{
    struct arena *arena = arena_new();
    struct slice line = last_line(complained);
    char context[512];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(context, sizeof context, format, arguments);
    va_end(arguments);
    error_set(err, ERROR_WRITE, "%s: %.*s", context,
              SLICE_ARG(text_printable(arena, reason_of(line), 200)));
    if (slice_equal(reason_of(line), slice_of("Failure")))
        error_hint(err, "A 'failure' while writing is often a full disk, a quota or a limit on "
                        "the size of files.");
    arena_free(arena);
    return false;
}

enum trouble {
    TROUBLE_OTHER,
    TROUBLE_CHANGED,
    TROUBLE_REVOKED,
    TROUBLE_UNKNOWN,
    TROUBLE_LOGIN,
    TROUBLE_ALGORITHM,
    TROUBLE_NAME,
    TROUBLE_NETWORK
};

/* In the order of asking: a changed key also fails its verification. */
static const struct {
    const char *text;
    enum trouble trouble;
} troubles[] = {
    {"REMOTE HOST IDENTIFICATION HAS CHANGED", TROUBLE_CHANGED},
    {"REVOKED HOST KEY DETECTED", TROUBLE_REVOKED},
    {"Host key verification failed", TROUBLE_UNKNOWN},
    {"Permission denied (", TROUBLE_LOGIN},
    {"Too many authentication failures", TROUBLE_LOGIN},
    {"Unable to negotiate", TROUBLE_ALGORITHM},
    {"Name or service not known", TROUBLE_NAME},
};

static enum trouble
find_trouble(const char *complained)
{
    for (size_t i = 0; i < sizeof troubles / sizeof troubles[0]; i++) {
        if (strstr(complained, troubles[i].text))
            return troubles[i].trouble;
    }
    return TROUBLE_OTHER;
}

/* "debug1: Server host key: ssh-ed25519 SHA256:…" */
static void
find_shown_key(const char *complained, char ret_type[64], char ret_fingerprint[64])
{
    static const char before[] = "Server host key: ";
    const char *at = strstr(complained, before);

    snprintf(ret_type, 64, "?");
    snprintf(ret_fingerprint, 64, "?");
    if (at)
        sscanf(at + strlen(before), "%63s %63s", ret_type, ret_fingerprint);
}

static bool
word_host_key(const struct sftp_options *options, enum trouble trouble, const char *complained,
              struct error *err)
{
    char fingerprint[64];
    char type[64];

    find_shown_key(complained, type, fingerprint);
    if (trouble == TROUBLE_REVOKED) {
        error_set(err, ERROR_PERMISSION,
                  "the server's host key %s (%s) is marked @revoked in "
                  "'%s'",
                  fingerprint, type, options->known_hosts);
        return error_hint(err, "Ask the server's administrators for its new key.");
    }
    if (trouble == TROUBLE_CHANGED)
        error_set(err, ERROR_PERMISSION,
                  "THE SERVER'S HOST KEY HAS CHANGED: it is now %s (%s), but '%s' has another; "
                  "somebody may be in between",
                  fingerprint, type, options->known_hosts);
    else
        error_set(err, ERROR_PERMISSION,
                  "the server's host key %s (%s) is unknown: '%s' has no key of this type for "
                  "'%s'",
                  fingerprint, type, options->known_hosts, options->host);
    return error_hint(err,
                      "Have the server's administrators confirm this fingerprint ('ssh-keygen -l "
                      "-f' prints it there), then put the line that 'ssh-keyscan -p %u -t %s %s' "
                      "prints into '%s'.",
                      options->port, type, options->host, options->known_hosts);
}

/* What ssh and sftp say behind the reason, and which is none. */
static bool
is_empty_word(struct slice line)
{
    static const char *const words[] = {"Connection closed", "Disconnected from "};

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        size_t length = strlen(words[i]);

        if (line.length >= length && memcmp(line.data, words[i], length) == 0)
            return true;
    }
    return false;
}

bool
openssh_error_connection(const struct sftp_options *options, const char *complained,
                         struct error *err)
{
    struct arena *arena = arena_new();
    enum trouble trouble = find_trouble(complained);
    const char *lines = complained;
    struct slice line = next_line(&lines);
    struct slice next;

    while ((next = next_line(&lines)).data) {
        if (!is_empty_word(next))
            line = next;
    }
    line = line.data ? text_printable(arena, line, 300) : slice_of("sftp ended without a word");
    if (trouble == TROUBLE_CHANGED || trouble == TROUBLE_REVOKED || trouble == TROUBLE_UNKNOWN)
        word_host_key(options, trouble, complained, err);
    else if (trouble == TROUBLE_LOGIN || trouble == TROUBLE_ALGORITHM)
        error_set(err, ERROR_PERMISSION,
                  trouble == TROUBLE_LOGIN ? "the server refuses the login of '%s': %.*s"
                                           : "no way to talk for '%s': %.*s",
                  options->user, SLICE_ARG(line));
    else
        error_set(err, ERROR_UNAVAILABLE, "%.*s", SLICE_ARG(line));
    err->transient = err->code == ERROR_UNAVAILABLE && trouble != TROUBLE_NAME;
    arena_free(arena);
    return false;
}
