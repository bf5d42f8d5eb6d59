/* ldap_entry: the attributes of one search result, decoded in place.
 *
 * libldap's own functions copy each value and search the entry from its start for each attribute;
 * this walks the encoding once and copies nothing: values are slices of the message. The bytes
 * come from the network and are not trusted: every length is held against what is left.
 *
 * RFC 4511 section 4.1.7: PartialAttributeList ::= SEQUENCE OF SEQUENCE { type, vals SET OF }.
 */
#ifndef DIRECTORY_LDAP_ENTRY_H
#define DIRECTORY_LDAP_ENTRY_H

#include "base/slice.h"
#include "directory/names.h"
#include "model/entry.h"

#include <stddef.h>

enum ldap_decoded {
    LDAP_DECODED,
    LDAP_DECODED_BAD,     /* the encoding is not one of attributes */
    LDAP_DECODED_UNKNOWN, /* a name that may be an alias: tell the aliases, decode again */
    LDAP_DECODED_RANGED   /* only a range of the values came: tell all of them, decode again */
};

struct ldap_decoder;

/* The names are borrowed. */
struct ldap_decoder *ldap_decoder_new(struct names *names);
void ldap_decoder_free(struct ldap_decoder *decoder);

/* Decodes what is inside the PartialAttributeList. The entry's slots are valid until the next
 * call and as long as the bytes; its dn is left alone. With UNKNOWN and RANGED `ret_name` is the
 * attribute description. */
enum ldap_decoded ldap_entry_decode(struct ldap_decoder *decoder, struct slice list,
                                    struct entry *ret_entry, struct slice *ret_name);

/* Tells all values of what an entry calls `description`, a range; all are borrowed until the
 * decoder is told to forget them, before the next entry. */
void ldap_decoder_complete(struct ldap_decoder *decoder, struct slice description,
                           const struct entry_values *values);
void ldap_decoder_forget(struct ldap_decoder *decoder);

#endif
