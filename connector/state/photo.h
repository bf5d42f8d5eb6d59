/* photo: which photos of ours lie where, and what the directory had when it was last asked; a part
 * of state.
 *
 * A photo is a row from before its first byte goes out until it is removed: so whatever may lie at
 * a depot under our hand is known, also after a kill. A row is *open* while nobody can say whether
 * the file is the one before or the new one, or there at all: it is sent again by the next run. It
 * is *doubtful* as well where nothing of ours was there before: the file may be another's.
 *
 * A look is what somebody's entry gave, by its version: as long as the directory gives the same
 * version nobody has to ask for the picture itself.
 *
 * Order of use in a run: state_photo_depot(); read; then changes, each between
 * state_photos_begin() and state_photos_end(), many in one transaction.
 */
#ifndef STATE_PHOTO_H
#define STATE_PHOTO_H

#include "state/state.h"

enum { PHOTO_SOURCE_BYTES = 16, PHOTO_PICTURE_BYTES = 8, PHOTO_SHA256_BYTES = 32 };

struct state_photo {
    struct slice name; /* of the file */
    struct slice key;  /* whose it is (run/identity.h); empty: nobody's any more, or not known */
    bool open;         /* source and sha256 are not known … */
    bool doubtful;     /* … and it is ours only where a file of `bytes` is there */
    uint64_t bytes;
    /* Digests of what it was made of, and in the bytes behind PHOTO_PICTURE_BYTES also of how. */
    unsigned char source[PHOTO_SOURCE_BYTES];
    unsigned char sha256[PHOTO_SHA256_BYTES]; /* of the file */
    time_t delivered;
    time_t unwanted; /* since when it is to go; 0: it is to stay */
};

/* The number by which rows name a depot; a new one where none of this name is known.
 * *ret_elsewhere: how many photos lie at other depots. */
bool state_photo_depot(struct state *state, const char *name, int64_t *ret_depot,
                       uint64_t *ret_elsewhere, struct error *err);

/* Calls `photo` for each of the depot in the order of names; valid during the call. */
bool state_each_photo(struct state *state, int64_t depot,
                      bool (*photo)(void *context, const struct state_photo *photo,
                                    struct error *err),
                      void *context, struct error *err);

bool state_photos_begin(struct state *state, struct error *err);
/* False where `keep` could not be done. */
bool state_photos_end(struct state *state, bool keep, struct error *err);

/* Writes the row of that name, whatever it was before. */
bool state_photo_put(struct state *state, int64_t depot, const struct state_photo *photo,
                     struct error *err);
bool state_photo_remove(struct state *state, int64_t depot, struct slice name, struct error *err);

struct state_photo_look {
    struct slice key;
    struct slice version; /* of the entry, or of the picture elsewhere */
    bool none;            /* there was no picture */
    unsigned char source[PHOTO_SOURCE_BYTES];
};

/* Calls `look` for each; valid during the call. */
bool state_each_photo_look(struct state *state,
                           bool (*look)(void *context, const struct state_photo_look *look,
                                        struct error *err),
                           void *context, struct error *err);

bool state_photo_look_put(struct state *state, const struct state_photo_look *look,
                          struct error *err);
bool state_photo_look_remove(struct state *state, struct slice key, struct error *err);
bool state_photo_looks_clear(struct state *state, struct error *err);

/* The last run. */
struct state_photo_run {
    time_t started, finished; /* started 0: there was none; finished 0: killed, or at work */
    const char *outcome;      /* as in the report; "": none yet */
    int exit_status;
    const char *error; /* "" when all went well */
    uint64_t added, replaced, removed, findings;
    time_t succeeded; /* when the last one ended that went well; is not set, but kept */
};

bool state_set_photo_run(struct state *state, const struct state_photo_run *run, struct error *err);
bool state_get_photo_run(struct state *state, struct arena *arena, struct state_photo_run *ret_run,
                         struct error *err);

/* A few photos that lie at the depot of that name as they should: the newest `most`, and as many at
 * random, each once; of `open` ones and those that are to go none. Names and digests in the arena.
 */
bool state_sample_photos(struct state *state, const char *depot, unsigned most, struct arena *arena,
                         struct state_photo **ret_photos, size_t *ret_count, struct error *err);

bool state_has_photo(struct state *state, struct slice key, bool *ret_has, struct error *err);

/* How many photos of ours lie at all depots. */
bool state_count_photos(struct state *state, uint64_t *ret_count, struct error *err);

#endif
