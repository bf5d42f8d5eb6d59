#include "directory/ldif_reader.h"

#include "base/arena.h"
#include "base/buffer.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { RECORD_BYTES_MOST = 256 * 1024 * 1024, CHUNK_BYTES = 256 * 1024 };

struct ldif_reader {
    int fd; /* -1: text in memory, which is one chunk */
    const char *name;
    char *buffer;      /* of a file's chunks */
    const char *chunk; /* what is read now */
    size_t chunk_at, chunk_end;
    struct buffer line;
    unsigned long lines; /* read so far */
    struct buffer record;
    bool framed;      /* began with ldapsearch's comment */
    bool frame_ended; /* and its closing comment came */
};

static int
open_file(const char *path, struct error *err)
{
    struct stat info;
    int fd = strcmp(path, "-") == 0 ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0)
                                    : open(path, O_RDONLY | O_CLOEXEC);

    if (fd < 0) {
        error_set(err, errno == EACCES || errno == EPERM ? ERROR_PERMISSION : ERROR_CONFIG,
                  "cannot read '%s': %s", path, strerror(errno));
        return -1;
    }
    if (fstat(fd, &info) == 0 && S_ISDIR(info.st_mode)) {
        error_set(err, ERROR_CONFIG, "cannot read '%s': it is a folder", path);
        close(fd);
        return -1;
    }
    return fd;
}

struct ldif_reader *
ldif_reader_open(const char *path, struct error *err)
{
    int fd = open_file(path, err);
    struct ldif_reader *reader;

    if (fd < 0)
        return NULL;
    reader = memory_zero(1, sizeof *reader);
    reader->fd = fd;
    reader->name = strcmp(path, "-") == 0 ? "standard input" : path;
    reader->buffer = memory_alloc(CHUNK_BYTES);
    return reader;
}

struct ldif_reader *
ldif_reader_open_text(const char *name, unsigned long line, struct slice text)
{
    struct ldif_reader *reader = memory_zero(1, sizeof *reader);

    reader->fd = -1;
    reader->name = name;
    reader->chunk = text.data;
    reader->chunk_end = text.length;
    reader->lines = line - 1;
    return reader;
}

void
ldif_reader_close(struct ldif_reader *reader)
{
    if (!reader)
        return;
    if (reader->fd >= 0)
        close(reader->fd);
    free(reader->buffer);
    buffer_free(&reader->line);
    buffer_free(&reader->record);
    free(reader);
}

const char *
ldif_reader_name(const struct ldif_reader *reader)
{
    return reader->name;
}

static bool
cut_off(const struct ldif_reader *reader, struct error *err, const char *sign)
{
    error_set(err, ERROR_DATA, "'%s' is cut off after line %lu: %s", reader->name, reader->lines,
              sign);
    return error_hint(err, "Make the file anew. Nothing is taken from a file that is not whole.");
}

/* ldapsearch without -LLL opens and closes with comments of its own. */
static void
note_comment(struct ldif_reader *reader, const char *line)
{
    if (strcmp(line, "# extended LDIF\n") == 0)
        reader->framed = true;
    else if (strncmp(line, "# numResponses:", strlen("# numResponses:")) == 0)
        reader->frame_ended = true;
}

/* The next bytes of the file. 0: its end; -1: err is set. */
static ssize_t
fill_chunk(struct ldif_reader *reader, struct error *err)
{
    ssize_t got;

    if (reader->fd < 0)
        return 0;
    do
        got = read(reader->fd, reader->buffer, CHUNK_BYTES);
    while (got < 0 && errno == EINTR);
    if (got < 0)
        error_set(err, ERROR_DATA, "cannot read '%s' after line %lu: %s", reader->name,
                  reader->lines, strerror(errno));
    reader->chunk = reader->buffer;
    reader->chunk_at = 0;
    reader->chunk_end = got > 0 ? (size_t)got : 0;
    return got;
}

static bool
too_large(const struct ldif_reader *reader, unsigned long line, struct error *err)
{
    return error_set(err, ERROR_DATA, "'%s' has a record of more than %d bytes at line %lu",
                     reader->name, RECORD_BYTES_MOST, line);
}

/* Takes bytes up to the line's end into reader->line; fewer at the end of the file. What has no
 * end is refused before it fills the memory. */
static bool
collect_line(struct ldif_reader *reader, struct error *err)
{
    const char *end = NULL;

    reader->line.length = 0;
    while (!end) {
        const char *from;
        ssize_t got = 1;
        size_t length;

        if (reader->chunk_at == reader->chunk_end)
            got = fill_chunk(reader, err);
        if (got <= 0)
            return got == 0;
        from = reader->chunk + reader->chunk_at;
        length = reader->chunk_end - reader->chunk_at;
        end = memchr(from, '\n', length);
        if (end)
            length = (size_t)(end + 1 - from);
        if (reader->line.length + length > RECORD_BYTES_MOST)
            return too_large(reader, reader->lines + 1, err);
        buffer_add(&reader->line, from, length);
        reader->chunk_at += length;
    }
    return true;
}

/* The next line, its end made "\n" and a NUL. Length 0: the end of the file; -1: err is set. */
static ssize_t
read_line(struct ldif_reader *reader, struct error *err)
{
    struct buffer *line = &reader->line;

    if (!collect_line(reader, err))
        return -1;
    if (line->length == 0)
        return 0;
    reader->lines++;
    if (line->data[line->length - 1] != '\n') {
        cut_off(reader, err, "its last line has no end");
        return -1;
    }
    if (line->length > 1 && line->data[line->length - 2] == '\r')
        line->data[--line->length - 1] = '\n';
    buffer_add(line, "", 1);
    if (line->data[0] == '#')
        note_comment(reader, line->data);
    return (ssize_t)line->length - 1;
}

static enum ldif_read
finish(struct ldif_reader *reader, bool at_end, struct ldif_record *ret_record, struct error *err)
{
    if (reader->record.length > 0) {
        buffer_add(&reader->record, "", 1);
        ret_record->text = reader->record.data;
        ret_record->length = reader->record.length - 1;
        ret_record->last = at_end;
        return LDIF_READ_RECORD;
    }
    if (!reader->framed || reader->frame_ended)
        return LDIF_READ_END;
    cut_off(reader, err, "the closing comments of ldapsearch are missing");
    return LDIF_READ_FAILED;
}

enum ldif_read
ldif_reader_next(struct ldif_reader *reader, struct ldif_record *ret_record, struct error *err)
{
    struct buffer *record = &reader->record;

    record->length = 0;
    for (;;) {
        ssize_t length = read_line(reader, err);
        bool blank = length == 1;

        if (length < 0)
            return LDIF_READ_FAILED;
        if (length == 0 || (blank && record->length > 0))
            return finish(reader, length == 0, ret_record, err);
        if (blank)
            continue;
        if (record->length == 0)
            ret_record->line = reader->lines;
        if (record->length + (size_t)length > RECORD_BYTES_MOST) {
            too_large(reader, ret_record->line, err);
            return LDIF_READ_FAILED;
        }
        buffer_add(record, reader->line.data, (size_t)length);
    }
}
