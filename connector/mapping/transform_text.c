#include "mapping/transform.h"

#include "base/text.h"
#include "mapping/ascii.h"

struct slice
transform_lower(struct evaluation *evaluation, const struct step *step, struct slice value)
{
    (void)step;
    return text_lower(evaluation->arena, value);
}

struct slice
transform_upper(struct evaluation *evaluation, const struct step *step, struct slice value)
{
    (void)step;
    return text_upper(evaluation->arena, value);
}

struct slice
transform_trim(struct evaluation *evaluation, const struct step *step, struct slice value)
{
    (void)evaluation;
    (void)step;
    return values_trim(value);
}

struct slice
transform_squeeze(struct evaluation *evaluation, const struct step *step, struct slice value)
{
    (void)step;
    return text_tidy(evaluation->arena, value);
}

struct slice
transform_ascii(struct evaluation *evaluation, const struct step *step, struct slice value)
{
    (void)step;
    return ascii_of(evaluation->arena, value);
}

struct slice
transform_digits(struct evaluation *evaluation, const struct step *step, struct slice value)
{
    char *out = arena_bytes(evaluation->arena, value.length);
    size_t used = 0;

    (void)step;
    for (size_t i = 0; i < value.length; i++)
        if (value.data[i] >= '0' && value.data[i] <= '9')
            out[used++] = value.data[i];
    arena_trim(evaluation->arena, out, value.length, used);
    return (struct slice){out, used};
}

static struct slice
join(struct arena *arena, struct slice a, struct slice b)
{
    char *out = arena_bytes(arena, a.length + b.length);

    memcpy(out, a.data, a.length);
    memcpy(out + a.length, b.data, b.length);
    return (struct slice){out, a.length + b.length};
}

struct slice
transform_prefix(struct evaluation *evaluation, const struct step *step, struct slice value)
{
    return join(evaluation->arena, step->arguments[0].text, value);
}

struct slice
transform_suffix(struct evaluation *evaluation, const struct step *step, struct slice value)
{
    return join(evaluation->arena, value, step->arguments[0].text);
}

static const char *
find(struct slice value, struct slice wanted)
{
    return memmem(value.data, value.length, wanted.data, wanted.length);
}

struct slice
transform_before(struct evaluation *evaluation, const struct step *step, struct slice value)
{
    const char *at = find(value, step->arguments[0].text);

    (void)evaluation;
    return at ? (struct slice){value.data, (size_t)(at - value.data)} : SLICE_NONE;
}

struct slice
transform_after(struct evaluation *evaluation, const struct step *step, struct slice value)
{
    struct slice wanted = step->arguments[0].text;
    const char *at = find(value, wanted);

    (void)evaluation;
    if (!at)
        return SLICE_NONE;
    at += wanted.length;
    return (struct slice){at, value.length - (size_t)(at - value.data)};
}

struct slice
transform_take(struct evaluation *evaluation, const struct step *step, struct slice value)
{
    (void)evaluation;
    return text_take(value, step->arguments[0].as.number);
}

struct slice
transform_drop(struct evaluation *evaluation, const struct step *step, struct slice value)
{
    size_t dropped = text_take(value, step->arguments[0].as.number).length;

    (void)evaluation;
    return (struct slice){value.data + dropped, value.length - dropped};
}

struct slice
transform_pad_left(struct evaluation *evaluation, const struct step *step, struct slice value)
{
    struct slice pad = step->argument_count > 1 ? step->arguments[1].text : slice_of("0");
    size_t wanted = step->arguments[0].as.number, have = text_characters(value);
    size_t length;
    char *out, *end;

    if (have >= wanted)
        return value;
    length = (wanted - have) * pad.length + value.length;
    out = end = arena_bytes(evaluation->arena, length);
    for (; have < wanted; have++) {
        memcpy(end, pad.data, pad.length);
        end += pad.length;
    }
    memcpy(end, value.data, value.length);
    return (struct slice){out, length};
}

/* Moves *at behind the line that begins there and returns the line, without its end. */
static struct slice
next_line(struct slice text, size_t *at, bool postal)
{
    size_t start = *at;
    struct slice line;

    while (*at < text.length) {
        char c = text.data[*at];

        if (postal ? c == '$' : c == '\n' || c == '\r')
            break;
        ++*at;
    }
    line = (struct slice){text.data + start, *at - start};
    if (*at + 1 < text.length && text.data[*at] == '\r' && text.data[*at + 1] == '\n')
        ++*at;
    ++*at;
    return line;
}

/* RFC 4517 section 3.3.28: in a postal address \24 is '$' and \5C is '\'. */
static struct slice
unescape_postal(struct arena *arena, struct slice line)
{
    char *out;
    size_t used = 0;

    if (line.length == 0 || !memchr(line.data, '\\', line.length))
        return line;
    out = arena_bytes(arena, line.length);
    for (size_t at = 0; at < line.length; at++) {
        struct slice escape = {line.data + at, line.length - at < 3 ? line.length - at : 3};

        out[used] = line.data[at];
        if (slice_equal_nocase(escape, slice_of("\\24")))
            out[used] = '$';
        if (out[used++] == '$' || slice_equal_nocase(escape, slice_of("\\5c")))
            at += 2;
    }
    return (struct slice){out, used};
}

struct slice
transform_line(struct evaluation *evaluation, const struct step *step, struct slice value)
{
    bool postal =
        !memchr(value.data, '\n', value.length) && !memchr(value.data, '\r', value.length);
    struct slice line = SLICE_NONE;
    size_t at = 0;

    for (size_t i = 0; i < step->arguments[0].as.number; i++) {
        if (at > value.length)
            return SLICE_NONE;
        line = next_line(value, &at, postal);
    }
    return postal ? unescape_postal(evaluation->arena, line) : line;
}
