#include "mapping/pattern.h"

#include "base/buffer.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

/* Enough for what people write on purpose: a pattern that needs more steps from one starting
 * point of a value of a few thousand characters is a trap. */
enum {
    STEPS_MOST = 10000,
    HEAP_KIBIBYTES_MOST = 1024,
    VALUES_PER_MATCH = 400, /* what a match counts for as work: it may take as long as these */
    GROUPS_MOST = 64,
    PATTERN_BYTES_MOST = 4096
};

struct pattern {
    const struct patterns *owner;
    pcre2_code *code;
    uint32_t groups;
};

struct patterns {
    pcre2_match_context *limits;
    struct pattern **items;
    size_t count, capacity;
};

/* Text up to a group; the last piece has no group. */
struct replacement_piece {
    struct slice text;
    bool has_group;
    size_t group;
};

struct replacement {
    struct replacement_piece *pieces;
    size_t count;
};

struct patterns *
patterns_new(void)
{
    struct patterns *patterns = memory_zero(1, sizeof *patterns);

    patterns->limits = pcre2_match_context_create(NULL);
    if (patterns->limits) {
        pcre2_set_match_limit(patterns->limits, STEPS_MOST);
        pcre2_set_heap_limit(patterns->limits, HEAP_KIBIBYTES_MOST);
    }
    return patterns;
}

void
patterns_free(struct patterns *patterns)
{
    if (!patterns)
        return;
    for (size_t i = 0; i < patterns->count; i++) {
        pcre2_code_free(patterns->items[i]->code);
        free(patterns->items[i]);
    }
    pcre2_match_context_free(patterns->limits);
    free(patterns->items);
    free(patterns);
}

const struct pattern *
pattern_compile(struct patterns *patterns, struct arena *arena, struct slice text,
                const char **ret_why, size_t *ret_offset)
{
    struct pattern *pattern;
    pcre2_code *compiled;
    uint32_t groups;
    int code;

    if (text.length > PATTERN_BYTES_MOST) {
        *ret_why = arena_format(arena, "longer than %d bytes", PATTERN_BYTES_MOST);
        *ret_offset = 0;
        return NULL;
    }
    compiled = pcre2_compile((PCRE2_SPTR)text.data, text.length,
                             PCRE2_UTF | PCRE2_NEVER_BACKSLASH_C, &code, ret_offset, NULL);
    if (!compiled) {
        char why[256];

        pcre2_get_error_message(code, (PCRE2_UCHAR *)why, sizeof why);
        *ret_why = arena_string(arena, why);
        return NULL;
    }
    pcre2_pattern_info(compiled, PCRE2_INFO_CAPTURECOUNT, &groups);
    if (groups >= GROUPS_MOST) {
        pcre2_code_free(compiled);
        *ret_why = arena_format(arena, "more than %d groups", GROUPS_MOST - 1);
        *ret_offset = 0;
        return NULL;
    }
    /* Without JIT, as on machines that forbid writable code, matching is slower but the same. */
    pcre2_jit_compile(compiled, PCRE2_JIT_COMPLETE);
    pattern = memory_zero(1, sizeof *pattern);
    *pattern = (struct pattern){patterns, compiled, groups};
    memory_grow(&patterns->items, &patterns->capacity, patterns->count + 1,
                sizeof(struct pattern *));
    patterns->items[patterns->count++] = pattern;
    return pattern;
}

const struct replacement *
replacement_compile(struct arena *arena, const struct pattern *pattern, struct slice text,
                    const char **ret_why)
{
    struct replacement *replacement = arena_alloc(arena, sizeof *replacement);
    char *out = arena_bytes(arena, text.length + 1);
    size_t used = 0;

    replacement->pieces = arena_alloc(arena, (text.length + 1) * sizeof *replacement->pieces);
    for (size_t at = 0; at < text.length; at++) {
        char next = at + 1 < text.length ? text.data[at + 1] : '\0';

        if (text.data[at] != '\\' || next == '\\') {
            at += text.data[at] == '\\';
            out[used++] = text.data[at];
        } else if (next >= '0' && next <= '9' && (uint32_t)(next - '0') <= pattern->groups) {
            replacement->pieces[replacement->count++] =
                (struct replacement_piece){{out, used}, true, (size_t)(next - '0')};
            out += used;
            used = 0;
            at++;
        } else {
            *ret_why = next >= '0' && next <= '9'
                           ? arena_format(arena, "the pattern has no group %c", next)
                           : "behind '\\' stands a group's number, or another '\\'";
            return NULL;
        }
    }
    replacement->pieces[replacement->count++] = (struct replacement_piece){{out, used}, false, 0};
    return replacement;
}

