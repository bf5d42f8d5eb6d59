/* values: how numbers, durations and sizes are written in the site's file. What is too large for
 * 64 bits becomes UINT64_MAX: it is a number, but out of every range.
 */
#ifndef SETTINGS_VALUES_H
#define SETTINGS_VALUES_H

#include "base/buffer.h"
#include "base/slice.h"

#include <stdbool.h>
#include <stdint.h>

/* Digits and nothing else. */
bool value_number(struct slice text, uint64_t *ret_number);

/* Digits and s, m, h or d, as seconds: "60s", "5m", "2h", "7d". */
bool value_duration(struct slice text, uint64_t *ret_seconds);

/* Digits and B, KB, MB, GB (powers of 1000) or KiB, MiB, GiB (powers of 1024), as bytes; without
 * a unit they are bytes. The case of the unit does not count. */
bool value_size(struct slice text, uint64_t *ret_bytes);

enum { VALUE_SHARE_MOST = 100 * 100, VALUE_PEOPLE_MOST = 100000000 };

/* Digits, at most two of them behind a point, and "%", as hundredths of a percent: "5%", "0.25%".
 */
bool value_share(struct slice text, uint64_t *ret_hundredths);

/* Append a regular expression (ECMA 262) for just those texts that are read as `least` to `most`.
 */
void value_number_pattern(uint64_t least, uint64_t most, struct buffer *out);
void value_duration_pattern(uint64_t least, uint64_t most, struct buffer *out);
void value_size_pattern(uint64_t least, uint64_t most, struct buffer *out);

#endif
