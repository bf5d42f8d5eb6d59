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

char *
sftp_options_path(const struct sftp_options *options, const char *name)
{
    const char *folder = *options->directory ? options->directory : ".";
    size_t length = strlen(folder);
    struct buffer path = BUFFER_INIT;

    while (length && folder[length - 1] == '/')
        length--;
    buffer_add(&path, folder, length);
    buffer_add_text(&path, "/");
    buffer_add(&path, name, strlen(name) + 1);
    return path.data;
}

const char *
sftp_options_settings(const struct sftp_options *options)
{
    return options->settings ? options->settings : "delivery.sftp";
}

/* Packages alone can go through the system's sftp. */
const char *
sftp_options_way_out(const struct sftp_options *options)
{
    return options->settings ? "A newer libssh2 knows more." : "Set `transport: openssh`.";
}

unsigned
sftp_options_timeout_seconds(const struct sftp_options *options)
{
    return options->timeout_seconds ? options->timeout_seconds : DEFAULT_TIMEOUT_SECONDS;
}
