#include "photos/names.h"

#include "base/text.h"

/* Alma puts the identifier into a URL as it is: there these end the path, or begin an escape. */
static const char url_signs[] = "?#%";

static const char *
find_trouble(struct arena *arena, struct slice identifier, size_t suffix_length)
{
    if (identifier.length == 0)
        return "is empty";
    if (identifier.length + 1 + suffix_length > PHOTO_NAME_BYTES_MOST)
        return "is longer than a file's name should be";
    if (identifier.data[0] == '.')
        return "begins with a dot, which hides the file";
    if (memchr(identifier.data, '/', identifier.length) ||
        memchr(identifier.data, '\\', identifier.length))
        return "has a slash in it, which would lead into another folder";
    if (!slice_equal(text_printable(arena, identifier, PHOTO_NAME_BYTES_MOST), identifier))
        return "has a character in it that nobody sees";
    for (size_t i = 0; i < identifier.length; i++)
        if (strchr(url_signs, identifier.data[i]))
            return "has '?', '#' or '%' in it, which mean something else in a URL";
    return NULL;
}

const char *
photo_name(struct arena *arena, struct slice identifier, const char *suffix,
           const char **ret_trouble)
{
    *ret_trouble = find_trouble(arena, identifier, strlen(suffix));
    return *ret_trouble ? NULL : arena_format(arena, "%.*s.%s", SLICE_ARG(identifier), suffix);
}
