#include "base/csv.h"

#include "base/arena.h"
#include "base/file.h"
#include "base/text.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { WINDOW_BYTES = 256 * 1024, ROW_BYTES_MOST = 1024 * 1024, FAULTS_MOST = 20 };

/* In the order in which they are preferred. */
static const char separators[] = ",;\t";

struct csv {
    int fd;
    const char *name;
    struct faults *faults;
    size_t fault_count;
    struct stat opened; /* as the file was then */
    char *window;       /* of the file; the next row begins at `at` */
    size_t window_size, at, end;
    bool at_end;              /* the window holds the file's end */
    bool done;                /* there is nothing more to read, or it makes no sense */
    unsigned line;            /* of what stands at `at` */
    char separator;           /* NUL: the header row is yet to come */
    unsigned separators_seen; /* in the header row, a bit for each */
    size_t column_count;
    struct slice *fields;
    size_t field_capacity;
};

/* A row's text in the window, without its line end. */
struct text {
    char *begin, *end;
    unsigned line;
};

/* Always false. */
static bool
fault(struct csv *csv, unsigned line, const char *text)
{
    struct position where = {csv->name, line, 0};

    faults_add(csv->faults, where, "%s", text);
    if (++csv->fault_count == FAULTS_MOST) {
        faults_add(csv->faults, where, "after %d faults the rest of the file is not read",
                   FAULTS_MOST);
        csv->done = true;
    }
    return false;
}

/* A fault behind which nothing can be read. Always false. */
static bool
fail(struct csv *csv, unsigned line, const char *text)
{
    csv->done = true;
    return fault(csv, line, text);
}

static bool
check_unchanged(struct csv *csv)
{
    struct stat now;

    if (fstat(csv->fd, &now) == 0 && now.st_size == csv->opened.st_size &&
        now.st_mtim.tv_sec == csv->opened.st_mtim.tv_sec &&
        now.st_mtim.tv_nsec == csv->opened.st_mtim.tv_nsec)
        return true;
    return fail(csv, 0,
                "the file changed while it was read; whoever writes it should write another one "
                "and rename it when it is complete");
}

/* Moves what is left to the window's front and reads more behind it. */
static bool
refill(struct csv *csv)
{
    ssize_t got;

    memmove(csv->window, csv->window + csv->at, csv->end - csv->at);
    csv->end -= csv->at;
    csv->at = 0;
    if (csv->end == ROW_BYTES_MOST)
        return fail(csv, csv->line,
                    "a row of more than 1 MB: is there a quote that nothing closes?");
    if (csv->end == csv->window_size) {
        csv->window_size *= 2;
        csv->window = memory_resize(csv->window, csv->window_size);
    }
    do
        got = read(csv->fd, csv->window + csv->end, csv->window_size - csv->end);
    while (got < 0 && errno == EINTR);
    if (got < 0) {
        char words[128];

        snprintf(words, sizeof words, "it cannot be read further: %s", strerror(errno));
        return fail(csv, csv->line, words);
    }
    csv->end += (size_t)got;
    csv->at_end = got == 0;
    return !csv->at_end || check_unchanged(csv);
}

static void
skip_byte_order_mark(struct csv *csv)
{
    static const char mark[] = "\xef\xbb\xbf";

    if (csv->end >= strlen(mark) && memcmp(csv->window, mark, strlen(mark)) == 0)
        csv->at = strlen(mark);
}

struct csv *
csv_open(const char *path, struct faults *faults, struct error *err)
{
    struct stat info;
    int fd = file_open(path, &info, err);
    struct csv *csv;

    if (fd < 0)
        return NULL;
    csv = memory_zero(1, sizeof *csv);
    csv->fd = fd;
    csv->name = path;
    csv->faults = faults;
    csv->opened = info;
    csv->window = memory_alloc(WINDOW_BYTES);
    csv->window_size = WINDOW_BYTES;
    csv->line = 1;
    if (refill(csv))
        skip_byte_order_mark(csv);
    return csv;
}

void
csv_close(struct csv *csv)
{
    if (!csv)
        return;
    close(csv->fd);
    free(csv->window);
    free(csv->fields);
    free(csv);
}

/* In the header row, from which the separator is yet to be learned, any that it may be. */
static bool
separates(struct csv *csv, char c)
{
    const char *found;

    if (csv->separator)
        return c == csv->separator;
    found = c ? strchr(separators, c) : NULL;
    if (found)
        csv->separators_seen |= 1u << (found - separators);
    return found != NULL;
}

static char
most_preferred(unsigned seen)
{
    for (size_t i = 0; i < strlen(separators); i++)
        if (seen & 1u << i)
            return separators[i];
    return separators[0];
}

/* The line feed that ends the row, past those in quotes; NULL: there is none before `end`.
 * *ret_quote is the quote that is not closed before `end`, or NULL. */
static char *
find_end(struct csv *csv, char *at, const char *end, const char **ret_quote)
{
    char *feed = memchr(at, '\n', (size_t)(end - at));
    bool begins = true; /* a field */

    *ret_quote = NULL;
    if (csv->separator && !memchr(at, '"', (size_t)((feed ? feed : end) - at)))
        return feed;
    for (; at < end && *at != '\n'; at++) {
        if (!begins || *at != '"') {
            begins = separates(csv, *at);
            continue;
        }
        *ret_quote = at++;
        while ((at = memchr(at, '"', (size_t)(end - at))) && at + 1 < end && at[1] == '"')
            at += 2;
        if (!at)
            return NULL;
        *ret_quote = NULL;
        begins = false;
    }
    return at < end ? at : NULL;
}

