#include "directory/ldif_line.h"

#include "directory/shown.h"
#include "model/attributes.h"

#include <ldap.h>
#include <stdio.h> /* before ldif.h, which needs FILE */
#include <ldif.h>
#include <string.h>
#include <strings.h>

struct ldif_lines
ldif_lines_of(const struct ldif_record *record)
{
    return (struct ldif_lines){record->text, record->text + record->length, record->line,
                               record->line};
}

/* libldap's unfolding leaves marks, by which "name:" and ": base64" behind a break do not become
 * one. */
char *
ldif_lines_next(struct ldif_lines *lines)
{
    char *start, *out;

    do {
        if (lines->at == lines->end)
            return NULL;
        start = out = lines->at;
        lines->line = lines->next;
        do {
            char *from = lines->at + (lines->at > start);
            size_t rest = (size_t)(lines->end - from);
            char *feed = memchr(from, '\n', rest);
            size_t length = feed ? (size_t)(feed - from) : rest;

            if (out != from)
                memmove(out, from, length);
            out += length;
            lines->at = from + length + (feed != NULL);
            lines->next++;
        } while (lines->at < lines->end && *lines->at == ' ');
        *out = '\0';
    } while (*start == '#');
    return start;
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

/* libldap decodes, but complains on stderr. It leaves carriage returns out. */
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

/* libldap would take other blanks than RFC 2849's FILL away, too, and does not know that a
 * BASE64-STRING may be empty. */
static bool
is_plain(const char *colon)
{
    return colon[1] != ':' || colon[2 + strspn(colon + 2, " \r")] == '\0';
}

static void
take_plain(char *text, char *colon, struct ldif_line *ret_line)
{
    const char *value = colon[1] == ':' ? "" : colon + 1 + strspn(colon + 1, " ");

    *colon = '\0';
    *ret_line = (struct ldif_line){text, slice_of(value)};
}

bool
ldif_line_parse(char *text, struct ldif_line *ret_line, struct error *err)
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
    if (is_plain(colon)) {
        take_plain(text, colon, ret_line);
        return true;
    }
    if (!is_base64(colon + 2) || ldif_parse_line2(text, &name, &value, &allocated) != 0)
        return error_set(err, ERROR_DATA, "the value of '%.*s' is not valid base64",
                         (int)(colon - text), text);
    *ret_line = (struct ldif_line){name.bv_val, {value.bv_val, value.bv_len}};
    return true;
}

bool
ldif_line_is(const struct ldif_line *line, const char *name)
{
    return strcasecmp(line->name, name) == 0;
}

bool
ldif_line_is_version(const char *text, bool *ret_known)
{
    static const char key[] = "version:";
    const char *number = text + sizeof key - 1;

    if (strncasecmp(text, key, sizeof key - 1) != 0)
        return false;
    *ret_known = strcmp(number + strspn(number, " "), "1") == 0;
    return true;
}

bool
ldif_line_is_success(const char *text)
{
    static const char start[] = "result: 0 ";

    return strncmp(text, start, sizeof start - 1) == 0;
}
