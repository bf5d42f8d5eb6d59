#include "directory/ldap_gap.h"

#include <stddef.h>

enum { CATALOG_PORT = 3268, CATALOG_TLS_PORT = 3269 };

const struct ldap_gap *
ldap_gap_of_port(int port)
{
    static const struct ldap_gap catalog = {
        "the port of a global catalog",
        "It holds only some attributes of everybody, and what is missing would be taken out of "
        "Alma: use port 389 or 636 of a domain controller."};

    return port == CATALOG_PORT || port == CATALOG_TLS_PORT ? &catalog : NULL;
}

const struct ldap_gap *
ldap_gap_of_root(const struct ldap_root *root)
{
    static const struct ldap_gap read_only = {
        "a read-only domain controller",
        "Attributes that are kept from it would be taken out of Alma: use a domain controller that "
        "can be written to."};
    static const struct ldap_gap behind = {
        "not yet in step with the other servers",
        "It may not have everybody: wait, or name another server first."};

    return root->is_behind ? &behind : root->is_read_only ? &read_only : NULL;
}
