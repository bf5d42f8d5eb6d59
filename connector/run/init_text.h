/* init_text: texts as files of ours hold them: YAML scalars, LDIF values.
 *
 * Names and values of a directory are hostile: none may end the line, the quotes or the comment
 * that it stands in.
 */
#ifndef RUN_INIT_TEXT_H
#define RUN_INIT_TEXT_H

#include "base/arena.h"
#include "base/buffer.h"
#include "base/slice.h"

#include <stdbool.h>
#include <stddef.h>

/* Whether the text is UTF-8 without anything that ends a line or hides. */
bool init_is_one_line(struct slice text);

/* The text as a scalar of YAML, in quotes where it needs them. What is no UTF-8 is nothing that
 * YAML can hold, and stays a fault. */
const char *init_quote(struct arena *arena, struct slice text);

/* The same for an item of a list in brackets. */
const char *init_quote_item(struct arena *arena, struct slice text);

/* The DN in one line of UTF-8: what could not stand there is escaped by hexadecimal digits (RFC
 * 4514 section 2.4), so that it is the same DN. */
const char *init_dn(struct arena *arena, struct slice dn);

/* Appends the line "name: value", or "name:: BASE64" where the value needs it (RFC 2849). */
void init_ldif_line(struct buffer *out, const char *indent, const char *name, struct slice value);

/* 1234567 as "1,234,567". */
const char *init_number(struct arena *arena, size_t number);

/* Only letters' and digits' kinds: "Xxxx Xxxxx-Xxxx 99", or what they are where they are no text;
 * what a value looks like without being shown. */
const char *init_mask(struct arena *arena, struct slice value);

/* What the DN is without its first RDN; empty for one without a parent. */
struct slice init_parent(struct slice dn);

#endif
