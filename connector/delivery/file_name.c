#include "delivery/file_name.h"

#include <string.h>

static bool
is_usable(const char *name)
{
    for (const char *c = name; *c; c++) {
        if (*c == '/' || (unsigned char)*c < ' ' || *c == '\x7f')
            return false;
    }
    return *name && strcmp(name, ".") != 0 && strcmp(name, "..") != 0;
}

bool
file_name_check(const char *name, struct error *err)
{
    return is_usable(name) ||
           error_set(err, ERROR_USAGE, "'%s' cannot be the name of a file", name);
}
