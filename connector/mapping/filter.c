#include "mapping/filter.h"

#include "base/text.h"
#include "mapping/hex.h"
#include "mapping/normal.h"

#include <errno.h>
#include <stdlib.h>

enum { DEPTH_MOST = 64 };

struct parser {
    struct compiler *compiler;
    const struct yaml_node *node;
    struct slice text;
    size_t at;
};

static bool
fail(struct parser *parser, size_t at, const char *text)
{
    faults_add(parser->compiler->faults, compiler_position(parser->node, at),
               "bad filter: %s (at character %zu)", text,
               text_characters((struct slice){parser->text.data, at}) + 1);
    return false;
}

static const struct filter *
no_filter(struct parser *parser, size_t at, const char *text)
{
    fail(parser, at, text);
    return NULL;
}

static int
peek(const struct parser *parser)
{
    return parser->at < parser->text.length ? (unsigned char)parser->text.data[parser->at] : '\0';
}

static void
skip_blanks(struct parser *parser)
{
    while (parser->at < parser->text.length && strchr(" \t\r\n", peek(parser)))
        parser->at++;
}

static struct filter *
filter_new(struct parser *parser, enum filter_kind kind)
{
    struct filter *filter = arena_alloc(parser->compiler->arena, sizeof *filter);

    filter->kind = kind;
    return filter;
}

bool
filter_is_integer(struct slice text)
{
    size_t at = text.length > 0 && text.data[0] == '-';

    if (at == text.length)
        return false;
    for (; at < text.length; at++)
        if (text.data[at] < '0' || text.data[at] > '9')
            return false;
    return true;
}

/* One character of a value, of which '*' and ')' are not; false after a fault. */
static bool
read_character(struct parser *parser, char *ret_character)
{
    int byte = peek(parser);

    if (byte == '(')
        return fail(parser, parser->at, "'(' in a value is written \\28");
    if (byte == '\\') {
        byte = hex_pair(parser->text, parser->at + 1);
        if (byte < 0)
            return fail(parser, parser->at,
                        "after '\\' come two hexadecimal digits, such as \\2a for '*'");
        parser->at += 2;
    }
    parser->at++;
    *ret_character = (char)byte;
    return true;
}

/* The value up to ')', split at each '*' into parts without their escapes. */
static bool
read_parts(struct parser *parser, struct slice **ret_parts, size_t *ret_count)
{
    struct slice rest = {parser->text.data + parser->at, parser->text.length - parser->at};
    const char *end = memchr(rest.data, ')', rest.length);
    size_t most = 1, used = 0;
    char *out = arena_bytes(parser->compiler->arena, rest.length + 1);
    struct slice *part;

    if (end)
        rest.length = (size_t)(end - rest.data);
    for (size_t i = 0; i < rest.length; i++)
        most += rest.data[i] == '*';
    *ret_parts = part = arena_alloc(parser->compiler->arena, most * sizeof *part);
    *ret_count = most;
    while (parser->at < parser->text.length && peek(parser) != ')') {
        if (peek(parser) == '*') {
            *part++ = (struct slice){out, used};
            out += used;
            used = 0;
            parser->at++;
        } else if (!read_character(parser, &out[used++])) {
            return false;
        }
    }
    *part = (struct slice){out, used};
    return true;
}

static bool
parse_bits(struct slice text, long long *ret_bits)
{
    char digits[24];
    char *end;

    if (!filter_is_integer(text) || text.length >= sizeof digits)
        return false;
    memcpy(digits, text.data, text.length);
    digits[text.length] = '\0';
    errno = 0;
    *ret_bits = strtoll(digits, &end, 10);
    return errno == 0;
}

static void
set_value(struct parser *parser, struct filter *filter, struct slice value)
{
    struct arena *arena = parser->compiler->arena;

    filter->text = normal_text(arena, value);
    if (filter->kind == FILTER_EQUAL)
        filter->dn = normal_dn(arena, value);
    if (filter->kind == FILTER_EXACT)
        filter->text = text_tidy(arena, value);
    if (filter->kind != FILTER_AT_LEAST && filter->kind != FILTER_AT_MOST)
        return;
    if (filter_is_integer(filter->text))
        filter->order = ORDER_INTEGER;
    else if (date_parse_generalized_time(text_tidy(arena, value), &filter->time))
        filter->order = ORDER_TIME;
}

