#include "mapping/template.h"

#include "base/text.h"
#include "mapping/argument.h"
#include "mapping/clock.h"
#include "mapping/transform.h"

#include <stdlib.h>

enum { WORDS_MOST = 8, STEPS_MOST = 32 };

struct scanner {
    struct compiler *compiler;
    const struct yaml_node *node;
    struct slice text;
    size_t at;
};

/* What stands in a row of words: a transform and its arguments. */
struct words {
    struct word items[WORDS_MOST];
    size_t count;
};

static bool
fail(struct scanner *scanner, size_t at, const char *text)
{
    faults_add(scanner->compiler->faults, compiler_position(scanner->node, at), "%s", text);
    return false;
}

/* YAML cuts a plain text at " #"; then it is YAML that the author has to be told about. */
static bool
fail_open(struct scanner *scanner, size_t at, const char *what)
{
    faults_add(scanner->compiler->faults, compiler_position(scanner->node, at), "%s%s", what,
               scanner->node->quoted
                   ? ""
                   : "; in YAML a text with ' #' or ': ' in it stands in double quotes as a whole");
    return false;
}

static bool
is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool
at_end(const struct scanner *scanner)
{
    return scanner->at >= scanner->text.length;
}

static char
peek(const struct scanner *scanner)
{
    return at_end(scanner) ? '\0' : scanner->text.data[scanner->at];
}

/* The character behind the present one. */
static char
peek_next(const struct scanner *scanner)
{
    if (scanner->at + 1 >= scanner->text.length)
        return '\0';
    return scanner->text.data[scanner->at + 1];
}

static void
skip_blanks(struct scanner *scanner)
{
    while (!at_end(scanner) && is_blank(peek(scanner)))
        scanner->at++;
}

static bool
ends_word(char c)
{
    return is_blank(c) || c == '|' || c == '{' || c == '}' || c == '\'' || c == '"';
}

static struct word
read_bare(struct scanner *scanner)
{
    size_t start = scanner->at;
    struct slice text;

    while (!at_end(scanner) && !ends_word(peek(scanner)))
        scanner->at++;
    text = (struct slice){scanner->text.data + start, scanner->at - start};
    return (struct word){arena_slice(scanner->compiler->arena, text), start};
}

static bool
read_quoted(struct scanner *scanner, struct word *ret_word)
{
    size_t start = scanner->at++, used = 0;
    char *out = arena_bytes(scanner->compiler->arena, scanner->text.length - start);

    for (; !at_end(scanner); scanner->at++) {
        if (peek(scanner) == '\'' && peek_next(scanner) == '\'') {
            scanner->at++;
        } else if (peek(scanner) == '\'') {
            scanner->at++;
            out[used] = '\0';
            *ret_word = (struct word){{out, used}, start + 1};
            return true;
        }
        out[used++] = peek(scanner);
    }
    return fail_open(scanner, start, "the quote that begins here is never closed");
}

/* Words up to '|' or '}'. */
static bool
read_words(struct scanner *scanner, struct words *words)
{
    words->count = 0;
    for (;;) {
        struct word *word = &words->items[words->count];

        skip_blanks(scanner);
        if (at_end(scanner) || peek(scanner) == '|' || peek(scanner) == '}')
            return true;
        if (words->count == WORDS_MOST)
            return fail(scanner, scanner->at, "too many words; '|' stands between transforms");
        if (peek(scanner) == '\'') {
            if (words->count == 0)
                return fail(scanner, scanner->at, "a name is missing before the quote");
            if (!read_quoted(scanner, word))
                return false;
        } else if (ends_word(peek(scanner))) {
            return fail(scanner, scanner->at,
                        "arguments with blanks or signs stand in single quotes: 'a {b}'");
        } else {
            *word = read_bare(scanner);
        }
        words->count++;
    }
}

/* The text from `start` to where the scanner is, without blanks at its end. */
static const char *
written(const struct scanner *scanner, size_t start)
{
    size_t end = scanner->at;

    while (end > start && is_blank(scanner->text.data[end - 1]))
        end--;
    return arena_copy(scanner->compiler->arena, scanner->text.data + start, end - start);
}

static bool
compile_step(struct scanner *scanner, const struct words *words, struct pipe *pipe)
{
    struct compiler *compiler = scanner->compiler;
    struct step *step = &pipe->steps[pipe->step_count];
    const struct word *name = &words->items[0];

    *step = (struct step){.where = compiler_position(scanner->node, name->offset)};
    step->transform = transform_find(name->text);
    step->text = written(scanner, name->offset);
    if (!step->transform) {
        const char *names[64];
        size_t count = 0;

        for (; transform_row(count) && count < sizeof names / sizeof names[0]; count++)
            names[count] = transform_row(count)->help.name;
        compiler_unknown(compiler, step->where, "transform", name->text, names, count);
        return false;
    }
    if (step->transform->reads_bytes) {
        if (pipe->source.kind != SOURCE_ATTRIBUTE || pipe->step_count > 0) {
            faults_add(compiler->faults, step->where,
                       "'%s' reads an attribute's bytes: it stands directly behind the attribute",
                       step->transform->help.name);
            return false;
        }
        pipe->source.kind = SOURCE_BYTES;
    }
    if (!arguments_compile(compiler, scanner->node, name->offset, words->items + 1,
                           words->count - 1, step))
        return false;
    pipe->step_count++;
    return true;
}

