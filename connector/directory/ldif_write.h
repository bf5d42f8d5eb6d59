/* ldif_write: an entry as a record of LDIF (RFC 2849): "dn:" first, base64 where bytes ask for it,
 * lines folded at 76 columns, a blank line behind it.
 */
#ifndef DIRECTORY_LDIF_WRITE_H
#define DIRECTORY_LDIF_WRITE_H

#include "base/buffer.h"
#include "model/whole_entry.h"

/* `names`: only these attributes, `count` of them; NULL: all. */
void ldif_write_entry(struct buffer *out, const struct whole_entry *entry,
                      const struct slice *names, size_t count);

/* One line "name: value" or "name:: …", folded. */
void ldif_write_line(struct buffer *out, struct slice name, struct slice value);

/* The digits alone, not folded. */
void ldif_write_base64(struct buffer *out, struct slice bytes);

#endif
