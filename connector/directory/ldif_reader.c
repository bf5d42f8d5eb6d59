#include "directory/ldif_reader.h"

#include "base/arena.h"
#include "base/buffer.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { RECORD_BYTES_MOST = 256 * 1024 * 1024, FILE_BUFFER_BYTES = 256 * 1024 };

struct ldif_reader {
    FILE *file;
    const char *name;
    char *line;
    size_t line_capacity;
    unsigned long lines; /* read so far */
    struct buffer record;
    bool framed;      /* began with ldapsearch's comment */
    bool frame_ended; /* and its closing comment came */
    char *file_buffer;
};

static FILE *
open_file(const char *path, struct error *err)
{
    struct stat info;
    int fd;
    FILE *file;

    if (strcmp(path, "-") == 0) {
        fd = dup(STDIN_FILENO);
        file = fd < 0 ? NULL : fdopen(fd, "re");
    } else {
        file = fopen(path, "re");
    }
    if (!file) {
        error_set(err, errno == EACCES || errno == EPERM ? ERROR_PERMISSION : ERROR_CONFIG,
                  "cannot read '%s': %s", path, strerror(errno));
        return NULL;
    }
    if (fstat(fileno(file), &info) == 0 && S_ISDIR(info.st_mode)) {
        error_set(err, ERROR_CONFIG, "cannot read '%s': it is a folder", path);
        fclose(file);
        return NULL;
    }
    return file;
}

struct ldif_reader *
ldif_reader_open(const char *path, struct error *err)
{
    FILE *file = open_file(path, err);
    struct ldif_reader *reader;

    if (!file)
        return NULL;
    reader = memory_zero(1, sizeof *reader);
    reader->file = file;
    reader->name = strcmp(path, "-") == 0 ? "standard input" : path;
    reader->file_buffer = memory_alloc(FILE_BUFFER_BYTES);
    setvbuf(file, reader->file_buffer, _IOFBF, FILE_BUFFER_BYTES);
    return reader;
}

void
ldif_reader_close(struct ldif_reader *reader)
{
    if (!reader)
        return;
    fclose(reader->file);
    free(reader->file_buffer);
    free(reader->line);
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

/* The next line, its end made "\n". Length 0: the end of the file; -1: err is set. */
static ssize_t
read_line(struct ldif_reader *reader, struct error *err)
{
    ssize_t length;

    errno = 0;
    length = getline(&reader->line, &reader->line_capacity, reader->file);
    if (length < 0 && feof(reader->file))
        return 0;
    if (length < 0) {
        error_set(err, ERROR_DATA, "cannot read '%s' after line %lu: %s", reader->name,
                  reader->lines, strerror(errno));
        return -1;
    }
    reader->lines++;
    if (reader->line[length - 1] != '\n') {
        cut_off(reader, err, "its last line has no end");
        return -1;
    }
    if (length > 1 && reader->line[length - 2] == '\r') {
        reader->line[length - 2] = '\n';
        reader->line[--length] = '\0';
    }
    if (reader->line[0] == '#')
        note_comment(reader, reader->line);
    return length;
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
            error_set(err, ERROR_DATA, "'%s' has a record of more than %d bytes at line %lu",
                      reader->name, RECORD_BYTES_MOST, ret_record->line);
            return LDIF_READ_FAILED;
        }
        buffer_add(record, reader->line, (size_t)length);
    }
}
