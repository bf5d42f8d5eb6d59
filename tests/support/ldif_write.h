/* ldif_write: writes attributes of LDIF (RFC 2849), base64 where a value needs it. */
#ifndef SUPPORT_LDIF_WRITE_H
#define SUPPORT_LDIF_WRITE_H

#include <stddef.h>
#include <stdio.h>

void ldif_write(FILE *out, const char *attribute, const void *value, size_t length);

#endif
