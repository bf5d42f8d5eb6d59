#include "unit.h"

#include "base/buffer.h"
#include "base/csv.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A file that is read to its end: each row as "LINE|field|field", and each fault as it is told
 * without the file's name, a line each. */
struct reading {
    char path[32];
    int fd;
    struct faults *faults;
    struct csv *csv;
    struct buffer seen;
};

static void
start(struct reading *reading, const char *text, size_t length)
{
    struct error err = ERROR_INIT;

    *reading = (struct reading){.path = "/tmp/test_csv.XXXXXX", .faults = faults_new()};
    reading->fd = mkstemp(reading->path);
    assert_true(reading->fd >= 0);
    assert_int_equal(write(reading->fd, text, length), (ssize_t)length);
    reading->csv = csv_open(reading->path, reading->faults, &err);
    assert_non_null(reading->csv);
}

static bool
read_row(struct reading *reading)
{
    struct csv_row row;

    if (!csv_next(reading->csv, &row))
        return false;
    buffer_format(&reading->seen, "%u", row.line);
    for (size_t i = 0; i < row.count; i++) {
        buffer_add_text(&reading->seen, "|");
        buffer_add(&reading->seen, row.fields[i].data, row.fields[i].length);
    }
    buffer_add_text(&reading->seen, "\n");
    return true;
}

static void
finish(struct reading *reading)
{
    while (read_row(reading))
        continue;
    assert_false(read_row(reading));
    for (size_t i = 0; i < faults_count(reading->faults); i++)
        buffer_format(&reading->seen, "%s\n",
                      faults_text(reading->faults, i) + strlen(reading->path));
    buffer_add(&reading->seen, "", 1);
    csv_close(reading->csv);
    faults_free(reading->faults);
    close(reading->fd);
    unlink(reading->path);
}

static void
expect(const char *text, const char *seen)
{
    struct reading reading;

    start(&reading, text, strlen(text));
    finish(&reading);
    assert_string_equal(reading.seen.data, seen);
    buffer_free(&reading.seen);
}

static void
fields_are_read_as_rfc_4180_has_them(void **state)
{
    (void)state;
    expect("a,b\r\n1,2\r\n", "1|a|b\n2|1|2\n");
    expect("a,b\n1,2", "1|a|b\n2|1|2\n");
    expect("a\n1\r", "1|a\n2|1\n");
    expect("a,b\n,\n \t, x \n", "1|a|b\n2||\n3| \t| x \n");
    expect("\"a\",\"b\"\n\"\",\"\"\"\"\n", "1|a|b\n2||\"\n");
    expect("a\n\"x, \"\"y\"\"\"\n", "1|a\n2|x, \"y\"\n");
    expect("a,b\n\"1\n2\",\"\r\n\"\n3,4\n", "1|a|b\n2|1\n2|\r\n\n5|3|4\n");
    expect("a\n1 \"x\"\n", "1|a\n2|1 \"x\"\n");
    expect("a\n\"x\"", "1|a\n2|x\n");
    expect("", "");
}

static void
a_mark_and_blank_lines_are_no_rows(void **state)
{
    (void)state;
    expect("\xef\xbb\xbf", "");
    expect("\xef\xbb\xbf\"a\",b\n1,2\n", "1|a|b\n2|1|2\n");
    expect("\n\r\n\na,b\n\n1,2\n\r\n\r\n", "4|a|b\n6|1|2\n");
}

static void
the_header_row_tells_the_separator(void **state)
{
    (void)state;
    expect("a;b\n1,5;2\n", "1|a|b\n2|1,5|2\n");
    expect("a\tb;c\n1;2\n", "1|a\tb|c\n2|1|2\n");
    expect("a\tb\n1,2\t3;4\n", "1|a|b\n2|1,2|3;4\n");
    expect("\"a,b\";\"c\nd\"\n1,2;3\n", "1|a,b|c\nd\n3|1,2|3\n");
    expect("a\n1;2\n", "1|a\n2|1;2\n");
    /* A quote behind a semicolon is text where the comma separates. */
    expect("a;\"b\"c,d\n1,2\n", "1|a;\"b\"c|d\n2|1|2\n");
    expect("a;\"x,\"y,z\n", ":1: the quote that begins here is never closed\n");
}

static void
rows_with_faults_are_told_and_left_out(void **state)
{
    (void)state;
    expect("a,b\n1\n1,2,3\n1,2\n", "1|a|b\n4|1|2\n:2: 1 field where the header row has 2\n"
                                   ":3: 3 fields where the header row has 2\n");
    expect("a,b\n\"1\"x,2\n\"1\" ,2\n1,2\n",
           "1|a|b\n4|1|2\n"
           ":2: text behind the quote that closes a field; a quote that belongs to the text is "
           "written twice\n"
           ":3: text behind the quote that closes a field; a quote that belongs to the text is "
           "written twice\n");
    expect("a,b\n1, \"2\"\n  x,2\n",
           "1|a|b\n3|  x|2\n:2: a blank before a quote; a quote that opens a field is its first "
           "character\n");
}

