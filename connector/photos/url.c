#include "photos/url.h"

#include "base/hex.h"

#include <string.h>

enum { SCHEME_BYTES = sizeof "https://" - 1 };

/* RFC 3986 section 3.3, pchar beyond letters and digits, '/' and '%'; and '?' of a query. */
static const char path_signs[] = "-._~!$&'()*+,;=:@/%";

static bool
may_stand(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c != '\0' && strchr(path_signs, c));
}

static void
add_escaped(struct buffer *out, struct slice text, const char *also)
{
    for (size_t i = 0; i < text.length; i++) {
        char c = text.data[i];

        if (may_stand(c) || (c != '\0' && strchr(also, c)))
            buffer_add(out, &c, 1);
        else
            buffer_format(out, "%%%02X", (unsigned)(unsigned char)c);
    }
}

/* "https:…", "file:…": with a colon in its first part it is relative to nothing (RFC 3986
 * section 4.2). */
static bool
has_scheme(struct slice text)
{
    for (size_t i = 0; i < text.length && !strchr("/?", text.data[i]); i++)
        if (text.data[i] == ':')
            return true;
    return false;
}

/* Scheme and host are the same in upper and lower case (RFC 3986 section 6.2.2.1), the path is not.
 */
static bool
cut_base(const char *base, struct slice *value)
{
    size_t length = strlen(base), host = SCHEME_BYTES + strcspn(base + SCHEME_BYTES, "/");
    size_t path = length - host, cut = 0;

    if (value->length > length &&
        slice_equal_nocase((struct slice){value->data, host}, (struct slice){base, host}) &&
        memcmp(value->data + host, base + host, path) == 0)
        cut = length;
    else if (value->length > path && memcmp(value->data, base + host, path) == 0)
        cut = path;
    else if (value->length == 0 || value->data[0] == '/' || has_scheme(*value))
        return false;
    *value = (struct slice){value->data + cut, value->length - cut};
    return true;
}

/* A server may decode a path before it looks at its dots, and leave out what stands behind ';' in
 * each part (RFC 3986 section 3.3): so does this. */
static const char *
find_trouble(struct slice path)
{
    bool has_parameters = false;
    char part[3] = "";
    size_t length = 0;

    for (size_t i = 0; i <= path.length; i++) {
        int c = i < path.length ? (unsigned char)path.data[i] : '/';
        bool escaped = c == '%';

        if (escaped) {
            c = hex_pair(path, i + 1);
            i += 2;
        }
        if (c < 0)
            return "is no URL: after '%' stand two digits";
        if (c < ' ' || c == 0x7f)
            return "has a control character in it";
        if (c == '\\' || (c == '/' && escaped))
            return "has a slash in it that leads who knows where";
        has_parameters = c != '/' && (has_parameters || c == ';');
        if (has_parameters)
            continue;
        if (c != '/') {
            if (length < sizeof part - 1)
                part[length] = (char)c;
            length++;
            continue;
        }
        if ((length == 1 || length == 2) && part[0] == '.' && (length == 1 || part[1] == '.'))
            return "has '.' or '..' as a part, which leads elsewhere";
        length = 0;
    }
    return NULL;
}

static struct slice
before(struct slice text, char sign)
{
    const char *at = memchr(text.data, sign, text.length);

    return at ? (struct slice){text.data, (size_t)(at - text.data)} : text;
}

/* Without what a keyboard left around it. */
static struct slice
trim(struct slice text)
{
    while (text.length > 0 && strchr(" \t\r\n", text.data[text.length - 1]))
        text.length--;
    for (; text.length > 0 && strchr(" \t\r\n", text.data[0]); text.length--)
        text.data++;
    return text;
}

bool
url_below(const char *base, struct slice value, struct buffer *out, const char **ret_trouble)
{
    struct slice rest = before(trim(value), '#');

    *ret_trouble = "does not begin with 'photos.base_url'";
    if (!cut_base(base, &rest))
        return false;
    *ret_trouble = find_trouble(before(rest, '?'));
    if (*ret_trouble)
        return false;
    buffer_add_text(out, base);
    add_escaped(out, rest, "?");
    return true;
}

void
url_of_name(const char *base, const char *name, struct buffer *out)
{
    buffer_add_text(out, base);
    add_escaped(out, slice_of(name), "");
}
