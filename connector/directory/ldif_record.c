#include "directory/ldif_record.h"

#include "base/arena.h"
#include "directory/shown.h"

#include <ldap.h>
#include <stdio.h> /* before ldif.h, which needs FILE */
#include <ldif.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

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

struct line {
    const char *name;
    struct slice value;
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

/* An attribute description, or one with Active Directory's ";range=0-1499", whose "=" no other
 * option may have, or `groups.nested`, by which the entry of a test names groups. */
static bool
is_description(struct slice text)
{
    static const char range[] = ";range=";

    for (size_t at = 0; at + sizeof range - 1 < text.length; at++)
        if (strncasecmp(text.data + at, range, sizeof range - 1) == 0)
            text.length = at;
    return attributes_is_description(text) || attributes_is_groups(text);
}

static bool
is_base64_digit(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' ||
           c == '/';
}

/* libldap decodes, but complains on stderr. Carriage returns are what its unfolding leaves. */
static bool
is_base64(const char *text)
{
    size_t digits = 0, padding = 0;

    for (text += strspn(text, " "); *text; text++) {
        if (*text == '\r')
            continue;
        if (*text == '=')
            padding++;
        else if (padding > 0 || !is_base64_digit(*text))
            return false;
        else
            digits++;
    }
    return digits > 0 && padding <= 2 && (digits + padding) % 4 == 0;
}

/* RFC 2849 lets a BASE64-STRING be empty; libldap does not. */
static void
mend_empty_value(char *colon)
{
    if (colon[1] == ':' && colon[2 + strspn(colon + 2, " \r")] == '\0')
        colon[1] = ' ';
}

/* Takes one unfolded line apart. */
static bool
parse_line(char *text, struct line *ret_line, struct error *err)
{
    char *colon = strchr(text, ':');
    struct berval name, value;
    int allocated = 0;

    if (!colon)
        return error_set(err, ERROR_DATA, "the line '%s' has no colon", shown(slice_of(text)).text);
    if (!is_description((struct slice){text, (size_t)(colon - text)}))
        return error_set(err, ERROR_DATA, "the line '%s' does not begin with an attribute's name",
                         shown(slice_of(text)).text);
    /* libldap would fetch it: any file, or something from the network. */
    if (colon[1] == '<')
        return error_set(err, ERROR_DATA,
                         "the value of '%s' stands elsewhere, and nothing is fetched",
                         shown(slice_of(text)).text);
    mend_empty_value(colon);
    if ((colon[1] == ':' && !is_base64(colon + 2)) ||
        ldif_parse_line2(text, &name, &value, &allocated) != 0)
        return error_set(err, ERROR_DATA, "the value of '%.*s' is not valid base64",
                         (int)(colon - text), text);
    *ret_line = (struct line){name.bv_val, {value.bv_val, value.bv_len}};
    return true;
}

static enum ldif_parsed
refuse(struct error *err, const char *file, const struct ldif_record *record, const char *what)
{
    error_set(err, ERROR_DATA, "'%s' line %lu: %s", file, record->line, what);
    return LDIF_PARSED_REFUSED;
}

/* ldapsearch without -LLL writes as its last record "search: 2" and "result: 0 Success". */
static enum ldif_parsed
judge_result(const char *file, const struct ldif_record *record, char *next, struct error *err)
{
    char *text = ldif_getline(&next);

    if (text && strncmp(text, "result: 0 ", strlen("result: 0 ")) == 0)
        return LDIF_PARSED_NOTHING;
    error_set(err, ERROR_DATA, "'%s' line %lu: ldapsearch did not come to its end: '%s'", file,
              record->line, text ? shown(slice_of(text)).text : "(nothing)");
    return LDIF_PARSED_REFUSED;
}

static bool
is(const struct line *line, const char *name)
{
    return strcasecmp(line->name, name) == 0;
}

/* A record that does not begin with its name may be the other half of the one before. */
static enum ldif_parsed
judge_first_line(const char *file, const struct ldif_record *record, const struct line *line,
                 char *next, struct error *err)
{
    if (is(line, "dn"))
        return LDIF_PARSED_ENTRY;
    if (is(line, "ref"))
        return LDIF_PARSED_REFERENCE;
    if (is(line, "search"))
        return judge_result(file, record, next, err);
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
    struct line line;
    int slot;

    if (!parse_line(text, &line, err))
        return LDIF_PARSED_BAD;
    if (is(&line, "changetype") || is(&line, "control")) {
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
skip_version(const char *file, const struct ldif_record *record, char **next, char **text,
             struct error *err)
{
    static const char key[] = "version:";
    const char *number;

    if (strncasecmp(*text, key, sizeof key - 1) != 0)
        return LDIF_PARSED_ENTRY;
    number = *text + sizeof key - 1;
    number += strspn(number, " ");
    if (strcmp(number, "1") != 0)
        return refuse(err, file, record, "only version 1 of LDIF is known");
    *text = ldif_getline(next);
    return *text ? LDIF_PARSED_ENTRY : LDIF_PARSED_NOTHING;
}

static enum ldif_parsed
take_lines(struct ldif_parser *parser, const char *file, const struct ldif_record *record,
           char *next, struct error *err)
{
    enum ldif_parsed parsed = LDIF_PARSED_ENTRY;
    char *text;

    parser->pair_count = 0;
    names_begin(parser->names);
    while (parsed == LDIF_PARSED_ENTRY && (text = ldif_getline(&next)) != NULL)
        parsed = take_line(parser, file, record, text, err);
    return parsed;
}

enum ldif_parsed
ldif_record_parse(struct ldif_parser *parser, const char *file, const struct ldif_record *record,
                  struct entry *ret_entry, struct error *err)
{
    bool has_nul = memchr(record->text, '\0', record->length) != NULL;
    char *next = record->text;
    char *text = ldif_getline(&next);
    enum ldif_parsed parsed;
    struct line first;

    ret_entry->dn = SLICE_NONE;
    if (!text)
        return LDIF_PARSED_NOTHING;
    parsed = skip_version(file, record, &next, &text, err);
    if (parsed != LDIF_PARSED_ENTRY)
        return parsed;
    if (!parse_line(text, &first, err))
        return LDIF_PARSED_BAD;
    parsed = judge_first_line(file, record, &first, next, err);
    if (parsed != LDIF_PARSED_ENTRY)
        return parsed;
    ret_entry->dn = first.value;
    if (has_nul) {
        error_set(err, ERROR_DATA, "it holds a NUL byte");
        return LDIF_PARSED_BAD;
    }
    parsed = take_lines(parser, file, record, next, err);
    if (parsed == LDIF_PARSED_ENTRY)
        file_values(parser, ret_entry);
    return parsed;
}
