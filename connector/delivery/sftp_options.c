#include "delivery/sftp_options.h"

#include "base/buffer.h"

enum { DEFAULT_TIMEOUT_SECONDS = 60 };

char *
sftp_options_name(const struct sftp_options *options)
{
    bool is_address = strchr(options->host, ':') != NULL;
    struct buffer name = BUFFER_INIT;

    buffer_format(&name, is_address ? "sftp://%s@[%s]:%u" : "sftp://%s@%s:%u", options->user,
                  options->host, options->port);
    buffer_format(&name, options->directory[0] == '/' ? "%s" : "/%s", options->directory);
    buffer_add(&name, "", 1);
    return name.data;
}

unsigned
sftp_options_timeout_seconds(const struct sftp_options *options)
{
    return options->timeout_seconds ? options->timeout_seconds : DEFAULT_TIMEOUT_SECONDS;
}
