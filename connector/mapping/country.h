/* country: the three letters of ISO 3166-1 that Alma wants, from what directories hold.
 *
 * Active Directory has two letters in `c` and a name in `co`; other directories have either.
 */
#ifndef MAPPING_COUNTRY_H
#define MAPPING_COUNTRY_H

#include "base/arena.h"
#include "base/slice.h"

/* Three letters for two letters or a name of the country (ISO's short name, or one that people
 * use; case, accents, signs and a leading "the" do not count). Three letters pass as they are,
 * in capitals. SLICE_NONE for what is none of these. */
struct slice country_code(struct arena *arena, struct slice text);

#endif
