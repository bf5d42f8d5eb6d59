#include "alma/xml_error.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

void
xml_error_text(const xmlError *error, char ret_text[XML_ERROR_BYTES])
{
    size_t length;

    snprintf(ret_text, XML_ERROR_BYTES, "%s", error->message ? error->message : "not valid");
    ret_text[0] = (char)tolower((unsigned char)ret_text[0]);
    for (char *at = strchr(ret_text, '\n'); at; at = strchr(at, '\n'))
        *at = ' ';
    for (length = strlen(ret_text); length > 1 && strchr(" .!", ret_text[length - 1]);)
        ret_text[--length] = '\0';
}
