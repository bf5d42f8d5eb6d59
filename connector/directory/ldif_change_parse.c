#include "directory/ldif_change_parts.h"
#include "directory/ldif_line.h"
#include "directory/shown.h"
#include "directory/value_range.h"
#include "model/dn_fold.h"
#include "model/rdn.h"

#include <string.h>
#include <strings.h>

/* Takes the record line by line. */
struct parser {
    struct ldif_lines lines;
    struct arena *arena;
    struct ldif_change *change;
};

enum taken { TAKEN, TAKEN_END, TAKEN_BAD };

static enum taken
next_line(struct parser *parser, struct ldif_line *ret_line, struct error *err)
{
    char *text = ldif_lines_next(&parser->lines);

    if (!text)
        return TAKEN_END;
    return ldif_line_parse(text, ret_line, err) ? TAKEN : TAKEN_BAD;
}

static void
add_step(struct parser *parser, const struct ldif_step *step)
{
    struct ldif_change *change = parser->change;

    if (change->count == change->capacity) {
        size_t capacity = change->capacity ? 2 * change->capacity : 32;
        struct ldif_step *steps = arena_alloc(parser->arena, capacity * sizeof *steps);

        if (change->count > 0)
            memcpy(steps, change->steps, change->count * sizeof *steps);
        change->steps = steps;
        change->capacity = capacity;
    }
    change->steps[change->count++] = *step;
}

static bool
check_name(struct slice name, struct error *err)
{
    struct value_range range;

    if (value_range_find(name, &range))
        return error_set(err, ERROR_DATA, "'%s' has only a part of the values", shown(name).text);
    return attributes_is_description(name) || attributes_is_groups(name) ||
           error_set(err, ERROR_DATA, "'%s' is no attribute's name", shown(name).text);
}

static bool
parse_values(struct parser *parser, enum taken taken, struct ldif_line *line, struct error *err)
{
    for (; taken == TAKEN; taken = next_line(parser, line, err)) {
        struct slice name = slice_of(line->name);

        if (ldif_line_is(line, "changetype") || ldif_line_is(line, "control"))
            return error_set(err, ERROR_DATA, "'%s' does not stand directly behind 'dn'",
                             line->name);
        if (!check_name(name, err))
            return false;
        add_step(parser, &(struct ldif_step){ADD_VALUE, name, line->value, parser->lines.line});
    }
    if (taken == TAKEN_END && parser->change->count == 0)
        return error_set(err, ERROR_DATA, "it has no attributes");
    return taken == TAKEN_END;
}

/* What a modification begins with. */
static const struct modification {
    const char *word;
    enum ldif_deed deed; /* to each value */
    bool clears;
    bool needs_values;
} modifications[] = {
    {"add", ADD_VALUE, false, true},
    {"delete", DELETE_VALUE, false, false},
    {"replace", ADD_VALUE, true, false},
};

static const struct modification *
find_modification(const struct ldif_line *line)
{
    for (size_t i = 0; i < sizeof modifications / sizeof modifications[0]; i++)
        if (ldif_line_is(line, modifications[i].word))
            return &modifications[i];
    return NULL;
}

/* The lines of "add: mail", up to its "-". That must be there: without it values may be missing. */
static bool
parse_modification(struct parser *parser, const struct modification *modification,
                   struct slice name, struct error *err)
{
    unsigned long start = parser->lines.line;
    struct ldif_line line;
    size_t count = 0;
    char *text;

    if (modification->clears)
        add_step(parser, &(struct ldif_step){CLEAR, name, SLICE_NONE, start});
    for (; (text = ldif_lines_next(&parser->lines)) && strcmp(text, "-") != 0; count++) {
        if (!ldif_line_parse(text, &line, err))
            return false;
        if (!slice_equal_nocase(slice_of(line.name), name))
            return error_set(err, ERROR_DATA, "'%s' stands in the change of '%s'", line.name,
                             shown(name).text);
        add_step(parser,
                 &(struct ldif_step){modification->deed, name, line.value, parser->lines.line});
    }
    if (!text)
        return error_set(err, ERROR_DATA, "the change of '%s' does not end with '-'",
                         shown(name).text);
    if (count == 0 && modification->needs_values)
        return error_set(err, ERROR_DATA, "nothing is added to '%s'", shown(name).text);
    if (count == 0 && !modification->clears)
        add_step(parser, &(struct ldif_step){DELETE_ALL, name, SLICE_NONE, start});
    return true;
}

static bool
parse_modify(struct parser *parser, struct error *err)
{
    struct ldif_line line;
    enum taken taken;

    while ((taken = next_line(parser, &line, err)) == TAKEN) {
        const struct modification *modification = find_modification(&line);

        if (!modification)
            return error_set(err, ERROR_DATA, "'%s' is none of add, delete and replace", line.name);
        if (!check_name(line.value, err) ||
            !parse_modification(parser, modification, line.value, err))
            return false;
    }
    return taken == TAKEN_END;
}

/* The line that must come now, or false with err. */
static bool
expect_line(struct parser *parser, const char *name, struct ldif_line *ret_line, struct error *err)
{
    enum taken taken = next_line(parser, ret_line, err);

    if (taken == TAKEN_BAD)
        return false;
    if (taken == TAKEN_END || !ldif_line_is(ret_line, name))
        return error_set(err, ERROR_DATA, "'%s' is missing", name);
    return true;
}

static bool
expect_end(struct parser *parser, struct error *err)
{
    struct ldif_line line;
    enum taken taken = next_line(parser, &line, err);

    if (taken == TAKEN)
        return error_set(err, ERROR_DATA, "'%s' has no place here", line.name);
    return taken == TAKEN_END;
}

