#include "directory/ldif_record.h"

#include "base/arena.h"
#include "directory/ldif_line.h"
#include "directory/shown.h"

#include <stdlib.h>
#include <string.h>

/* A value and where it belongs, in the order of the file. */
struct pair {
    int slot;
    struct slice value;
};

struct ldif_parser {
    struct names *names;
    struct pair *pairs;
    size_t pair_count, pair_capacity;
    struct slice *values;
    size_t value_capacity;
    struct entry_values *slots;
};

struct ldif_parser *
ldif_parser_new(struct names *names)
{
    struct ldif_parser *parser = memory_zero(1, sizeof *parser);

    parser->names = names;
    parser->slots = memory_zero(names_slot_count(names), sizeof *parser->slots);
    return parser;
}

void
ldif_parser_free(struct ldif_parser *parser)
{
    if (!parser)
        return;
    free(parser->pairs);
    free(parser->values);
    free(parser->slots);
    free(parser);
}

static enum ldif_parsed
refuse(struct error *err, const char *file, const struct ldif_record *record, const char *what)
{
    error_set(err, ERROR_DATA, "'%s' line %lu: %s", file, record->line, what);
    return LDIF_PARSED_REFUSED;
}

/* ldapsearch without -LLL writes as its last record "search: 2" and "result: 0 Success". */
static enum ldif_parsed
judge_result(const char *file, const struct ldif_record *record, struct ldif_lines *lines,
             struct error *err)
{
    char *text = ldif_lines_next(lines);

    if (text && ldif_line_is_success(text))
        return LDIF_PARSED_NOTHING;
    error_set(err, ERROR_DATA, "'%s' line %lu: ldapsearch did not come to its end: '%s'", file,
              record->line, text ? shown(slice_of(text)).text : "(nothing)");
    return LDIF_PARSED_REFUSED;
}

/* A record that does not begin with its name may be the other half of the one before. */
static enum ldif_parsed
judge_first_line(const char *file, const struct ldif_record *record, const struct ldif_line *line,
                 struct ldif_lines *lines, struct error *err)
{
    if (ldif_line_is(line, "dn"))
        return LDIF_PARSED_ENTRY;
    if (ldif_line_is(line, "ref"))
        return LDIF_PARSED_REFERENCE;
    if (ldif_line_is(line, "search"))
        return judge_result(file, record, lines, err);
    refuse(err, file, record, "a record does not begin with 'dn:'");
    error_hint(err,
               "A blank line ends a record. Is the file LDIF, and is there a blank line within "
               "an entry?");
    return LDIF_PARSED_REFUSED;
}

static void
add_pair(struct ldif_parser *parser, int slot, struct slice value)
{
    memory_grow(&parser->pairs, &parser->pair_capacity, parser->pair_count + 1,
                sizeof *parser->pairs);
    parser->pairs[parser->pair_count++] = (struct pair){slot, value};
}

static enum ldif_parsed
take_line(struct ldif_parser *parser, const char *file, const struct ldif_record *record,
          char *text, struct error *err)
{
    struct ldif_line line;
    int slot;

    if (!ldif_line_parse(text, &line, err))
        return LDIF_PARSED_BAD;
    if (ldif_line_is(&line, "changetype") || ldif_line_is(&line, "control")) {
        refuse(err, file, record, "this is a list of changes, not of entries ('changetype:')");
        error_hint(err, "Export the whole entries, for example by ldapsearch or slapcat.");
        return LDIF_PARSED_REFUSED;
    }
    slot = names_slot(parser->names, slice_of(line.name));
    if (slot == NAME_RANGED) {
        error_set(err, ERROR_DATA, "'%s' line %lu: '%s' has only a part of the values", file,
                  record->line, line.name);
        return LDIF_PARSED_REFUSED;
    }
    if (slot >= 0)
        add_pair(parser, slot, line.value);
    return LDIF_PARSED_ENTRY;
}

/* Lines of one attribute may stand apart; in the entry its values stand together. */
static void
file_values(struct ldif_parser *parser, struct entry *ret_entry)
{
    size_t slot_count = names_slot_count(parser->names), at = 0;

    memory_grow(&parser->values, &parser->value_capacity, parser->pair_count,
                sizeof *parser->values);
    for (size_t i = 0; i < slot_count; i++)
        parser->slots[i] = (struct entry_values){NULL, 0};
    for (size_t i = 0; i < parser->pair_count; i++)
        parser->slots[parser->pairs[i].slot].count++;
    for (size_t i = 0; i < slot_count; i++) {
        if (parser->slots[i].count == 0)
            continue;
        parser->slots[i].values = parser->values + at;
        at += parser->slots[i].count;
        parser->slots[i].count = 0;
    }
    for (size_t i = 0; i < parser->pair_count; i++) {
        struct entry_values *slot = &parser->slots[parser->pairs[i].slot];

        parser->values[(size_t)(slot->values - parser->values) + slot->count++] =
            parser->pairs[i].value;
    }
    ret_entry->attributes = names_attributes(parser->names);
    ret_entry->slots = parser->slots;
}

/* "version: 1" stands alone or before the first record's name. */
static enum ldif_parsed
skip_version(const char *file, const struct ldif_record *record, struct ldif_lines *lines,
             char **text, struct error *err)
{
    bool is_known;

    if (!ldif_line_is_version(*text, &is_known))
        return LDIF_PARSED_ENTRY;
    if (!is_known)
        return refuse(err, file, record, "only version 1 of LDIF is known");
    *text = ldif_lines_next(lines);
    return *text ? LDIF_PARSED_ENTRY : LDIF_PARSED_NOTHING;
}

static enum ldif_parsed
take_lines(struct ldif_parser *parser, const char *file, const struct ldif_record *record,
           struct ldif_lines *lines, struct error *err)
{
    enum ldif_parsed parsed = LDIF_PARSED_ENTRY;
    char *text;

    parser->pair_count = 0;
    names_begin(parser->names);
    while (parsed == LDIF_PARSED_ENTRY && (text = ldif_lines_next(lines)) != NULL)
        parsed = take_line(parser, file, record, text, err);
    return parsed;
}

enum ldif_parsed
ldif_record_parse(struct ldif_parser *parser, const char *file, const struct ldif_record *record,
                  struct entry *ret_entry, struct error *err)
{
    bool has_nul = memchr(record->text, '\0', record->length) != NULL;
    struct ldif_lines lines = ldif_lines_of(record);
    char *text = ldif_lines_next(&lines);
    enum ldif_parsed parsed;
    struct ldif_line first;

    ret_entry->dn = SLICE_NONE;
    if (!text)
        return LDIF_PARSED_NOTHING;
    parsed = skip_version(file, record, &lines, &text, err);
    if (parsed != LDIF_PARSED_ENTRY)
        return parsed;
    if (!ldif_line_parse(text, &first, err))
        return LDIF_PARSED_BAD;
    parsed = judge_first_line(file, record, &first, &lines, err);
    if (parsed != LDIF_PARSED_ENTRY)
        return parsed;
    ret_entry->dn = first.value;
    if (has_nul) {
        error_set(err, ERROR_DATA, "it holds a NUL byte");
        return LDIF_PARSED_BAD;
    }
    parsed = take_lines(parser, file, record, &lines, err);
    if (parsed == LDIF_PARSED_ENTRY)
        file_values(parser, ret_entry);
    return parsed;
}
