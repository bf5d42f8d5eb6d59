#include "mapping/filter.h"

#include "base/text.h"
#include "mapping/clock.h"
#include "mapping/filter_value.h"
#include "base/hex.h"
#include "mapping/matching_rule.h"

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

/* What stands between ':' and ':' or ':='. */
static struct slice
read_word(struct parser *parser)
{
    size_t start = ++parser->at;

    while (parser->at < parser->text.length && !strchr(":=()*", peek(parser)))
        parser->at++;
    return (struct slice){parser->text.data + start, parser->at - start};
}

/* [":dn"] [":" RULE] behind the attribute `name`; sets the filter's kind. */
static bool
read_extensions(struct parser *parser, struct filter *filter, struct slice name,
                enum matching_form *ret_form)
{
    const char *options = memchr(name.data, ';', name.length);
    struct slice word = read_word(parser);
    const struct matching_rule *rule;

    if (slice_equal_nocase(word, slice_of("dn"))) {
        if (filter->subject.kind != SOURCE_ATTRIBUTE)
            return fail(parser, parser->at - word.length, "':dn' stands behind an attribute only");
        filter->dn_type = name;
        if (options)
            filter->dn_type.length = (size_t)(options - name.data);
        if (peek(parser) != ':')
            return fail(parser, parser->at, "':=' is missing behind ':dn'");
        word = read_word(parser);
    }
    if (word.length == 0)
        return true;
    rule = matching_rule_find(word);
    if (!rule)
        return fail(parser, parser->at - word.length,
                    "unsupported matching rule; bitwise and is 1.2.840.113556.1.4.803, "
                    "bitwise or 1.2.840.113556.1.4.804");
    if (rule->why_not)
        return fail(parser, parser->at - word.length, rule->why_not);
    filter->kind = rule->kind;
    *ret_form = rule->form;
    if (peek(parser) != ':')
        return fail(parser, parser->at, "':=' is missing behind the matching rule");
    parser->at++;
    return true;
}

/* Reads the operator behind the attribute `name` and sets the filter's kind. */
static bool
read_operator(struct parser *parser, struct filter *filter, struct slice name,
              enum matching_form *ret_form)
{
    char c = peek(parser);

    *ret_form = MATCHING_ANY;
    if (c == ':') {
        if (!read_extensions(parser, filter, name, ret_form))
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
    enum matching_form form;
    const char *why_not;
    bool plain; /* '=' alone: substrings and presence are possible */

    while (parser->at < parser->text.length && !strchr("=~<>:()", peek(parser)))
        parser->at++;
    name = (struct slice){parser->text.data + start, parser->at - start};
    if (name.length == 0)
        return no_filter(parser, start, "an attribute is missing");
    if (!compiler_source(parser->compiler, parser->node, start, name, &filter->subject))
        return NULL;
    clock_note_condition(parser->compiler, &filter->subject);
    plain = peek(parser) == '=';
    if (!read_operator(parser, filter, name, &form))
        return NULL;
    value_at = parser->at;
    if (!read_parts(parser, &parts, &count))
        return NULL;
    if (count > 1 && !plain)
        return no_filter(parser, value_at, "'*' is possible only behind '='; else write \\2a");
    if (count > 1)
        why_not = filter_set_parts(parser->compiler->arena, filter, parts, count);
    else
        why_not = filter_set_value(parser->compiler->arena, filter, form, parts[0]);
    return why_not ? no_filter(parser, value_at, why_not) : filter;
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
