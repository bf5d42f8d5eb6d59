#include "settings/formats.h"

#include "base/date.h"

static const char letters_and_digits[] =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

static bool
is_among(char c, const char *set)
{
    return c != '\0' && strchr(set, c);
}

/* True when every character is a letter, a digit or one of `more`. */
static bool
consists_of(struct slice text, const char *more)
{
    for (size_t i = 0; i < text.length; i++)
        if (!is_among(text.data[i], letters_and_digits) && !is_among(text.data[i], more))
            return false;
    return true;
}

static struct slice
behind(struct slice text, size_t skipped)
{
    return (struct slice){text.data + skipped, text.length - skipped};
}

static bool
begins(struct slice text, struct slice beginning)
{
    return text.length >= beginning.length &&
           slice_equal_nocase((struct slice){text.data, beginning.length}, beginning);
}

const char *
format_name_complaint(struct slice text)
{
    enum { NAME_MOST = 64 };

    if (text.length > 0 && text.length <= NAME_MOST && consists_of(text, "-_.") &&
        is_among(text.data[0], letters_and_digits))
        return NULL;
    return "must be letters, digits, '-', '_' and '.', at most 64, a letter or digit first";
}

static const char *const schemes[FORMAT_SCHEME_COUNT] = {
    [FORMAT_LDAP] = "ldap",
    [FORMAT_LDAPS] = "ldaps",
    [FORMAT_LDAPI] = "ldapi",
};

/* The scheme and what stands behind "://"; FORMAT_SCHEME_COUNT where it is none of ours. */
static enum format_scheme
split_uri(struct slice uri, struct slice *ret_rest)
{
    for (size_t i = 0; i < FORMAT_SCHEME_COUNT; i++) {
        struct slice scheme = slice_of(schemes[i]);

        if (!begins(uri, scheme) || !begins(behind(uri, scheme.length), slice_of("://")))
            continue;
        *ret_rest = behind(uri, scheme.length + 3);
        return (enum format_scheme)i;
    }
    return FORMAT_SCHEME_COUNT;
}

static bool
is_port(struct slice text)
{
    unsigned port = 0;

    if (text.length == 0 || text.length > 5)
        return false;
    for (size_t i = 0; i < text.length; i++) {
        if (!is_among(text.data[i], "0123456789"))
            return false;
        port = port * 10 + (unsigned)(text.data[i] - '0');
    }
    return port >= 1 && port <= 65535;
}

/* Length of the host at the beginning: a name, an IPv4 address, or an IPv6 one in brackets. */
static size_t
host_length(struct slice text)
{
    size_t length = 0;
    const char *close;

    if (text.length && text.data[0] == '[') {
        close = memchr(text.data, ']', text.length);
        length = close ? (size_t)(close - text.data) + 1 : 0;
        if (length <= 2 || !consists_of((struct slice){text.data + 1, length - 2}, ":.%"))
            return 0;
        return length;
    }
    while (length < text.length && consists_of((struct slice){text.data + length, 1}, "-._"))
        length++;
    return length;
}

const char *
format_uri_complaint(struct slice text)
{
    struct slice rest;
    enum format_scheme scheme = split_uri(text, &rest);
    size_t host;

    if (memchr(text.data, ' ', text.length))
        return "must be one URI without blanks; write several as a list";
    if (scheme == FORMAT_SCHEME_COUNT)
        return "must begin with ldaps://, ldap:// or ldapi://";
    if (rest.length && rest.data[rest.length - 1] == '/')
        rest.length--;
    if (scheme == FORMAT_LDAPI)
        return consists_of(rest, "-._~%") ? NULL
                                          : "must be ldapi:// and a socket's path with %2F for '/'";
    if (memchr(rest.data, '@', rest.length))
        return "must not hold a login, which stands under 'directory.bind'";
    if (memchr(rest.data, '/', rest.length) || memchr(rest.data, '?', rest.length))
        return "must end behind host and port; what to search stands under 'directory.searches'";
    host = host_length(rest);
    if (host == 0)
        return "must name a host behind the '://'";
    if (host == rest.length || (rest.data[host] == ':' && is_port(behind(rest, host + 1))))
        return NULL;
    return "must have nothing behind the host but ':' and a port of 1 to 65535";
}

enum format_scheme
format_uri_scheme(struct slice uri)
{
    struct slice rest;

    return split_uri(uri, &rest);
}

const char *
format_scheme_name(enum format_scheme scheme)
{
    return schemes[scheme];
}

const char *
format_domain_complaint(struct slice text)
{
    if (consists_of(text, "-_.") && text.data[0] != '.' && text.data[text.length - 1] != '.')
        return NULL;
    return "must be a domain's name alone, as example.edu";
}

const char *
format_site_complaint(struct slice text)
{
    return consists_of(text, "-_") ? NULL : "must be a site's name: letters, digits, '-' and '_'";
}

const char *
format_filter_complaint(struct slice text)
{
    size_t depth = 0;

    if (text.data[0] != '(')
        return "must begin with '('";
    for (size_t i = 0; i < text.length; i++) {
        if (text.data[i] == '(')
            depth++;
        if (text.data[i] == ')')
            depth--;
        if (depth == 0 && i + 1 < text.length)
            return "must end where its first '(' is closed; write (&(...)(...)) for several, and "
                   "\\28 and \\29 for parentheses in values";
    }
    return depth == 0 ? NULL : "has more '(' than ')'";
}

const char *
format_attribute_complaint(struct slice text)
{
    if (consists_of(text, "-.") && is_among(text.data[0], letters_and_digits))
        return NULL;
    return "must be the name of one attribute";
}