static void
set_substrings(struct parser *parser, struct filter *filter, struct slice *parts, size_t count)
{
    struct arena *arena = parser->compiler->arena;

    filter->kind = FILTER_SUBSTRINGS;
    filter->parts = parts;
    filter->part_count = count;
    for (size_t i = 0; i < count; i++)
        parts[i] = normal_part(arena, parts[i]);
    /* Values are compared without blanks at their ends. */
    while (parts[0].length > 0 && parts[0].data[0] == ' ')
        parts[0] = (struct slice){parts[0].data + 1, parts[0].length - 1};
    while (parts[count - 1].length > 0 && parts[count - 1].data[parts[count - 1].length - 1] == ' ')
        parts[count - 1].length--;
}

/* Matching rules by name and number (RFC 4517 section 4.2; Active Directory's in MS-ADTS section
 * 3.1.1.3.4.4). kind is what the filter becomes; a row without `works` says why it cannot. */
static const struct {
    const char *name, *oid;
    enum filter_kind kind;
    const char *why_not;
} matching_rules[] = {
    {"caseIgnoreMatch", "2.5.13.2", FILTER_EQUAL, NULL},
    {"caseExactMatch", "2.5.13.5", FILTER_EXACT, NULL},
    {"distinguishedNameMatch", "2.5.13.1", FILTER_EQUAL, NULL},
    {"integerMatch", "2.5.13.14", FILTER_INTEGER, NULL},
    {"LDAP_MATCHING_RULE_BIT_AND", "1.2.840.113556.1.4.803", FILTER_BITS_ALL, NULL},
    {"LDAP_MATCHING_RULE_BIT_OR", "1.2.840.113556.1.4.804", FILTER_BITS_ANY, NULL},
    {"LDAP_MATCHING_RULE_IN_CHAIN", "1.2.840.113556.1.4.1941", FILTER_EQUAL,
     "nested groups cannot be seen in one entry; only the directory's own search can follow them"},
};

/* What stands behind the attribute's ':' up to ":="; sets the filter's kind. */
static bool
read_matching_rule(struct parser *parser, struct filter *filter)
{
    size_t start = parser->at, count = sizeof matching_rules / sizeof matching_rules[0];
    struct slice name;

    while (parser->at < parser->text.length && !strchr(":=()*", peek(parser)))
        parser->at++;
    name = (struct slice){parser->text.data + start, parser->at - start};
    if (peek(parser) != ':')
        return fail(parser, parser->at, "':=' is missing behind the matching rule");
    if (slice_equal_nocase(name, slice_of("dn")))
        return fail(parser, start,
                    "':dn' is not supported; 'dn' itself can stand for the "
                    "attribute, as in (dn=*,OU=Staff,DC=example,DC=edu)");
    for (size_t i = 0; i < count; i++) {
        if (!slice_equal_nocase(name, slice_of(matching_rules[i].name)) &&
            !slice_equal(name, slice_of(matching_rules[i].oid)))
            continue;
        filter->kind = matching_rules[i].kind;
        parser->at++;
        return !matching_rules[i].why_not || fail(parser, start, matching_rules[i].why_not);
    }
    return fail(parser, start,
                "unsupported matching rule; bitwise and is 1.2.840.113556.1.4.803, "
                "bitwise or 1.2.840.113556.1.4.804");
}

/* Reads the operator and sets the filter's kind. */
static bool
read_operator(struct parser *parser, struct filter *filter)
{
    char c = peek(parser);

    filter->kind = FILTER_EQUAL;
    if (c == ':') {
        parser->at++;
        if (peek(parser) != '=' && !read_matching_rule(parser, filter))
            return false;
        if (peek(parser) != '=')
            return fail(parser, parser->at, "':=' is missing behind the matching rule");
    } else if (c == '>' || c == '<' || c == '~') {
        if (c != '~')
            filter->kind = c == '>' ? FILTER_AT_LEAST : FILTER_AT_MOST;
        parser->at++;
        if (peek(parser) != '=')
            return fail(parser, parser->at, "LDAP knows '>=', '<=' and '~=' only");
    } else if (c != '=') {
        return fail(parser, parser->at, "'=' is missing");
    }
    parser->at++;
    return true;
}