static bool
check_rdn(struct parser *parser, struct slice rdn, struct error *err)
{
    return (dn_fold(parser->arena, rdn).data && rdn_is_one(rdn)) ||
           error_set(err, ERROR_DATA, "'%s' is no RDN", shown(rdn).text);
}

/* The empty DN is the root of all. */
static bool
check_superior(struct parser *parser, struct slice superior, struct error *err)
{
    return superior.length == 0 || dn_fold(parser->arena, superior).data ||
           error_set(err, ERROR_DATA, "'%s' is no DN", shown(superior).text);
}

static bool
parse_rename(struct parser *parser, struct error *err)
{
    struct ldif_change *change = parser->change;
    struct ldif_line rdn, old, superior;
    enum taken taken;

    if (!expect_line(parser, "newrdn", &rdn, err) || !check_rdn(parser, rdn.value, err) ||
        !expect_line(parser, "deleteoldrdn", &old, err))
        return false;
    if (!slice_equal(old.value, slice_of("0")) && !slice_equal(old.value, slice_of("1")))
        return error_set(err, ERROR_DATA, "'deleteoldrdn' is neither 0 nor 1");
    change->rdn = rdn.value;
    change->delete_old = old.value.data[0] == '1';
    taken = next_line(parser, &superior, err);
    if (taken != TAKEN)
        return taken == TAKEN_END;
    if (!ldif_line_is(&superior, "newsuperior"))
        return error_set(err, ERROR_DATA, "'%s' has no place here", superior.name);
    change->superior = superior.value;
    return check_superior(parser, superior.value, err) && expect_end(parser, err);
}

static const struct {
    const char *word;
    enum ldif_change_kind kind;
} kinds[] = {
    {"add", LDIF_ADD},       {"modify", LDIF_MODIFY}, {"delete", LDIF_DELETE},
    {"modrdn", LDIF_RENAME}, {"moddn", LDIF_RENAME},
};

static bool
parse_kind(struct parser *parser, struct slice word, struct error *err)
{
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (!slice_equal_nocase(word, slice_of(kinds[i].word)))
            continue;
        parser->change->kind = kinds[i].kind;
        return true;
    }
    return error_set(err, ERROR_DATA, "there is no changetype '%s'", shown(word).text);
}

/* "1.2.3 true: value": one that nobody here obeys (RFC 4511 section 4.1.11). */
static bool
check_control(struct slice value, struct error *err)
{
    const char *blank = memchr(value.data, ' ', value.length);

    if (blank && strncasecmp(blank + strspn(blank, " "), "true", 4) == 0)
        return error_set(err, ERROR_DATA, "the control '%s' is critical, and not known",
                         shown(value).text);
    return true;
}

/* What stands behind the DN. */
static bool
parse_rest(struct parser *parser, struct error *err)
{
    struct ldif_line line;
    enum taken taken;

    while ((taken = next_line(parser, &line, err)) == TAKEN && ldif_line_is(&line, "control"))
        if (!check_control(line.value, err))
            return false;
    if (taken == TAKEN && ldif_line_is(&line, "changetype")) {
        if (!parse_kind(parser, line.value, err))
            return false;
        if (parser->change->kind == LDIF_DELETE)
            return expect_end(parser, err);
        if (parser->change->kind == LDIF_MODIFY)
            return parse_modify(parser, err);
        if (parser->change->kind == LDIF_RENAME)
            return parse_rename(parser, err);
        taken = next_line(parser, &line, err);
    }
    return parse_values(parser, taken, &line, err);
}

/* What is no entry: ldapsearch's last word, and where it was told to go on. */
static bool
parse_other(struct parser *parser, const struct ldif_line *line, struct error *err)
{
    char *text;

    if (ldif_line_is(line, "ref"))
        return true;
    if (!ldif_line_is(line, "search")) {
        error_set(err, ERROR_DATA, "a record does not begin with 'dn:'");
        return error_hint(err, "A blank line ends a record. Is this LDIF, and is there a blank "
                               "line within an entry?");
    }
    text = ldif_lines_next(&parser->lines);
    if (text && ldif_line_is_success(text))
        return true;
    return error_set(err, ERROR_DATA, "ldapsearch did not come to its end: '%s'",
                     text ? shown(slice_of(text)).text : "(nothing)");
}

static bool
parse(struct parser *parser, struct error *err)
{
    struct ldif_change *change = parser->change;
    char *text = ldif_lines_next(&parser->lines);
    struct ldif_line line;
    bool is_known;

    change->kind = LDIF_NOTHING;
    if (text && ldif_line_is_version(text, &is_known)) {
        if (!is_known)
            return error_set(err, ERROR_DATA, "only version 1 of LDIF is known");
        text = ldif_lines_next(&parser->lines);
    }
    if (!text)
        return true;
    if (!ldif_line_parse(text, &line, err))
        return false;
    if (!ldif_line_is(&line, "dn"))
        return parse_other(parser, &line, err);
    if (!dn_fold(parser->arena, line.value).data)
        return error_set(err, ERROR_DATA, "'%s' is no DN", shown(line.value).text);
    change->kind = LDIF_CONTENT;
    change->line = parser->lines.line;
    change->dn = line.value;
    return parse_rest(parser, err);
}

struct ldif_change *
ldif_change_parse(const struct ldif_record *record, struct arena *arena, struct error *err)
{
    struct parser parser = {.lines = ldif_lines_of(record), .arena = arena};
    bool has_nul = memchr(record->text, '\0', record->length) != NULL;

    parser.change = arena_alloc(arena, sizeof *parser.change);
    parser.change->line = record->line;
    if (has_nul)
        error_set(err, ERROR_DATA, "the record holds a NUL byte");
    if (!has_nul && parse(&parser, err))
        return parser.change;
    ldif_change_refuse(parser.change, parser.lines.line, err);
    return NULL;
}
