/* pictures: makes people's pictures anew, in processes that can do nothing else.
 *
 * What a directory holds as a picture may be anything: a bomb, a document, a picture with the place
 * where it was taken. So nothing of it is passed on: it is decoded to pixels and written anew, by a
 * program of its own (photos/picture_program.c) that can neither open files nor reach the network
 * nor start anything, within bounded memory and time. What comes back from it is read as a
 * stranger's.
 *
 * Order of use: open, make as often as needed, finish, close. make() only waits while all processes
 * are at work; what is done is told by `made`, in any order, during make() and finish().
 */
#ifndef PHOTOS_PICTURES_H
#define PHOTOS_PICTURES_H

#include "base/arena.h"
#include "base/error.h"
#include "base/message.h"
#include "base/slice.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum picture_format { PICTURE_JPEG, PICTURE_PNG };

/* The rule where somebody has several pictures; what they have in common is settled by the other
 * rule, then by their bytes, so that their order never counts. */
enum picture_several { PICTURE_LARGEST, PICTURE_NEWEST };

enum {
    PICTURE_SOURCE_BYTES_MOST = 20 * 1024 * 1024, /* of one picture that comes in */
    PICTURE_SOURCES_MOST = 16                     /* of one person */
};

struct picture_rules {
    enum picture_format format;
    enum picture_several several;
    unsigned width, height; /* most pixels of what goes out; nothing is enlarged or distorted */
    uint64_t max_bytes;     /* of what goes out */
    unsigned processes;     /* 0: one for each processor */
    unsigned seconds;       /* that one person's pictures may take; 0: 10 */
};

/* What became of one person's pictures; valid during the call. */
struct picture {
    uint64_t tag;        /* the caller's */
    struct slice bytes;  /* the new file; SLICE_NONE: there is none */
    const char *trouble; /* why there is none, to follow "the picture " in a sentence: "is a GIF,
                            which is not taken" */
    unsigned width, height;
};

struct picture_sink {
    bool (*made)(void *context, const struct picture *picture, struct error *err);
    void *context;
};

struct pictures;

/* The path of the program that decodes, in the arena. */
const char *pictures_program(struct arena *arena);

/* Starts the processes. Fails where the program is missing or cannot be shut in
 * (ERROR_CONFIG, ERROR_INTERNAL). */
struct pictures *pictures_open(const struct picture_rules *rules, const struct picture_sink *sink,
                               const struct messenger *messenger, struct error *err);

/* One person's pictures, which are copied. False where `made` said so or no process can be had. */
bool pictures_make(struct pictures *pictures, uint64_t tag, const struct slice *values,
                   size_t count, struct error *err);

/* Waits until all are made. */
bool pictures_finish(struct pictures *pictures, struct error *err);

void pictures_close(struct pictures *pictures);

#endif
