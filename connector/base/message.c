#include "base/message.h"

#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>

void
message_say(const struct messenger *messenger, enum message_level level, const char *format, ...)
{
    char text[2048];
    va_list arguments;

    if (!messenger || !messenger->say)
        return;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    text_make_one_line(text);
    messenger->say(messenger->context, level, text);
}

void
message_progress(const struct messenger *messenger, const struct progress *progress)
{
    if (messenger && messenger->progress)
        messenger->progress(messenger->context, progress);
}
