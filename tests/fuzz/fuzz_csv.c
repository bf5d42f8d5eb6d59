/* Any bytes as a CSV file: rows are of one width and readable to their last byte, and come back
 * the same when they are written with quotes; and as a table of a mapping, in which the first row
 * is found. */
#include "mapping_sample.h"

#include "base/csv.h"
#include "base/text.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A file in memory; its path is good while it is open. */
static int
make_file(const char *data, size_t size, char path[64])
{
    int fd = memfd_create("csv", 0);

    if (fd < 0 || (size > 0 && write(fd, data, size) != (ssize_t)size))
        abort();
    snprintf(path, 64, "/proc/self/fd/%d", fd);
    return fd;
}

static void
write_row(const struct csv_row *row, struct buffer *out)
{
    for (size_t i = 0; i < row->count; i++) {
        const struct slice *field = &row->fields[i];

        if (memchr(field->data, '\0', field->length) || !text_is_utf8(*field))
            abort();
        buffer_add_text(out, i ? ",\"" : "\"");
        for (size_t j = 0; j < field->length; j++)
            buffer_add(out, field->data[j] == '"' ? "\"\"" : &field->data[j],
                       field->data[j] == '"' ? 2 : 1);
        buffer_add_text(out, "\"");
    }
    buffer_add_text(out, "\r\n");
}

/* Returns how many faults there were. */
static size_t
rewrite(const char *path, struct buffer *out, size_t *ret_rows)
{
    struct faults *faults = faults_new();
    struct error err = ERROR_INIT;
    struct csv *csv = csv_open(path, faults, &err);
    struct csv_row row;
    size_t width = 0, count;

    if (!csv)
        abort();
    for (*ret_rows = 0; csv_next(csv, &row); ++*ret_rows) {
        if (row.count == 0 || (width && row.count != width) || row.line == 0)
            abort();
        width = row.count;
        write_row(&row, out);
    }
    if (csv_next(csv, &row))
        abort();
    csv_close(csv);
    count = faults_count(faults);
    faults_free(faults);
    return count;
}

static void
load_table(const char *path)
{
    struct buffer mapping = BUFFER_INIT, got;

    buffer_format(&mapping,
                  "mapping: 1\nmatch_id: primary_id\n"
                  "tables: { t: { csv: %s, key: k } }\n"
                  "user: { primary_id: \"${a | lookup t v}\", last_name: \"${a | lookup t k}\" }\n",
                  path);
    got = sample_run((struct slice){mapping.data, mapping.length},
                     slice_of("a: 1\na: K\na: cn=a,o=b\n"));
    buffer_free(&got);
    buffer_free(&mapping);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buffer once = BUFFER_INIT, twice = BUFFER_INIT;
    size_t rows, rows_again;
    char path[64];
    int fd = make_file((const char *)data, size, path);

    rewrite(path, &once, &rows);
    load_table(path);
    close(fd);
    fd = make_file(once.data, once.length, path);
    if (rewrite(path, &twice, &rows_again) > 0 || rows_again != rows ||
        !slice_equal((struct slice){once.data, once.length},
                     (struct slice){twice.data, twice.length}))
        abort();
    close(fd);
    buffer_free(&once);
    buffer_free(&twice);
    return 0;
}
