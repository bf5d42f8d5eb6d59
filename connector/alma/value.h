/* value: what the texts of Alma's field kinds look like. */
#ifndef ALMA_VALUE_H
#define ALMA_VALUE_H

#include "base/slice.h"
#include "model/user_fields.h"

#include <stdbool.h>

/* Whether the text is a value of the kind. Dates are "2026-09-01" with or without "Z"; a
 * date-time is that, or xs:dateTime (XML Schema part 2, section 3.2.7) with years of four digits.
 */
bool value_is_valid(enum field_kind kind, struct slice text);

/* What is valid, in words: "a date as YYYY-MM-DD". NULL where everything is. */
const char *value_wanted(enum field_kind kind);

/* Whether the text is the boolean true, in any case. */
bool value_is_true(struct slice text);

#endif
