#include "delivery/sftp_error.h"

#include "base/text.h"
#include "delivery/sftp_options.h"

#include <stdarg.h>
#include <stdio.h>

/* Servers of protocol 3 send statuses of later versions too (proftpd: 11). Numbers above 8 are of
 * draft-ietf-secsh-filexfer-13 section 9.1. */
static const char *const status_texts[] = {
    [LIBSSH2_FX_EOF] = "end of file",
    [LIBSSH2_FX_NO_SUCH_FILE] = "no such file or directory",
    [LIBSSH2_FX_PERMISSION_DENIED] = "permission denied",
    [LIBSSH2_FX_FAILURE] = "the server says only 'failure'",
    [LIBSSH2_FX_BAD_MESSAGE] = "the server does not understand the request",
    [LIBSSH2_FX_NO_CONNECTION] = "the server has no connection to its storage",
    [LIBSSH2_FX_CONNECTION_LOST] = "the server lost the connection to its storage",
    [LIBSSH2_FX_OP_UNSUPPORTED] = "the server does not support the request",
    [LIBSSH2_FX_INVALID_HANDLE] = "the server has forgotten the open file",
    [LIBSSH2_FX_NO_SUCH_PATH] = "no such directory",
    [LIBSSH2_FX_FILE_ALREADY_EXISTS] = "the file exists already",
    [LIBSSH2_FX_WRITE_PROTECT] = "the server's storage is read-only",
    [LIBSSH2_FX_NO_MEDIA] = "the server's storage has no medium",
    [LIBSSH2_FX_NO_SPACE_ON_FILESYSTEM] = "no space is left on the server",
    [LIBSSH2_FX_QUOTA_EXCEEDED] = "the account's quota on the server is used up",
    [LIBSSH2_FX_UNKNOWN_PRINCIPAL] = "the server does not know the owner",
    [LIBSSH2_FX_LOCK_CONFLICT] = "the file is locked by somebody else",
    [LIBSSH2_FX_DIR_NOT_EMPTY] = "the directory is not empty",
    [LIBSSH2_FX_NOT_A_DIRECTORY] = "not a directory",
    [LIBSSH2_FX_INVALID_FILENAME] = "the server does not take the file's name",
    [LIBSSH2_FX_LINK_LOOP] = "too many symbolic links",
};

const char *
sftp_error_status_text(unsigned long status)
{
    size_t count = sizeof status_texts / sizeof status_texts[0];

    return status < count ? status_texts[status] : NULL;
}

unsigned long
sftp_error_status(const struct sftp_session *session, int result)
{
    if (result != LIBSSH2_ERROR_SFTP_PROTOCOL || !session->sftp)
        return LIBSSH2_FX_OK;
    return libssh2_sftp_last_error(session->sftp);
}

static bool
is_lost(int result)
{
    switch (result) {
    case LIBSSH2_ERROR_SOCKET_NONE:
    case LIBSSH2_ERROR_BANNER_RECV:
    case LIBSSH2_ERROR_BANNER_SEND:
    case LIBSSH2_ERROR_INVALID_MAC:
    case LIBSSH2_ERROR_SOCKET_SEND:
    case LIBSSH2_ERROR_TIMEOUT:
    case LIBSSH2_ERROR_DECRYPT:
    case LIBSSH2_ERROR_SOCKET_DISCONNECT:
    case LIBSSH2_ERROR_CHANNEL_CLOSED:
    case LIBSSH2_ERROR_CHANNEL_EOF_SENT:
    case LIBSSH2_ERROR_SOCKET_TIMEOUT:
    case LIBSSH2_ERROR_SOCKET_RECV:
    case LIBSSH2_ERROR_BAD_SOCKET:
        return true;
    default:
        return false;
    }
}

static bool
word_loss(struct sftp_session *session, int result, struct error *err)
{
    sftp_session_break(session);
    if (session->slow)
        error_set(err, ERROR_UNAVAILABLE, "less than %d bytes a second have moved for %u s",
                  SFTP_LEAST_SPEED, sftp_options_timeout_seconds(session->options));
    else if (result == LIBSSH2_ERROR_EAGAIN && !session->lost)
        error_set(err, ERROR_UNAVAILABLE, "the server has not answered for %u s",
                  sftp_options_timeout_seconds(session->options));
    else if (*session->farewell)
        error_set(err, ERROR_UNAVAILABLE, "the server ended the connection: '%s'",
                  session->farewell);
    else
        error_set(err, ERROR_UNAVAILABLE, "the connection was lost");
    err->transient = true;
    return false;
}

bool
sftp_error_is_missing(unsigned long status)
{
    return status == LIBSSH2_FX_NO_SUCH_FILE || status == LIBSSH2_FX_NO_SUCH_PATH;
}

static bool
word_status(unsigned long status, struct error *err)
{
    const char *text = sftp_error_status_text(status);

    if (text)
        error_set(err, ERROR_WRITE, "%s", text);
    else
        error_set(err, ERROR_WRITE, "the server answers with the unknown status %lu", status);
    err->transient = status == LIBSSH2_FX_NO_CONNECTION || status == LIBSSH2_FX_CONNECTION_LOST;
    return false;
}

/* "Failure" may be anything; many servers say more of it. */
static bool
tells_more(unsigned long status, struct slice said)
{
    return (status == LIBSSH2_FX_FAILURE || !sftp_error_status_text(status)) && said.length &&
           !slice_equal_nocase(said, slice_of("failure"));
}

bool
sftp_error_refused(uint32_t status, struct slice said, struct error *err, const char *format, ...)
{
    char context[512], shown[200];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(context, sizeof context, format, arguments);
    va_end(arguments);
    word_status(status, err);
    if (tells_more(status, said)) {
        snprintf(shown, sizeof shown, "%.*s", SLICE_ARG(said));
        text_make_one_line(shown);
        error_set(err, ERROR_WRITE, "the server says '%s'", shown);
    }
    return error_prefix(err, "%s", context);
}

static bool
word_other(struct sftp_session *session, int result, struct error *err)
{
    char *text = NULL;

    libssh2_session_last_error(session->ssh, &text, NULL, 0);
    sftp_session_break(session);
    return error_set(err, ERROR_UNAVAILABLE, "libssh2 %s says '%s' (%d)", libssh2_version(0),
                     text ? text : "", result);
}

bool
sftp_error(struct sftp_session *session, int result, struct error *err, const char *format, ...)
{
    char context[512];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(context, sizeof context, format, arguments);
    va_end(arguments);
    if (result == LIBSSH2_ERROR_EAGAIN || is_lost(result) || session->lost)
        word_loss(session, result, err);
    else if (result == LIBSSH2_ERROR_SFTP_PROTOCOL && session->sftp)
        word_status(sftp_error_status(session, result), err);
    else
        word_other(session, result, err);
    return error_prefix(err, "%s", context);
}
