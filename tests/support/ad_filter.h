/* ad_filter: whether an entry of the tests' Active Directory matches a filter, as it came over the
 * wire (RFC 4511 section 4.5.1.7). Names compare without case, DNs by their parts, numbers as such;
 * the two bitwise rules work, IN_CHAIN does not.
 */
#ifndef SUPPORT_AD_FILTER_H
#define SUPPORT_AD_FILTER_H

#include "ad_store.h"

/* `filter` is one encoded filter. What is malformed or unknown matches nobody. */
bool ad_filter_matches(const struct ad_entry *entry, const struct berval *filter);

#endif
