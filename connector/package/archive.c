#include "package/archive.h"

#include "base/arena.h"
#include "package/zip_error.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* APPNOTE.TXT 6.3: sections 4.3.7, 4.3.12, 4.3.14 to 4.3.16 and 4.5.3, each at its largest. */
enum {
    NAME_BYTES = 32,
    LOCAL_HEADER_BYTES = 30 + NAME_BYTES,
    LOCAL_ZIP64_BYTES = 20,
    CENTRAL_HEADER_BYTES = 46 + NAME_BYTES,
    CENTRAL_ZIP64_BYTES = 28,
    END_BYTES = 22,
    ZIP64_END_BYTES = 56 + 20
};

/* Documents hold personal data: whoever unpacks them shall be the only one to read them. */
enum { MEMBER_MODE = S_IFREG | 0600 };

/* A document as libzip reads it: bytes that are compressed already. */
struct member {
    const struct deflated *document;
    uint64_t position;
    struct error *err;
};

uint64_t
archive_member_bytes(uint64_t length)
{
    return length + LOCAL_HEADER_BYTES + LOCAL_ZIP64_BYTES + CENTRAL_HEADER_BYTES +
           CENTRAL_ZIP64_BYTES;
}

uint64_t
archive_rest_bytes(void)
{
    return END_BYTES + ZIP64_END_BYTES;
}

static zip_int64_t
member_read(struct member *member, char *data, zip_uint64_t size)
{
    uint64_t left = member->document->length - member->position;
    size_t length = left < size ? (size_t)left : (size_t)size;

    if (!scratch_read(member->document->scratch, member->document->offset + member->position, data,
                      length, member->err))
        return -1;
    member->position += length;
    return (zip_int64_t)length;
}

static zip_int64_t
member_stat(const struct member *member, zip_stat_t *ret_stat)
{
    zip_stat_init(ret_stat);
    ret_stat->valid = ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE | ZIP_STAT_COMP_METHOD | ZIP_STAT_CRC;
    ret_stat->size = member->document->size;
    ret_stat->comp_size = member->document->length;
    ret_stat->comp_method = ZIP_CM_DEFLATE;
    ret_stat->crc = member->document->crc;
    return sizeof *ret_stat;
}

static zip_int64_t
member_command(void *context, void *data, zip_uint64_t size, zip_source_cmd_t command)
{
    struct member *member = context;
    int error_codes[2] = {ZIP_ER_READ, EIO};

    switch ((int)command) {
    case ZIP_SOURCE_OPEN:
        member->position = 0;
        return 0;
    case ZIP_SOURCE_READ:
        return member_read(member, data, size);
    case ZIP_SOURCE_CLOSE:
    case ZIP_SOURCE_FREE:
        return 0;
    case ZIP_SOURCE_STAT:
        return member_stat(member, data);
    case ZIP_SOURCE_ERROR:
        memcpy(data, error_codes, sizeof error_codes);
        return sizeof error_codes;
    default:
        return -1;
    }
}

/* UTC, so that the same time gives the same bytes everywhere. */
static void
dos_time(time_t time, zip_uint16_t *ret_time, zip_uint16_t *ret_date)
{
    enum { FIRST = 315532800 }; /* 1980-01-01; earlier times do not exist there */
    time_t known = time < FIRST ? FIRST : time;
    struct tm utc;

    gmtime_r(&known, &utc);
    *ret_time = (zip_uint16_t)(utc.tm_hour << 11 | utc.tm_min << 5 | utc.tm_sec / 2);
    *ret_date = (zip_uint16_t)((utc.tm_year - 80) << 9 | (utc.tm_mon + 1) << 5 | utc.tm_mday);
}

static bool
add_member(zip_t *zip, size_t number, struct member *member, time_t time)
{
    zip_source_t *source = zip_source_function(zip, member_command, member);
    char name[NAME_BYTES];
    zip_uint16_t dos_day, dos_clock;
    zip_int64_t index;

    if (!source)
        return false;
    snprintf(name, sizeof name, "users-%04zu.xml", number);
    index = zip_file_add(zip, name, source, ZIP_FL_ENC_UTF_8);
    if (index < 0) {
        zip_source_free(source);
        return false;
    }
    dos_time(time, &dos_clock, &dos_day);
    return zip_file_set_dostime(zip, (zip_uint64_t)index, dos_clock, dos_day, 0) == 0 &&
           zip_file_set_external_attributes(zip, (zip_uint64_t)index, 0, ZIP_OPSYS_UNIX,
                                            (zip_uint32_t)MEMBER_MODE << 16) == 0;
}

/* libzip writes to a file beside `path`, with the mode of this one, and renames it over it. */
static bool
create_private(const char *path, struct error *err)
{
    int fd = open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);

    if (fd < 0)
        return error_set(err, ERROR_WRITE, "cannot write '%s': %s", path, strerror(errno));
    close(fd);
    return true;
}

static bool
write_members(zip_t *zip, const char *path, struct member *members, size_t count, time_t time,
              struct error *err)
{
    for (size_t i = 0; i < count; i++) {
        if (!add_member(zip, i + 1, &members[i], time)) {
            zip_error_word(err, ERROR_INTERNAL, "write", path, zip_get_error(zip));
            zip_discard(zip);
            return false;
        }
    }
    if (zip_close(zip) == 0)
        return true;
    /* Where a document could not be read back, member_read() has said why. */
    if (err->code == ERROR_NONE)
        zip_error_word(err, ERROR_WRITE, "write", path, zip_get_error(zip));
    zip_discard(zip);
    return false;
}

bool
archive_write(const char *path, const struct deflated *documents, size_t count, time_t time,
              struct error *err)
{
    struct member *members;
    zip_t *zip;
    int code = 0;
    bool ok = false;

    if (!create_private(path, err))
        return false;
    members = memory_zero(count, sizeof *members);
    for (size_t i = 0; i < count; i++)
        members[i] = (struct member){.document = &documents[i], .err = err};
    zip = zip_open(path, ZIP_TRUNCATE, &code);
    if (zip)
        ok = write_members(zip, path, members, count, time, err);
    else
        zip_error_word_code(err, ERROR_WRITE, "write", path, code);
    if (!ok)
        unlink(path);
    free(members);
    return ok;
}
