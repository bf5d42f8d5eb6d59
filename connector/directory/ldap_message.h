/* ldap_message: where an entry's name and attributes lie in the message that brought it. */
#ifndef DIRECTORY_LDAP_MESSAGE_H
#define DIRECTORY_LDAP_MESSAGE_H

#include "base/slice.h"

#include <ldap.h>
#include <stdbool.h>

struct ldap_message_entry {
    struct slice dn;
    struct slice list; /* what is inside the PartialAttributeList, for ldap_entry_decode() */
};

/* Valid as long as the message. False where it cannot be decoded. */
bool ldap_message_find(LDAP *ld, LDAPMessage *message, struct ldap_message_entry *ret_entry);

#endif