/* The transforms of a pipe. Goes on after a fault in one of them, to tell of all. */
static bool
compile_steps(struct scanner *scanner, struct pipe *pipe)
{
    struct words words;
    bool good = true;

    while (peek(scanner) == '|') {
        size_t bar = scanner->at++;

        if (!read_words(scanner, &words))
            return false;
        if (words.count == 0)
            return fail(scanner, bar, "a transform is missing behind '|'");
        if (pipe->step_count == STEPS_MOST)
            return fail(scanner, bar, "more than 32 transforms in a row");
        if (!compile_step(scanner, &words, pipe))
            good = false;
    }
    return good;
}

/* Behind "${". */
static const struct pipe *
compile_pipe(struct scanner *scanner)
{
    struct arena *arena = scanner->compiler->arena;
    struct pipe *pipe = arena_alloc(arena, sizeof *pipe);
    struct step steps[STEPS_MOST];
    struct words words;
    size_t start = scanner->at - 2;
    bool good;

    if (!read_words(scanner, &words))
        return NULL;
    if (at_end(scanner)) {
        fail_open(scanner, start, "'${' is never closed by '}'");
        return NULL;
    }
    if (words.count == 0) {
        fail(scanner, start, "'${' names no source, such as an attribute");
        return NULL;
    }
    pipe->name = words.items[0].text.data;
    good = compiler_source(scanner->compiler, scanner->node, words.items[0].offset,
                           words.items[0].text, &pipe->source);
    if (words.count > 1)
        good = fail(scanner, words.items[1].offset, "'|' is missing before the transform");
    pipe->steps = steps;
    if (!compile_steps(scanner, pipe))
        good = false;
    if (good)
        clock_note_pipe(scanner->compiler, pipe);
    if (at_end(scanner) && good)
        good = fail_open(scanner, start, "'${' is never closed by '}'");
    if (peek(scanner) == '}')
        scanner->at++;
    pipe->steps = arena_alloc(arena, (pipe->step_count + 1) * sizeof *steps);
    if (pipe->step_count)
        memcpy(pipe->steps, steps, pipe->step_count * sizeof *steps);
    return good ? pipe : NULL;
}

/* Text up to the next source, with "$$" as '$'. */
static bool
read_text(struct scanner *scanner, struct slice *ret_text)
{
    char *out = arena_bytes(scanner->compiler->arena, scanner->text.length - scanner->at);
    size_t used = 0;

    for (; !at_end(scanner); scanner->at++) {
        if (peek(scanner) == '$') {
            if (peek_next(scanner) == '{')
                break;
            if (peek_next(scanner) != '$')
                return fail(scanner, scanner->at,
                            "a dollar sign is written '$$', a source '${attribute}'");
            scanner->at++;
        }
        out[used++] = peek(scanner);
    }
    *ret_text = (struct slice){out, used};
    return true;
}

static bool
compile_pieces(struct scanner *scanner, struct template *value)
{
    bool good = true;

    while (!at_end(scanner)) {
        struct piece *piece = &value->pieces[value->count];

        if (!read_text(scanner, &piece->text))
            return false;
        if (piece->text.length > 0) {
            value->count++;
            continue;
        }
        scanner->at += sizeof "${" - 1;
        piece->text = SLICE_NONE;
        piece->pipe = compile_pipe(scanner);
        value->count++;
        if (piece->pipe)
            continue;
        good = false;
        /* Where the end of the pipe was not found, the rest would only confuse. */
        if (scanner->text.data[scanner->at - 1] != '}')
            break;
    }
    return good;
}

/* Each source begins with a '$' and may have text before it. */
static size_t
pieces_most(struct slice text)
{
    size_t most = 1;

    for (size_t i = 0; i < text.length; i++)
        if (text.data[i] == '$')
            most += 2;
    return most;
}

bool
template_compile(struct compiler *compiler, const struct yaml_node *node,
                 struct template *ret_template)
{
    struct scanner scanner = {compiler, node, node->text, 0};
    struct slice *text;

    if (!compiler_expect(compiler, node, YAML_SCALAR, "a template"))
        return false;
    if (yaml_is_explicit_null(node) || text_tidy(compiler->arena, node->text).length == 0) {
        faults_add(compiler->faults, node->where, "an empty template: leave out what has no value");
        return false;
    }
    ret_template->pieces =
        arena_alloc(compiler->arena, pieces_most(node->text) * sizeof(struct piece));
    ret_template->count = 0;
    if (!compile_pieces(&scanner, ret_template))
        return false;
    text = &ret_template->pieces[0].text;
    if (template_literal(ret_template))
        *text = text_tidy(compiler->arena, *text);
    return true;
}

const struct slice *
template_literal(const struct template *value)
{
    return value->count == 1 && !value->pieces[0].pipe ? &value->pieces[0].text : NULL;
}

const struct pipe *
template_pipe(const struct template *value)
{
    return value->count == 1 ? value->pieces[0].pipe : NULL;
}
