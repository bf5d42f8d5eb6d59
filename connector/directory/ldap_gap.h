/* ldap_gap: why a server may hold less than others do, of people or of what they have.
 *
 * What it does not hold looks just like what people do not have, and would be taken out of Alma.
 */
#ifndef DIRECTORY_LDAP_GAP_H
#define DIRECTORY_LDAP_GAP_H

#include "directory/ldap_root.h"

struct ldap_gap {
    const char *what; /* follows "'URI' is " */
    const char *hint;
};

/* NULL: nothing is known to be missing there. */
const struct ldap_gap *ldap_gap_of_port(int port);
const struct ldap_gap *ldap_gap_of_root(const struct ldap_root *root);

#endif