static const struct filter *
read_comparison(struct parser *parser)
{
    struct filter *filter = filter_new(parser, FILTER_EQUAL);
    size_t start = parser->at, value_at, count;
    struct slice *parts, name;
    bool plain; /* '=' alone: substrings and presence are possible */

    while (parser->at < parser->text.length && !strchr("=~<>:()", peek(parser)))
        parser->at++;
    name = (struct slice){parser->text.data + start, parser->at - start};
    if (name.length == 0)
        return no_filter(parser, start, "an attribute is missing");
    if (!compiler_source(parser->compiler, parser->node, start, name, &filter->subject))
        return NULL;
    plain = peek(parser) == '=';
    if (!read_operator(parser, filter))
        return NULL;
    value_at = parser->at;
    if (!read_parts(parser, &parts, &count))
        return NULL;
    if (count > 1 && !plain)
        return no_filter(parser, value_at, "'*' is possible only behind '='; else write \\2a");
    if (count == 2 && parts[0].length == 0 && parts[1].length == 0)
        filter->kind = FILTER_PRESENT;
    else if (count > 1)
        set_substrings(parser, filter, parts, count);
    else
        set_value(parser, filter, parts[0]);
    if ((filter->kind == FILTER_BITS_ALL || filter->kind == FILTER_BITS_ANY) &&
        !parse_bits(filter->text, &filter->bits))
        return no_filter(parser, value_at, "a bitwise rule compares with a whole number");
    if (filter->kind == FILTER_INTEGER && !filter_is_integer(filter->text))
        return no_filter(parser, value_at, "integerMatch compares with a whole number");
    return filter;
}

static const struct filter *read_filter(struct parser *parser, unsigned depth);

/* The filters behind '&', '|' or '!'. None is allowed for '&' and '|' (RFC 4526: true, false). */
static const struct filter *
read_children(struct parser *parser, enum filter_kind kind, unsigned depth)
{
    struct filter *filter = filter_new(parser, kind);
    const struct filter **children = NULL;
    size_t capacity = 0;
    bool good = true;

    parser->at++;
    skip_blanks(parser);
    while (good && peek(parser) == '(') {
        const struct filter *child = read_filter(parser, depth + 1);

        good = child != NULL;
        memory_grow(&children, &capacity, filter->child_count + 1, sizeof(struct filter *));
        children[filter->child_count++] = child;
        skip_blanks(parser);
    }
    filter->children =
        arena_alloc(parser->compiler->arena, (filter->child_count + 1) * sizeof(struct filter *));
    if (children)
        memcpy(filter->children, children, filter->child_count * sizeof(struct filter *));
    free(children);
    if (!good)
        return NULL;
    if (peek(parser) != ')' && parser->at < parser->text.length)
        return no_filter(parser, parser->at,
                         "what '&', '|' and '!' stand before is in parentheses, or ')' is missing");
    if (kind == FILTER_NOT && filter->child_count != 1)
        return no_filter(parser, parser->at, "'!' stands before exactly one filter in parentheses");
    return filter;
}

static const struct filter *
read_filter(struct parser *parser, unsigned depth)
{
    const struct filter *filter;

    if (depth > DEPTH_MOST)
        return no_filter(parser, parser->at, "more than 64 filters within each other");
    if (peek(parser) != '(')
        return no_filter(parser, parser->at, "a filter stands in parentheses, such as (sn=Ruiz)");
    parser->at++;
    skip_blanks(parser);
    switch (peek(parser)) {
    case '&':
        filter = read_children(parser, FILTER_AND, depth);
        break;
    case '|':
        filter = read_children(parser, FILTER_OR, depth);
        break;
    case '!':
        filter = read_children(parser, FILTER_NOT, depth);
        break;
    default:
        filter = read_comparison(parser);
    }
    if (!filter)
        return NULL;
    if (peek(parser) != ')')
        return no_filter(parser, parser->at, "')' is missing");
    parser->at++;
    return filter;
}

const struct filter *
filter_compile(struct compiler *compiler, const struct yaml_node *node)
{
    struct parser parser = {compiler, node, node->text, 0};
    const struct filter *filter;

    skip_blanks(&parser);
    if (parser.at == parser.text.length)
        return no_filter(&parser, parser.at, "it is empty");
    filter = read_filter(&parser, 1);
    if (!filter)
        return NULL;
    skip_blanks(&parser);
    if (parser.at < parser.text.length)
        return no_filter(&parser, parser.at, "something stands behind its end");
    return filter;
}
