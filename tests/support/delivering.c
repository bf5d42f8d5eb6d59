#include "delivering.h"

#include <stdio.h>
#include <stdlib.h>

struct delivering
delivering_begin(void)
{
    return (struct delivering){
        .kind = "sftp",
        .sftp = {.host = "127.0.0.1", .port = 22, .user = "alma", .directory = "."},
    };
}

bool
delivering_take(struct delivering *delivering, int option, const char *value)
{
    struct sftp_options *sftp = &delivering->sftp;

    switch (option) {
    case 'k':
        delivering->kind = value;
        break;
    case 'd':
        delivering->folder = sftp->directory = value;
        break;
    case 'h':
        sftp->host = value;
        break;
    case 'p':
        sftp->port = (unsigned)atoi(value);
        break;
    case 'u':
        sftp->user = value;
        break;
    case 'i':
        sftp->key.file = value;
        break;
    case 'c':
        sftp->key.credential = value;
        break;
    case 'P':
        sftp->passphrase.file = value;
        break;
    case 'w':
        sftp->password.file = value;
        break;
    case 'A':
        sftp->agent = true;
        break;
    case 'K':
        sftp->known_hosts = value;
        break;
    case 'F':
        sftp->fingerprint = value;
        break;
    case 't':
        sftp->timeout_seconds = (unsigned)atoi(value);
        break;
    default:
        return false;
    }
    return true;
}

void
delivering_say(void *context, enum message_level level, const char *text)
{
    static const char *const names[] = {"error", "warning", "notice", "info", "debug"};

    (void)context;
    printf("%s: %s\n", names[level], text);
    fflush(stdout);
}

void
delivering_tell(const struct error *err)
{
    if (err->code != ERROR_NONE)
        printf("error: %s\n", err->text);
    if (*err->hint)
        printf("hint: %s\n", err->hint);
}
