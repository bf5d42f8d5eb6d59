/* json_text: text from outside as a JSON string. Only for this folder. */
#ifndef REPORT_JSON_TEXT_H
#define REPORT_JSON_TEXT_H

#include "base/buffer.h"
#include "base/slice.h"

#include <json-c/json.h>

/* How all JSON is written. */
enum {
    JSON_FORM = JSON_C_TO_STRING_SPACED | JSON_C_TO_STRING_NOSLASHESCAPE, /* one line */
    JSON_PAGE = JSON_FORM | JSON_C_TO_STRING_PRETTY
};

/* NULL, which is JSON's null, for SLICE_NONE. JSON is UTF-8 (RFC 8259 section 8.1): each byte that
 * is none becomes U+FFFD. */
struct json_object *json_text(struct slice text);

/* Appends the value, in JSON_FORM or JSON_PAGE. Characters that would move or hide others where the
 * JSON is looked at are written as \uNNNN (RFC 8259 section 7). */
void json_write(struct buffer *out, struct json_object *value, int form);

void json_add_text(struct json_object *object, const char *key, struct slice text);
void json_add_number(struct json_object *object, const char *key, uint64_t number);

#endif
