#include "base/buffer.h"

#include <stdarg.h>
#include <stdio.h>

void
buffer_format(struct buffer *buffer, const char *format, ...)
{
    va_list arguments;
    int length;

    va_start(arguments, format);
    length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    if (length <= 0)
        return;
    va_start(arguments, format);
    vsnprintf(buffer_reserve(buffer, (size_t)length + 1), (size_t)length + 1, format, arguments);
    va_end(arguments);
    buffer->length += (size_t)length;
}
