#include "model/normal.h"

#include "base/text.h"
#include "model/dn.h"

#include <stdlib.h>

/* ASCII without capitals, with single blanks between words only: most values that matter. */
static bool
is_normal(struct slice value)
{
    bool blank = true;

    for (size_t i = 0; i < value.length; i++) {
        unsigned char c = (unsigned char)value.data[i];

        if (c < ' ' || c >= 0x7f || (c >= 'A' && c <= 'Z') || (c == ' ' && blank))
            return false;
        blank = c == ' ';
    }
    return !blank || value.length == 0;
}

/* Runs of blanks become one; `ends` keeps one at the ends too. */
static struct slice
squeeze(struct arena *arena, struct slice text, bool ends)
{
    char *out = arena_bytes(arena, text.length + 1);
    size_t used = 0;
    bool pending = false;

    for (size_t at = 0; at < text.length;) {
        size_t blank = text_blank_length(text.data + at, text.length - at);

        if (blank > 0) {
            pending = ends || used > 0;
            at += blank;
            continue;
        }
        if (pending)
            out[used++] = ' ';
        pending = false;
        out[used++] = text.data[at++];
    }
    if (pending && ends)
        out[used++] = ' ';
    arena_trim(arena, out, text.length + 1, used);
    return (struct slice){out, used};
}

/* The same as squeeze(text_fold()) for ASCII, in one pass. Writes at most value.length bytes;
 * false where the value is not ASCII. */
static bool
plain_text(struct slice value, char *out, size_t *ret_used)
{
    size_t used = 0;
    bool pending = false;

    for (size_t i = 0; i < value.length; i++) {
        unsigned char c = (unsigned char)value.data[i];

        if (c >= 0x80)
            return false;
        if (text_blank_length(value.data + i, value.length - i) > 0) {
            pending = used > 0;
            continue;
        }
        if (pending)
            out[used++] = ' ';
        pending = false;
        out[used++] = (char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
    }
    *ret_used = used;
    return true;
}

struct slice
normal_text(struct arena *arena, struct slice value)
{
    size_t used;
    char *out;

    if (is_normal(value))
        return value;
    out = arena_bytes(arena, value.length);
    if (plain_text(value, out, &used)) {
        arena_trim(arena, out, value.length, used);
        return (struct slice){out, used};
    }
    arena_trim(arena, out, value.length, 0);
    return squeeze(arena, text_fold_compatible(arena, value), false);
}

struct slice
normal_part(struct arena *arena, struct slice part)
{
    return squeeze(arena, text_fold_compatible(arena, part), true);
}

/* One attribute and value in the form "type=value", with what could be a separator escaped. */
static struct slice
normal_pair(struct arena *arena, const struct dn_part *part)
{
    struct slice value = normal_text(arena, dn_unescape(arena, part->value));
    size_t most = part->type.length + 1 + value.length * 2;
    char *out = arena_bytes(arena, most);
    size_t used = 0;

    for (size_t i = 0; i < part->type.length; i++) {
        char c = part->type.data[i];

        out[used++] = (char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
    }
    out[used++] = '=';
    for (size_t i = 0; i < value.length; i++) {
        if (strchr(",+\\", value.data[i]) && value.data[i])
            out[used++] = '\\';
        out[used++] = value.data[i];
    }
    arena_trim(arena, out, most, used);
    return (struct slice){out, used};
}

static int
compare_pairs(const void *a, const void *b)
{
    return slice_compare(*(const struct slice *)a, *(const struct slice *)b);
}

/* The attributes of one RDN are a set (RFC 4514 section 2.2): they are put in order. */
static void
sort_rdns(struct slice *pairs, const bool *joined, size_t count)
{
    for (size_t start = 0, end; start < count; start = end + 1) {
        end = start;
        while (end + 1 < count && joined[end])
            end++;
        if (end > start)
            qsort(pairs + start, end - start + 1, sizeof *pairs, compare_pairs);
    }
}

static struct slice
join_pairs(struct arena *arena, const struct slice *pairs, const bool *joined, size_t count)
{
    size_t length = 0;
    char *out, *end;

    for (size_t i = 0; i < count; i++)
        length += pairs[i].length + 1;
    out = end = arena_bytes(arena, length);
    for (size_t i = 0; i < count; i++) {
        memcpy(end, pairs[i].data, pairs[i].length);
        end += pairs[i].length;
        *end++ = joined[i] ? '+' : ',';
    }
    return (struct slice){out, length - 1};
}

static struct slice
general_dn(struct arena *arena, struct slice value)
{
    enum { PARTS_MOST = 64 };
    struct slice pairs[PARTS_MOST];
    bool joined[PARTS_MOST];
    struct dn_reader reader = {value, 0};
    struct dn_part part;
    enum dn_result result;
    size_t count = 0;

    while ((result = dn_next(&reader, &part)) == DN_PART) {
        if (count == PARTS_MOST)
            return SLICE_NONE;
        joined[count] = part.joined;
        pairs[count++] = normal_pair(arena, &part);
    }
    if (result == DN_MALFORMED || count == 0)
        return SLICE_NONE;
    sort_rdns(pairs, joined, count);
    return join_pairs(arena, pairs, joined, count);
}

static bool
is_letter_or_digit(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

static size_t
skip_blanks(struct slice text, size_t at)
{
    while (at < text.length && text.data[at] == ' ')
        at++;
    return at;
}

/* One pass for what servers mostly send: ASCII without joined attributes, and without escapes but
 * that of "Doe\, Jane". Writes at most value.length bytes; false where the value needs the general
 * way. */
static bool
plain_dn(struct slice value, char *out, size_t *ret_used)
{
    size_t used = 0;
    bool in_type = true;

    for (size_t at = skip_blanks(value, 0); at < value.length; at++) {
        unsigned char c = (unsigned char)value.data[at];

        if (c == '\\' && !in_type && at + 1 < value.length && value.data[at + 1] == ',') {
            out[used++] = '\\';
            out[used++] = value.data[++at];
            continue;
        }
        if (c < ' ' || c >= 0x7f || memchr("\\\"+;#", c, 5))
            return false;
        if (in_type ? c == '=' : c == ',') {
            if (in_type && (used == 0 || out[used - 1] == ','))
                return false;
            used -= out[used - 1] == ' ';
            in_type = !in_type;
            at = skip_blanks(value, at + 1) - 1;
        } else if (in_type && c != '-' && c != '.' && !is_letter_or_digit(c)) {
            return false;
        } else if (c == ' ' && out[used - 1] == ' ') {
            continue;
        }
        out[used++] = (char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
    }
    if (in_type)
        return false;
    *ret_used = used - (out[used - 1] == ' ');
    return true;
}

struct slice
normal_dn(struct arena *arena, struct slice value)
{
    size_t used;
    char *out;

    if (value.length == 0 || !memchr(value.data, '=', value.length))
        return SLICE_NONE;
    out = arena_bytes(arena, value.length);
    if (plain_dn(value, out, &used)) {
        arena_trim(arena, out, value.length, used);
        return (struct slice){out, used};
    }
    arena_trim(arena, out, value.length, 0);
    return general_dn(arena, value);
}

struct slice
normal_key(struct arena *arena, struct slice value)
{
    struct slice dn = normal_dn(arena, value);

    return dn.data ? dn : normal_text(arena, value);
}