static unsigned
count_lines(const char *from, const char *end)
{
    unsigned lines = 0;

    while ((from = memchr(from, '\n', (size_t)(end - from)))) {
        lines++;
        from++;
    }
    return lines;
}

static bool
is_blank(const char *begin, const char *end)
{
    return begin == end || (end - begin == 1 && *begin == '\r');
}

/* Finds the next row and moves behind it. False at the end of what can be read. */
static bool
next_text(struct csv *csv, struct text *ret_text)
{
    char *begin, *end, *feed;
    const char *quote;

    for (;;) {
        begin = csv->window + csv->at;
        end = csv->window + csv->end;
        feed = find_end(csv, begin, end, &quote);
        if (!feed && !csv->at_end) {
            if (!refill(csv))
                return false;
            continue;
        }
        if (csv->separator || is_blank(begin, feed ? feed : end))
            break;
        /* Once more: a quote opens a field behind this separator and no other. */
        csv->separator = most_preferred(csv->separators_seen);
    }
    if (quote)
        return fail(csv, csv->line + count_lines(begin, quote),
                    "the quote that begins here is never closed");
    if (begin == end)
        return false;
    if (feed)
        end = feed;
    *ret_text = (struct text){begin, end, csv->line};
    csv->line += count_lines(begin, end) + 1;
    csv->at = (size_t)(end - csv->window) + (feed != NULL);
    if (end > begin && end[-1] == '\r')
        ret_text->end--;
    return true;
}

/* The quote at *at is known to be closed before `end`. Moves the field's text to where it is
 * whole, and *at behind the closing quote. */
static struct slice
read_quoted(char **at, const char *end)
{
    char *begin = *at + 1, *out = begin, *from = begin;

    for (;;) {
        char *quote = memchr(from, '"', (size_t)(end - from));
        bool doubled = quote + 1 < end && quote[1] == '"';
        size_t length = (size_t)(quote - from) + doubled;

        if (out != from)
            memmove(out, from, length);
        out += length;
        from = quote + 1 + doubled;
        if (!doubled)
            break;
    }
    *at = from;
    return (struct slice){begin, (size_t)(out - begin)};
}

static bool
is_blank_before_quote(const char *at, const char *end)
{
    const char *from = at;

    while (at < end && *at == ' ')
        at++;
    return at > from && at < end && *at == '"';
}

/* Makes fields of a row; false after a fault. */
static bool
split(struct csv *csv, const struct text *text, size_t *ret_count)
{
    size_t count = 0;

    for (char *at = text->begin, *end = text->end;; at++) {
        memory_grow(&csv->fields, &csv->field_capacity, count + 1, sizeof *csv->fields);
        if (at < end && *at == '"') {
            csv->fields[count++] = read_quoted(&at, end);
            if (at < end && *at != csv->separator)
                return fault(csv, text->line,
                             "text behind the quote that closes a field; a quote that belongs to "
                             "the text is written twice");
        } else if (is_blank_before_quote(at, end)) {
            return fault(csv, text->line,
                         "a blank before a quote; a quote that opens a field is its first "
                         "character");
        } else {
            char *begin = at;

            at = memchr(begin, csv->separator, (size_t)(end - begin));
            at = at ? at : end;
            csv->fields[count++] = (struct slice){begin, (size_t)(at - begin)};
        }
        if (at == end)
            break;
    }
    *ret_count = count;
    return true;
}

static bool
check_characters(struct csv *csv, const struct text *text)
{
    struct slice bytes = {text->begin, (size_t)(text->end - text->begin)};

    if (memchr(bytes.data, '\0', bytes.length))
        return fail(csv, text->line, "a NUL character; the file must be UTF-8 text");
    if (!text_is_utf8(bytes))
        return fail(csv, text->line, "bytes that are no UTF-8; save the file as UTF-8");
    if (csv->column_count == 0 && memchr(bytes.data, '\r', bytes.length))
        return fail(csv, text->line,
                    "a carriage return within the header row; lines end in LF or CRLF");
    return true;
}

static bool
read_row(struct csv *csv, const struct text *text, struct csv_row *ret_row)
{
    char words[96];
    size_t count = 0;

    if (!check_characters(csv, text))
        return false;
    if (!split(csv, text, &count)) {
        csv->done = csv->done || csv->column_count == 0;
        return false;
    }
    if (csv->column_count == 0)
        csv->column_count = count;
    if (count != csv->column_count) {
        snprintf(words, sizeof words, "%zu field%s where the header row has %zu", count,
                 count == 1 ? "" : "s", csv->column_count);
        return fault(csv, text->line, words);
    }
    *ret_row = (struct csv_row){csv->fields, count, text->line};
    return true;
}

bool
csv_next(struct csv *csv, struct csv_row *ret_row)
{
    struct text text = {0};

    while (!csv->done && next_text(csv, &text))
        if (text.end > text.begin && read_row(csv, &text, ret_row))
            return true;
    return false;
}
