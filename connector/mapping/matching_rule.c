#include "mapping/matching_rule.h"

/* RFC 4517 section 4.2; Active Directory's in MS-ADTS section 3.1.1.3.4.4. */
static const struct matching_rule rules[] = {
    {"caseIgnoreMatch", "2.5.13.2", FILTER_EQUAL, MATCHING_TEXT, NULL},
    {"caseIgnoreIA5Match", "1.3.6.1.4.1.1466.109.114.2", FILTER_EQUAL, MATCHING_TEXT, NULL},
    {"objectIdentifierMatch", "2.5.13.0", FILTER_EQUAL, MATCHING_TEXT, NULL},
    {"booleanMatch", "2.5.13.13", FILTER_EQUAL, MATCHING_TEXT, NULL},
    {"caseExactMatch", "2.5.13.5", FILTER_EXACT, MATCHING_TEXT, NULL},
    {"caseExactIA5Match", "1.3.6.1.4.1.1466.109.114.1", FILTER_EXACT, MATCHING_TEXT, NULL},
    {"octetStringMatch", "2.5.13.17", FILTER_BYTES, MATCHING_BYTES, NULL},
    {"distinguishedNameMatch", "2.5.13.1", FILTER_EQUAL, MATCHING_DN, NULL},
    {"generalizedTimeMatch", "2.5.13.27", FILTER_EQUAL, MATCHING_TIME, NULL},
    {"integerMatch", "2.5.13.14", FILTER_INTEGER, MATCHING_INTEGER, NULL},
    {"LDAP_MATCHING_RULE_BIT_AND", "1.2.840.113556.1.4.803", FILTER_BITS_ALL, MATCHING_BITS, NULL},
    {"LDAP_MATCHING_RULE_BIT_OR", "1.2.840.113556.1.4.804", FILTER_BITS_ANY, MATCHING_BITS, NULL},
    {"LDAP_MATCHING_RULE_IN_CHAIN", "1.2.840.113556.1.4.1941", FILTER_EQUAL, MATCHING_DN,
     "nested groups cannot be seen in one entry's attribute; write (groups.nested=DN)"},
};

const struct matching_rule *
matching_rule_find(struct slice name)
{
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++)
        if (slice_equal_nocase(name, slice_of(rules[i].name)) ||
            slice_equal(name, slice_of(rules[i].oid)))
            return &rules[i];
    return NULL;
}