static void *
match_alloc(size_t size, void *arena)
{
    return arena_alloc(arena, size);
}

static void
match_free(void *memory, void *arena)
{
    (void)memory;
    (void)arena;
}

/* One block of match data a person, for all patterns, in the person's arena. */
static pcre2_match_data *
match_data(struct evaluation *evaluation)
{
    if (!evaluation->match_data) {
        pcre2_general_context *context =
            pcre2_general_context_create(match_alloc, match_free, evaluation->arena);

        evaluation->match_data = pcre2_match_data_create(GROUPS_MOST, context);
    }
    return evaluation->match_data;
}

/* The number of groups of the match plus one, 0: none, or a bound was passed (*ret_good false). */
static size_t
match(struct evaluation *evaluation, const struct pattern *pattern, struct slice value,
      size_t start, bool *ret_good)
{
    pcre2_match_data *data = match_data(evaluation);
    int result;

    evaluate_charge(evaluation, VALUES_PER_MATCH);
    if (value.length > PATTERN_VALUE_BYTES_MOST) {
        result = PCRE2_ERROR_MATCHLIMIT;
    } else {
        result = pcre2_match(pattern->code, (PCRE2_SPTR)value.data, value.length, start, 0, data,
                             pattern->owner->limits);
        if (result == PCRE2_ERROR_JIT_STACKLIMIT)
            result = pcre2_match(pattern->code, (PCRE2_SPTR)value.data, value.length, start,
                                 PCRE2_NO_JIT, data, pattern->owner->limits);
    }
    *ret_good = result > 0 || result == PCRE2_ERROR_NOMATCH;
    if (!*ret_good)
        evaluate_unreadable(evaluation, value, "too long or too involved for the pattern");
    return result > 0 ? (size_t)result : 0;
}

bool
pattern_matches(struct evaluation *evaluation, const struct pattern *pattern, struct slice value)
{
    bool good;

    return match(evaluation, pattern, value, 0, &good) > 0;
}

/* A group of the last match; empty where it took no part. */
static struct slice
group(struct evaluation *evaluation, struct slice value, size_t number, size_t matched)
{
    const size_t *offsets = pcre2_get_ovector_pointer(match_data(evaluation));
    size_t start = offsets[2 * number], end = offsets[2 * number + 1];

    /* \K may put the start behind the end. */
    if (number >= matched || start == PCRE2_UNSET || start > end)
        return (struct slice){value.data, 0};
    return (struct slice){value.data + start, end - start};
}

struct slice
pattern_extract(struct evaluation *evaluation, const struct pattern *pattern, struct slice value)
{
    bool good;
    size_t matched = match(evaluation, pattern, value, 0, &good);

    if (matched == 0)
        return SLICE_NONE;
    return group(evaluation, value, pattern->groups > 0 ? 1 : 0, matched);
}

static void
add_replacement(struct evaluation *evaluation, const struct replacement *replacement,
                struct slice value, size_t matched, struct buffer *out)
{
    for (size_t i = 0; i < replacement->count; i++) {
        const struct replacement_piece *piece = &replacement->pieces[i];

        buffer_add(out, piece->text.data, piece->text.length);
        if (piece->has_group) {
            struct slice text = group(evaluation, value, piece->group, matched);

            buffer_add(out, text.data, text.length);
        }
    }
}

static size_t
character_length(struct slice value, size_t at)
{
    size_t end = at + 1;

    while (end < value.length && ((unsigned char)value.data[end] & 0xc0) == 0x80)
        end++;
    return end - at;
}

struct slice
pattern_replace(struct evaluation *evaluation, const struct pattern *pattern,
                const struct replacement *replacement, struct slice value)
{
    struct buffer out = BUFFER_INIT;
    struct slice result = SLICE_NONE;
    size_t copied = 0, start = 0;
    bool good = true;
    size_t matched;

    /* After a match of nothing the search goes on one character further, so that it ends. */
    while (start <= value.length &&
           (matched = match(evaluation, pattern, value, start, &good)) > 0) {
        struct slice whole = group(evaluation, value, 0, matched);
        size_t from = (size_t)(whole.data - value.data), to = from + whole.length;

        if (from < copied)
            break;
        buffer_add(&out, value.data + copied, from - copied);
        add_replacement(evaluation, replacement, value, matched, &out);
        copied = to;
        if (whole.length == 0)
            to += to < value.length ? character_length(value, to) : 1;
        if (to <= start)
            break;
        start = to;
    }
    if (good && start == 0) {
        result = value;
    } else if (good) {
        buffer_add(&out, value.data + copied, value.length - copied);
        result = arena_slice(evaluation->arena, (struct slice){out.data, out.length});
    }
    buffer_free(&out);
    return result;
}
