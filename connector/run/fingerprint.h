/* fingerprint: what state remembers of a record, to see next time whether it is another one.
 *
 * A digest of the record's bytes, and a short one of each field, so that what changed can be named
 * by field. Texts that were made of the clock count as one and the same: a date that moves by
 * itself is no change.
 */
#ifndef RUN_FINGERPRINT_H
#define RUN_FINGERPRINT_H

#include "alma/alma.h"
#include "base/buffer.h"
#include "base/slice.h"
#include "model/user_fields.h"

#include <stdbool.h>
#include <stdint.h>

enum { FINGERPRINT_BYTES = 16, FINGERPRINT_FIELD_BYTES = 4 };

/* Starts zeroed and serves for many records. */
struct fingerprint {
    unsigned char digest[FINGERPRINT_BYTES]; /* of the record */
    struct buffer fields;                    /* the digests of its fields */
    struct buffer scratch;
};

/* Makes the fingerprint of a record that was laid out so. */
void fingerprint_make(struct fingerprint *fingerprint, struct slice record,
                      const struct alma_layout *layout);
void fingerprint_free(struct fingerprint *fingerprint);

/* Sets ret_changed[i] for each field of the table that differs: is there or not, or has another
 * text. */
void fingerprint_compare(struct slice before, struct slice now, bool ret_changed[USER_FIELDS_MOST]);

/* Sets ret_lost[i] for each field of the table that was there and is not any more. */
void fingerprint_compare_lost(struct slice before, struct slice now,
                              bool ret_lost[USER_FIELDS_MOST]);

/* Of many fingerprints: how many have each field of the table. */
struct fingerprint_tally {
    uint16_t numbers[USER_FIELDS_MOST];
    uint64_t counts[USER_FIELDS_MOST];
};

void fingerprint_tally_begin(struct fingerprint_tally *tally);
void fingerprint_tally_add(struct fingerprint_tally *tally, struct slice fields);

#endif