const char *
format_host_complaint(struct slice text)
{
    if (consists_of(text, "-._:%") && text.data[0] != '-')
        return NULL;
    return "must be a host's name or address alone, without user, port or path";
}

const char *
format_account_complaint(struct slice text)
{
    return text.data[0] == '-' ? "must not begin with '-'" : NULL;
}

const char *
format_credential_complaint(struct slice text)
{
    if (consists_of(text, "-_.@") && text.data[0] != '.')
        return NULL;
    return "must name a systemd credential: letters, digits, '-', '_', '.' and '@'";
}

const char *
format_variable_complaint(struct slice text)
{
    if (consists_of(text, "_") && !is_among(text.data[0], "0123456789"))
        return NULL;
    return "must name an environment variable: letters, digits and '_'";
}

const char *
format_fingerprint_complaint(struct slice text)
{
    enum { BASE64_CHARACTERS = 43 }; /* of 32 bytes, without padding */
    struct slice kind = slice_of("SHA256:");

    if (text.length == kind.length + BASE64_CHARACTERS &&
        strncmp(text.data, kind.data, kind.length) == 0 &&
        consists_of(behind(text, kind.length), "+/"))
        return NULL;
    return "must be 'SHA256:' and 43 base64 characters, as 'ssh-keygen -l' prints it";
}

const char *
format_release_complaint(struct slice text)
{
    const char *at = memchr(text.data, '@', text.length);
    struct date day;

    if (at && at > text.data && date_parse(behind(text, (size_t)(at + 1 - text.data)), &day) &&
        text.data[text.length - 1] != 'Z')
        return NULL;
    return "must be a brake and a day, such as missing@2026-12-01";
}

const char *
format_photo_url_complaint(struct slice text)
{
    struct slice scheme = slice_of("https://"), rest;
    size_t host;

    if (text.length <= scheme.length || strncmp(text.data, scheme.data, scheme.length) != 0)
        return "must begin with https://";
    rest = behind(text, scheme.length);
    host = strcspn(rest.data, "/");
    if (host == 0 || rest.data[0] == ':')
        return "has no host";
    if (strpbrk(rest.data, "?#@ \\\"<>"))
        return "must be scheme, host and path alone, without '?', '#', '@' or blanks";
    if (text.data[text.length - 1] != '/')
        return "must end with '/'";
    return NULL;
}

/* The number that the text begins with, of at most four digits; 0 where there is none. */
static unsigned
pixels(const char **text)
{
    unsigned value = 0;

    for (int digits = 0; digits < 4 && **text >= '0' && **text <= '9'; digits++, (*text)++)
        value = value * 10 + (unsigned)(**text - '0');
    return value;
}

bool
format_size_parse(struct slice text, unsigned *ret_width, unsigned *ret_height)
{
    enum { LEAST = 16, MOST = 4000 };
    const char *at = text.data;

    *ret_width = pixels(&at);
    if (*at++ != 'x')
        return false;
    *ret_height = pixels(&at);
    return *at == '\0' && *ret_width >= LEAST && *ret_width <= MOST && *ret_height >= LEAST &&
           *ret_height <= MOST;
}

const char *
format_size_complaint(struct slice text)
{
    unsigned width, height;

    return format_size_parse(text, &width, &height)
               ? NULL
               : "must be pixels across and down, 16 to 4000 each, such as 300x400";
}

#define CONTROL "\\u0000-\\u001f\\u007f"
#define PORT "(?::[0-9]{1,5})?"

static const struct format formats[] = {
    {NULL, "^[^" CONTROL "]+$", true},
    {format_name_complaint, "^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$", true},
    {format_uri_complaint,
     "^(?:[lL][dD][aA][pP][sS]?://(?:[A-Za-z0-9._-]+|\\[[A-Za-z0-9:.%]+\\])" PORT
     "|[lL][dD][aA][pP][iI]://[A-Za-z0-9._~%-]*)/?$",
     false},
    {format_filter_complaint, "^\\([^" CONTROL "]*\\)$", false},
    {format_domain_complaint, "^[A-Za-z0-9_-](?:[A-Za-z0-9._-]*[A-Za-z0-9_-])?$", true},
    {format_site_complaint, "^[A-Za-z0-9_-]+$", true},
    {format_attribute_complaint, "^[A-Za-z0-9][A-Za-z0-9.-]*$", true},
    {format_host_complaint, "^[A-Za-z0-9._:%][A-Za-z0-9._:%-]*$", true},
    {format_account_complaint, "^[^" CONTROL "-][^" CONTROL "]*$", true},
    {format_credential_complaint, "^[A-Za-z0-9_@-][A-Za-z0-9._@-]*$", true},
    {format_variable_complaint, "^[A-Za-z_][A-Za-z0-9_]*$", true},
    {format_release_complaint, "^[^@" CONTROL "]+@[0-9]{4}-[0-9]{2}-[0-9]{2}$", false},
    {format_photo_url_complaint, "^https://[^/:?#@ \"<>\\\\][^?#@ \"<>\\\\]*/$", false},
    {format_size_complaint, "^[0-9]{2,4}x[0-9]{2,4}$", false},
    {format_fingerprint_complaint, "^SHA256:[A-Za-z0-9+/]{43}$", false},
};

const struct format *
format_of(const char *(*complaint)(struct slice text))
{
    for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++)
        if (formats[i].complaint == complaint)
            return &formats[i];
    return &formats[0];
}

const struct format *
format_of_place(const char *place)
{
    if (strcmp(place, "credential") == 0)
        return format_of(format_credential_complaint);
    return format_of(strcmp(place, "env") == 0 ? format_variable_complaint : NULL);
}
