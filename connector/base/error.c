#define ERROR_DEFINES
#include "base/error.h"

#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const struct {
    const char *name;
    int exit_status;
} codes[ERROR_CODE_COUNT] = {
    [ERROR_NONE] = {"none", 0},
    [ERROR_BRAKE] = {"brake", 2},
    [ERROR_USAGE] = {"usage", 64},
    [ERROR_DATA] = {"data", 65},
    [ERROR_UNAVAILABLE] = {"unavailable", 69},
    [ERROR_INTERNAL] = {"internal", 70},
    [ERROR_WRITE] = {"cannot-write", 73},
    [ERROR_LOCKED] = {"locked", 75},
    [ERROR_PERMISSION] = {"permission", 77},
    [ERROR_CONFIG] = {"configuration", 78},
};

/* Cuts between characters, never within one: a byte 10xxxxxx continues a character. */
static void
mark_cut(char *text, size_t size)
{
    static const char ellipsis[] = "\xe2\x80\xa6";
    size_t end = size - sizeof ellipsis;

    while (end > 0 && ((unsigned char)text[end] & 0xc0) == 0x80)
        end--;
    memcpy(text + end, ellipsis, sizeof ellipsis);
}

static void
write_text(char *text, size_t size, const char *format, va_list arguments)
{
    int length = vsnprintf(text, size, format, arguments);

    if (length >= 0 && (size_t)length >= size)
        mark_cut(text, size);
    text_make_one_line(text);
}

bool
error_set(struct error *err, enum error_code code, const char *format, ...)
{
    va_list arguments;

    err->code = code;
    err->transient = false;
    err->hint[0] = '\0';
    va_start(arguments, format);
    write_text(err->text, sizeof err->text, format, arguments);
    va_end(arguments);
    return false;
}

bool
error_prefix(struct error *err, const char *format, ...)
{
    char old[sizeof err->text];
    va_list arguments;
    size_t length;

    memcpy(old, err->text, sizeof old);
    va_start(arguments, format);
    write_text(err->text, sizeof err->text, format, arguments);
    va_end(arguments);
    length = strlen(err->text);
    if ((size_t)snprintf(err->text + length, sizeof err->text - length, ": %s", old) >=
        sizeof err->text - length)
        mark_cut(err->text, sizeof err->text);
    return false;
}

bool
error_hint(struct error *err, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    write_text(err->hint, sizeof err->hint, format, arguments);
    va_end(arguments);
    return false;
}

int
error_exit_status(enum error_code code)
{
    return codes[code].exit_status;
}

const char *
error_code_name(enum error_code code)
{
    return codes[code].name;
}
