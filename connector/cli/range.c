#include "cli/range.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static double
unit_seconds(char unit)
{
    switch (unit) {
    case 's':
        return 1;
    case 'm':
        return 60;
    case 'h':
        return 3600;
    case 'd':
        return 86400;
    default:
        return 0;
    }
}

/* Reads a number and what follows it; NULL where there is none. */
static const char *
read_number(const char *text, double *ret_number)
{
    char *end;

    if (!isdigit((unsigned char)text[text[0] == '-']))
        return NULL;
    *ret_number = strtod(text, &end);
    if (unit_seconds(*end) > 0)
        *ret_number *= unit_seconds(*end++);
    return end;
}

bool
range_parse(const char *text, struct range *ret_range)
{
    struct range range = {.set = true, .least = 0, .most = INFINITY};

    range.inside = *text == '@';
    text += range.inside;
    if (strchr(text, ':')) {
        if (*text == '~') {
            range.least = -INFINITY;
            text++;
        } else if (*text != ':' && !(text = read_number(text, &range.least)))
            return false;
        if (*text++ != ':')
            return false;
    } else if (!*text)
        return false;
    if (*text && !(text = read_number(text, &range.most)))
        return false;
    if (*text || range.least > range.most)
        return false;
    *ret_range = range;
    return true;
}

bool
range_alarms(const struct range *range, double value)
{
    return range->set && (value >= range->least && value <= range->most) == range->inside;
}

void
range_print(const struct range *range, FILE *out)
{
    if (!range->set)
        return;
    if (range->inside)
        fputc('@', out);
    if (isinf(range->least))
        fputs("~:", out);
    else if (range->least > 0 || range->least < 0 || isinf(range->most))
        fprintf(out, "%.15g:", range->least);
    if (!isinf(range->most))
        fprintf(out, "%.15g", range->most);
}
