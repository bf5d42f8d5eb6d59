#include "ldif_write.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

static void
write_base64(FILE *out, const unsigned char *bytes, size_t length)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    for (size_t i = 0; i < length; i += 3) {
        bool second = i + 1 < length, third = i + 2 < length;
        uint32_t three = (uint32_t)bytes[i] << 16 | (second ? (uint32_t)bytes[i + 1] << 8 : 0) |
                         (third ? bytes[i + 2] : 0);
        char four[4] = {digits[three >> 18], digits[three >> 12 & 63],
                        second ? digits[three >> 6 & 63] : '=', third ? digits[three & 63] : '='};

        fwrite_unlocked(four, 1, sizeof four, out);
    }
}

/* SAFE-STRING of RFC 2849, which moreover must not end with a blank. */
static bool
is_safe(const unsigned char *bytes, size_t length)
{
    if (length > 0 && (strchr(" :<", bytes[0]) || bytes[length - 1] == ' '))
        return false;
    for (size_t i = 0; i < length; i++)
        if (bytes[i] == '\0' || bytes[i] == '\n' || bytes[i] == '\r' || bytes[i] > 127)
            return false;
    return true;
}

void
ldif_write(FILE *out, const char *attribute, const void *value, size_t length)
{
    fputs_unlocked(attribute, out);
    if (is_safe(value, length)) {
        fputs_unlocked(": ", out);
        fwrite_unlocked(value, 1, length, out);
    } else {
        fputs_unlocked(":: ", out);
        write_base64(out, value, length);
    }
    putc_unlocked('\n', out);
}
