#include "alma/alma.h"

#include "model/user_fields.h"

#include <string.h>

/* A line of a record that holds one field as a whole: the writer puts each on its own. */
static bool
is_field(struct slice line, const char *name)
{
    size_t length = strlen(name);

    return line.length > length + 1 && line.data[0] == '<' && line.data[length + 1] == '>' &&
           memcmp(line.data + 1, name, length) == 0;
}

static void
write_date(struct buffer *out, const char *name, struct date date)
{
    buffer_format(out, "<%s>%04d-%02d-%02dZ</%s>\n", name, date.year, date.month, date.day, name);
}

/* The date within "<expiry_date>2026-09-01Z</expiry_date>". */
static bool
read_date(struct slice line, const char *name, struct date *ret_date)
{
    size_t tag = strlen(name) + 2;
    const char *end = memchr(line.data + tag, '<', line.length - tag);

    return end &&
           date_parse((struct slice){line.data + tag, (size_t)(end - line.data) - tag}, ret_date);
}

static bool
is_earlier(struct date a, struct date b)
{
    return date_to_time(a) < date_to_time(b);
}

/* Behind the start tag, as a user's elements may come in any order. */
static void
write_changes(const struct alma_leaving *leaving, struct date expiry, struct buffer *out)
{
    write_date(out, "expiry_date", expiry);
    if (leaving->purge_date.year)
        write_date(out, "purge_date", leaving->purge_date);
    buffer_add_text(out, "<status>INACTIVE</status>\n");
}

static struct slice
next_line(struct slice *rest)
{
    const char *end = memchr(rest->data, '\n', rest->length);
    size_t length = end ? (size_t)(end - rest->data) + 1 : rest->length;
    struct slice line = {rest->data, length};

    *rest = (struct slice){rest->data + length, rest->length - length};
    return line;
}

static struct date
expiry_of(struct slice record, struct date fallback)
{
    struct date own;

    while (record.length > 0) {
        struct slice line = next_line(&record);

        if (is_field(line, "expiry_date") && read_date(line, "expiry_date", &own))
            return is_earlier(own, fallback) ? own : fallback;
    }
    return fallback;
}

void
alma_write_leaver(struct slice record, const struct alma_leaving *leaving, struct buffer *out)
{
    struct date expiry = expiry_of(record, leaving->expiry_date);
    struct slice rest = record, line = next_line(&rest);

    buffer_add(out, line.data, line.length);
    write_changes(leaving, expiry, out);
    while (rest.length > 0) {
        line = next_line(&rest);
        if (!is_field(line, "expiry_date") && !is_field(line, "status") &&
            !(leaving->purge_date.year && is_field(line, "purge_date")))
            buffer_add(out, line.data, line.length);
    }
}
