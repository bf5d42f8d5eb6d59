/* dn: reading distinguished names part by part (RFC 4514).
 *
 * A part is one attribute and its value: "CN=Ruiz\, Ana+UID=7,OU=Staff" has three in two RDNs.
 * Blanks around ',', '+' and '=' do not count (RFC 4514 section 2.4 and RFC 2253 allow none and
 * some; servers send both). ';' also separates RDNs, as in RFC 2253.
 */
#ifndef MODEL_DN_H
#define MODEL_DN_H

#include "base/arena.h"
#include "base/slice.h"

#include <stdbool.h>
#include <stddef.h>

struct dn_reader {
    struct slice text;
    size_t at;
};

struct dn_part {
    struct slice type;  /* as written */
    struct slice value; /* as written, with its escapes, without blanks around it */
    bool joined;        /* the next part belongs to the same RDN */
};

enum dn_result { DN_PART, DN_END, DN_MALFORMED };

enum dn_result dn_next(struct dn_reader *reader, struct dn_part *ret_part);

/* The value without its escapes (\, \2C), or the string that #HEX encodes (RFC 4514 section 2.4;
 * other encodings stay as they are). */
struct slice dn_unescape(struct arena *arena, struct slice value);

#endif
