/* photos_make: from a person's pictures to the photo that waits in the spool.
 *
 * Where the photo that is at the depot was made of the same values by the same rules, none is made.
 */
#ifndef RUN_PHOTOS_MAKE_H
#define RUN_PHOTOS_MAKE_H

#include "run/photos_run.h"

struct photos_make;

/* How photos are made, as text: what it says is part of each photo's source. */
const char *photos_rules(const struct settings_photos *photos, struct arena *arena);

/* The processes start with the first picture. */
struct photos_make *photos_make_begin(struct photos_run *run, struct error *err);

/* Settles the fate of somebody, or sees that it will be settled by photos_make_end(). */
bool photos_make_one(struct photos_make *make, struct photo_person *person,
                     const struct slice *values, size_t count, struct error *err);

/* Reads the pictures of everybody who is to be asked, where the attribute only says where they are.
 * photos_fetch.c has it. */
bool photos_fetch(struct photos_run *run, struct photos_make *make, struct error *err);

/* Waits for all, unless `ok` is false. */
bool photos_make_end(struct photos_make *make, bool ok, struct error *err);

#endif
