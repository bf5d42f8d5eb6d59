/* sample_users: made-up Alma users for the tests and benches of alma/ and package/.
 *
 * Two kinds: ordinary people as a university sends them (about 2,600 bytes of XML, for figures),
 * and random users made from the table of fields (every field, every item, awkward text, for
 * properties). The same number gives the same user.
 */
#ifndef SUPPORT_SAMPLE_USERS_H
#define SUPPORT_SAMPLE_USERS_H

#include "model/user.h"

#include <stddef.h>
#include <stdint.h>

/* Person `number`; everything lives in the arena. */
void sample_user_ordinary(struct arena *arena, uint64_t number, struct user *ret_user);

/* A user that alma_check() lets through, with values of up to the full length. */
void sample_user_random(struct arena *arena, uint64_t number, struct user *ret_user);

/* The place of a value: of the user's field `field` where `list` is NULL, else of that field of
 * an item, which is made with all before it; a list has room for SAMPLE_ITEMS_MOST. */
enum { SAMPLE_ITEMS_MOST = 8 };
struct user_value *sample_user_value(struct arena *arena, struct user *user, const char *list,
                                     size_t item, const char *field);

/* Sets that value, or the only code of a FIELD_CODES. The text is borrowed. */
void sample_user_set(struct arena *arena, struct user *user, const char *list, size_t item,
                     const char *field, const char *text);

#endif
