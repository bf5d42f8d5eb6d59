#include "report/markup.h"

void
markup_add(struct buffer *out, struct slice text)
{
    for (size_t i = 0; i < text.length; i++)
        switch (text.data[i]) {
        case '&':
            buffer_add_text(out, "&amp;");
            break;
        case '<':
            buffer_add_text(out, "&lt;");
            break;
        case '>':
            buffer_add_text(out, "&gt;");
            break;
        case '"':
            buffer_add_text(out, "&quot;");
            break;
        default:
            buffer_add(out, text.data + i, 1);
        }
}
