#include "directory/ldap_message.h"

/* The list is found with liblber's own checks of the lengths around it. */
bool
ldap_message_find(LDAP *ld, LDAPMessage *message, struct ldap_message_entry *ret_entry)
{
    BerElement *element = NULL;
    struct berval dn, first;
    ber_len_t all = 0, rest = 0;
    bool ok = true;

    if (ldap_get_dn_ber(ld, message, &element, &dn) != LDAP_SUCCESS)
        return false;
    ber_get_option(element, LBER_OPT_BER_REMAINING_BYTES, &all);
    ret_entry->dn = (struct slice){dn.bv_val, dn.bv_len};
    ret_entry->list = (struct slice){"", 0};
    if (all > 0) {
        ok = ber_skip_element(element, &first) != LBER_DEFAULT;
        ber_get_option(element, LBER_OPT_BER_REMAINING_BYTES, &rest);
        /* The list begins where the first element's header does. */
        if (ok)
            ret_entry->list = (struct slice){first.bv_val + first.bv_len - (all - rest), all};
    }
    ber_free(element, 0);
    return ok;
}