static void
what_cannot_be_read_past_ends_the_file(void **state)
{
    struct reading reading;

    (void)state;
    expect("a\n1\n\"2\n\n3\n", "1|a\n2|1\n:3: the quote that begins here is never closed\n");
    expect("a\n\"1\n\"\n\"2\n\"\"\n",
           "1|a\n2|1\n\n:4: the quote that begins here is never closed\n");
    expect("a\n\"1\"\"", "1|a\n:2: the quote that begins here is never closed\n");
    expect("a\n1\nN\xfa\xf1"
           "ez\n2\n",
           "1|a\n2|1\n:3: bytes that are no UTF-8; save the file as UTF-8\n");
    expect("a\r1\r", ":1: a carriage return within the header row; lines end in LF or CRLF\n");
    expect("\"a\"b\n1\n2\n", ":1: text behind the quote that closes a field; a quote that belongs "
                             "to the text is written twice\n");
    start(&reading, "a\nx\0y\n1\n", 8);
    finish(&reading);
    assert_string_equal(reading.seen.data,
                        "1|a\n:2: a NUL character; the file must be UTF-8 text\n");
    buffer_free(&reading.seen);
}

/* Rows whose fields hold all that matters, of lengths that cross the window at every offset. */
static void
rows_are_the_same_wherever_the_window_ends(void **state)
{
    static const char *const fields[] = {"",      "x", "\"",   "a,b", "1\n2", "\r\n",
                                         "\"\"q", "ö", "\x7f", ",",   " x ",  "end\""};
    enum { FIELDS = sizeof fields / sizeof fields[0], ROWS = 60000 };
    struct buffer text = BUFFER_INIT, expected = BUFFER_INIT;
    struct reading reading;
    unsigned line = 2;

    (void)state;
    srand(4180);
    buffer_add_text(&text, "a,b,c\n");
    buffer_add_text(&expected, "1|a|b|c\n");
    for (int row = 0; row < ROWS; row++) {
        buffer_format(&expected, "%u", line);
        for (int i = 0; i < 3; i++) {
            const char *field = fields[rand() % FIELDS];

            buffer_add_text(&text, i ? ",\"" : "\"");
            for (const char *c = field; *c; c++) {
                buffer_add(&text, *c == '"' ? "\"\"" : c, *c == '"' ? 2 : 1);
                line += *c == '\n';
            }
            buffer_add_text(&text, "\"");
            buffer_format(&expected, "|%s", field);
        }
        buffer_add_text(&text, rand() % 2 ? "\r\n" : "\n");
        buffer_add_text(&expected, "\n");
        line++;
    }
    buffer_add(&expected, "", 1);
    start(&reading, text.data, text.length);
    finish(&reading);
    assert_int_equal(reading.seen.length, expected.length);
    assert_memory_equal(reading.seen.data, expected.data, expected.length);
    buffer_free(&reading.seen);
    buffer_free(&expected);
    buffer_free(&text);
}

static void
read_long_row(size_t length, const char *fault)
{
    char *text = memory_alloc(length + 4);
    struct reading reading;

    memcpy(text, "a\n", 2);
    memset(text + 2, 'x', length);
    memcpy(text + 2 + length, "\n1", 2);
    start(&reading, text, length + 4);
    finish(&reading);
    assert_string_equal(strrchr(reading.seen.data, '|'), fault);
    buffer_free(&reading.seen);
    free(text);
}

static void
a_row_has_its_limit(void **state)
{
    (void)state;
    read_long_row(1000 * 1000, "|1\n");
    read_long_row(1024 * 1024,
                  "|a\n:2: a row of more than 1 MB: is there a quote that nothing closes?\n");
}

static void
a_file_that_changes_meanwhile_is_a_fault(void **state)
{
    static const char changed[] =
        "1|a\n: the file changed while it was read; whoever writes it should write another one and "
        "rename it when it is complete\n";
    const struct timespec times[2] = {{1, 0}, {1, 0}};
    struct reading reading;

    (void)state;
    start(&reading, "a\n1", 3);
    assert_true(read_row(&reading));
    assert_int_equal(write(reading.fd, "2", 1), 1);
    finish(&reading);
    assert_string_equal(reading.seen.data, changed);
    buffer_free(&reading.seen);
    start(&reading, "a\n1", 3);
    assert_true(read_row(&reading));
    assert_int_equal(futimens(reading.fd, times), 0);
    finish(&reading);
    assert_string_equal(reading.seen.data, changed);
    buffer_free(&reading.seen);
}

static void
what_is_no_file_is_not_opened(void **state)
{
    struct faults *faults = faults_new();
    struct error err = ERROR_INIT;

    (void)state;
    assert_null(csv_open("/nonexistent/x.csv", faults, &err));
    assert_string_equal(err.text, "cannot read '/nonexistent/x.csv': No such file or directory");
    assert_null(csv_open("/dev/null", faults, &err));
    assert_string_equal(err.text, "cannot read '/dev/null': not a regular file");
    csv_close(NULL);
    faults_free(faults);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(fields_are_read_as_rfc_4180_has_them),
    cmocka_unit_test(a_mark_and_blank_lines_are_no_rows),
    cmocka_unit_test(the_header_row_tells_the_separator),
    cmocka_unit_test(rows_with_faults_are_told_and_left_out),
    cmocka_unit_test(what_cannot_be_read_past_ends_the_file),
    cmocka_unit_test(rows_are_the_same_wherever_the_window_ends),
    cmocka_unit_test(a_row_has_its_limit),
    cmocka_unit_test(a_file_that_changes_meanwhile_is_a_fault),
    cmocka_unit_test(what_is_no_file_is_not_opened),
};

UNIT_MAIN(tests)
