/* picture_wire: what pictures.c and the processes that decode tell each other.
 *
 * Once the rules; then, for each person, a request (how many pictures, how long each, their bytes)
 * and its answer (trouble, size, the new picture). Numbers are 32 bits, the highest byte first. An
 * answer is a stranger's: whatever it holds, decoding it gives something that keeps to the rules.
 */
#ifndef PHOTOS_PICTURE_WIRE_H
#define PHOTOS_PICTURE_WIRE_H

#include "base/buffer.h"
#include "photos/picture_trouble.h"
#include "photos/pictures.h"

enum {
    PICTURE_RULES_BYTES = 5 * 4,
    PICTURE_REQUEST_HEAD_BYTES = (1 + PICTURE_SOURCES_MOST) * 4,
    PICTURE_ANSWER_HEAD_BYTES = 4 * 4,
    PICTURE_REQUEST_BYTES_MOST = 64 * 1024 * 1024, /* of all pictures of one person */
    PICTURE_FILE_BYTES_MOST = 20 * 1024 * 1024     /* of what goes out */
};

struct picture_answer {
    enum picture_trouble trouble;
    unsigned width, height;
    size_t length; /* of the new picture; 0 with a trouble */
};

/* `bytes` as long as the names above say. */
void picture_rules_encode(const struct picture_rules *rules, unsigned char *bytes);
bool picture_rules_decode(const unsigned char *bytes, struct picture_rules *ret_rules);

/* The head and the bytes of up to PICTURE_SOURCES_MOST pictures. */
void picture_request_encode(const struct slice *values, size_t count, struct buffer *bytes);

/* The lengths of the pictures that follow the head; false where it breaks a bound. */
bool picture_request_decode(const unsigned char *bytes, size_t *ret_count,
                            size_t lengths[PICTURE_SOURCES_MOST]);

void picture_answer_encode(const struct picture_answer *answer, unsigned char *bytes);

/* False: no answer that keeps to the rules begins so. */
bool picture_answer_decode(const unsigned char *bytes, const struct picture_rules *rules,
                           struct picture_answer *ret_answer);

/* Whether the file is a picture of this size with no room for anything but the picture: of a JPEG
 * (ITU-T T.81 annex B) the tables, one frame and its scan, of a PNG (W3C PNG, clause 11) header,
 * image data and end, and nothing before, between or behind. */
bool picture_is_bare(struct slice file, enum picture_format format, unsigned width,
                     unsigned height);

#endif
