/* ldif_change: a record of LDIF as something to do to an entry (RFC 2849, RFC 4511 sections 4.6 to
 * 4.9).
 *
 * A record without "changetype" is content: the entry as it is to be. Both kinds may come in one
 * stream. Order of use: ldif_change_parse() on what ldif_reader.h gave; look up the entry that
 * `dn` names; ldif_change_apply().
 *
 * Not here: where entries are kept (state/pushed.h), what becomes of them (run/push.h).
 */
#ifndef DIRECTORY_LDIF_CHANGE_H
#define DIRECTORY_LDIF_CHANGE_H

#include "base/arena.h"
#include "base/error.h"
#include "directory/ldif_reader.h"
#include "model/whole_entry.h"

enum ldif_change_kind {
    LDIF_CONTENT, /* put: replaces the entry, or adds it */
    LDIF_ADD,     /* must not be there */
    LDIF_MODIFY,  /* these four: must be there */
    LDIF_DELETE,
    LDIF_RENAME, /* modrdn and moddn */
    LDIF_NOTHING /* comments, "version: 1" */
};

struct ldif_change; /* lives in the arena that it was parsed into */

/* Reads the record, changing its text in place; what comes out borrows from that text and the
 * arena. NULL with err for what is no record; the stream's other records can still be taken. The
 * error is complete: "line 7: cannot take 'cn=a,o=b': …" (the line counts in the file; the DN where
 * it is known). Nothing is fetched by URL ("name:< …"). */
struct ldif_change *ldif_change_parse(const struct ldif_record *record, struct arena *arena,
                                      struct error *err);

enum ldif_change_kind ldif_change_kind(const struct ldif_change *change);

/* One that dn_fold() takes. */
struct slice ldif_change_dn(const struct ldif_change *change);

/* Where its "dn:" stands. */
unsigned long ldif_change_line(const struct ldif_change *change);

/* What the entry is afterwards, a new one: `before` is left alone; LDIF_CONTENT and LDIF_ADD do not
 * look at it. NULL with err where the change does not fit it, as LDAP calls it (noSuchAttribute,
 * attributeOrValueExists, notAllowedOnRDN), as complete as that of parsing; then nothing has
 * happened. Not for LDIF_DELETE and LDIF_NOTHING. That the entry must (not) be there is for the
 * caller, who knows the DN's other spellings.
 *
 * Values that name an entry are added where it lacks them (RFC 4511 section 4.7); doubles within
 * content are taken once. */
struct whole_entry *ldif_change_apply(const struct ldif_change *change,
                                      const struct whole_entry *before, struct error *err);

#endif
