#include "mapping/codes_list.h"

#include "base/file.h"
#include "base/text.h"

#include <stdlib.h>
#include <string.h>

enum { FILE_BYTES_MOST = 4 * 1024 * 1024 };

/* A code while its list is read. */
struct listed {
    struct slice text;
    struct position where;
};

struct list {
    struct compiler *compiler;
    struct listed *items;
    size_t count, capacity;
};

static void
add_code(struct list *list, struct slice text, struct position where)
{
    struct arena *arena = list->compiler->arena;

    text = text_tidy(arena, text);
    if (text.length == 0) {
        faults_add(list->compiler->faults, where, "an empty code");
        return;
    }
    memory_grow(&list->items, &list->capacity, list->count + 1, sizeof *list->items);
    list->items[list->count++] = (struct listed){arena_slice(arena, text), where};
}

static int
compare(const void *a, const void *b)
{
    const struct listed *first = a, *second = b;
    int order = slice_compare(first->text, second->text);

    if (order != 0)
        return order;
    if (first->where.line != second->where.line)
        return first->where.line < second->where.line ? -1 : 1;
    return first->where.column < second->where.column ? -1 : 1;
}

/* Moves the codes into the mapping, sorted. */
static void
keep(struct list *list, struct codes *codes)
{
    struct compiler *compiler = list->compiler;

    if (list->count)
        qsort(list->items, list->count, sizeof *list->items, compare);
    codes->items = arena_alloc(compiler->arena, list->count * sizeof *codes->items);
    for (size_t i = 0; i < list->count; i++) {
        const struct listed *code = &list->items[i];

        if (i > 0 && slice_equal(code->text, list->items[i - 1].text))
            faults_add(compiler->faults, code->where,
                       "the code '%s' stands here a second time (line %u)",
                       compiler_quote(compiler, code->text), list->items[i - 1].where.line);
        else
            codes->items[codes->count++] = code->text;
    }
    free(list->items);
}

void
codes_list_compile(struct compiler *compiler, const struct yaml_node *values, struct codes *codes)
{
    struct list list = {.compiler = compiler};

    if (values->count == 0)
        faults_add(compiler->faults, values->where,
                   "the list of codes of '%s' is empty: nobody could be sent", codes->name);
    for (size_t i = 0; i < values->count; i++) {
        const struct yaml_node *code = values->items[i];

        if (compiler_expect(compiler, code, YAML_SCALAR, "a code"))
            add_code(&list, yaml_is_explicit_null(code) ? slice_of("") : code->text, code->where);
    }
    keep(&list, codes);
}

struct reader {
    struct slice text;
    size_t at;
    unsigned line;
};

static char
peek(const struct reader *reader)
{
    return reader->at < reader->text.length ? reader->text.data[reader->at] : '\n';
}

static bool
at_end(const struct reader *reader)
{
    return reader->at >= reader->text.length;
}

static void
skip_until(struct reader *reader, const char *characters)
{
    while (!at_end(reader) && !(peek(reader) && strchr(characters, peek(reader))))
        reader->at++;
}

static void
skip_blanks(struct reader *reader)
{
    while (peek(reader) == ' ' || peek(reader) == '\r')
        reader->at++;
}

/* From the quote that opens a field to behind the one that closes it; what stands between, with
 * its doubled quotes. False where the quote is never closed. */
static bool
read_quoted(struct reader *reader, struct slice *ret_text)
{
    size_t start = ++reader->at;

    for (; !at_end(reader); reader->at++) {
        reader->line += peek(reader) == '\n';
        if (peek(reader) != '"')
            continue;
        *ret_text = (struct slice){reader->text.data + start, reader->at - start};
        reader->at++;
        if (at_end(reader) || peek(reader) != '"')
            return true;
    }
    return false;
}

/* A field up to the separator or the line's end. False where its quote is never closed. */
static bool
read_field(struct reader *reader, struct slice *ret_text, bool *ret_quoted)
{
    size_t start;

    skip_blanks(reader);
    start = reader->at;
    *ret_quoted = peek(reader) == '"';
    if (*ret_quoted && !read_quoted(reader, ret_text))
        return false;
    skip_until(reader, ",;\t\n");
    if (!*ret_quoted)
        *ret_text = (struct slice){reader->text.data + start, reader->at - start};
    return true;
}

static struct slice
undouble_quotes(struct arena *arena, struct slice text)
{
    char *out = arena_bytes(arena, text.length);
    size_t used = 0;

    for (size_t at = 0; at < text.length; at++) {
        out[used++] = text.data[at];
        at += text.data[at] == '"';
    }
    return (struct slice){out, used};
}

/* One line, or several where quotes hold line breaks. False at a quote that is never closed. */
static bool
read_row(struct list *list, struct reader *reader, const char *path)
{
    struct position where = {path, reader->line, 1};
    struct slice code, description;
    bool good, quoted, ignored;

    skip_blanks(reader);
    if (peek(reader) == '\n')
        return true;
    if (peek(reader) == '#') {
        skip_until(reader, "\n");
        return true;
    }
    good = read_field(reader, &code, &quoted);
    while (good && !at_end(reader) && peek(reader) != '\n') {
        reader->at++;
        good = read_field(reader, &description, &ignored);
    }
    if (!good)
        faults_add(list->compiler->faults, where, "a quote that is never closed");
    else if (!text_is_utf8(code) || memchr(code.data, '\0', code.length))
        faults_add(list->compiler->faults, where, "a code with bytes that are no UTF-8 text");
    else
        add_code(list, quoted ? undouble_quotes(list->compiler->arena, code) : code, where);
    return good;
}

void
codes_list_read(struct compiler *compiler, const struct yaml_node *file, struct codes *codes)
{
    static const char mark[] = "\xef\xbb\xbf";
    const char *path = compiler_path(compiler, file);
    size_t before = faults_count(compiler->faults);
    struct list list = {.compiler = compiler};
    struct reader reader = {.line = 1};
    struct error err = ERROR_INIT;
    bool good = true;

    if (!file_read(compiler->arena, path, FILE_BYTES_MOST, &reader.text, &err)) {
        faults_add(compiler->faults, file->where, "%s", err.text);
        return;
    }
    if (reader.text.length >= sizeof mark - 1 &&
        memcmp(reader.text.data, mark, sizeof mark - 1) == 0)
        reader.at = sizeof mark - 1;
    for (; good && !at_end(&reader); reader.at++, reader.line++)
        good = read_row(&list, &reader, path);
    if (list.count == 0 && faults_count(compiler->faults) == before)
        faults_add(compiler->faults, (struct position){path, 0, 0},
                   "no code of '%s' is in this file: nobody could be sent", codes->name);
    keep(&list, codes);
}
