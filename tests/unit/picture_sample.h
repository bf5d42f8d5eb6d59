/* picture_sample: pictures to test with, of every kind that somebody may have.
 *
 * They show four fields: red and green above, blue and white below, so that one sees which side is
 * up; with `noise` each pixel differs, so that they do not become small.
 */
#ifndef UNIT_PICTURE_SAMPLE_H
#define UNIT_PICTURE_SAMPLE_H

#include "base/buffer.h"

enum sample_kind {
    SAMPLE_JPEG,
    SAMPLE_JPEG_GRAY,
    SAMPLE_JPEG_PROGRESSIVE,
    SAMPLE_JPEG_ARITHMETIC,
    SAMPLE_JPEG_CMYK,
    SAMPLE_JPEG_YCCK,
    SAMPLE_JPEG_SCANS, /* progressive, with more than 100 scans */
    SAMPLE_PNG,
    SAMPLE_PNG_GRAY,
    SAMPLE_PNG_PALETTE,
    SAMPLE_PNG_16_BIT,
    SAMPLE_PNG_ALPHA, /* the white field is transparent black */
    SAMPLE_PNG_INTERLACED,
    SAMPLE_PNG_ANIMATED,
    SAMPLE_KIND_COUNT
};

struct sample {
    enum sample_kind kind;
    unsigned width, height;
    unsigned orientation; /* 0: no Exif */
    const char *date;     /* "2024:01:31 23:59:59" */
    const char *remark;   /* a comment, in whatever way the format has */
    bool noise;
    bool display_p3;       /* of JPEG: the same colors, told so; with the profile, */
    bool without_profile;  /* or without it */
    unsigned claimed_side; /* of PNG: what the header says width and height are */
};

struct sample_color {
    int red, green, blue;
};

/* Empties `file` and writes the picture. */
void sample_write(const struct sample *sample, struct buffer *file);

/* The pixel of a JPEG or PNG at these thousandths of its width and height. */
struct sample_color sample_look(struct slice file, unsigned across, unsigned down);

/* Which field it is of: 'r', 'g', 'b', 'w', or '?'. */
char sample_field(struct sample_color color);

/* The fields as they are to be seen: above left, above right, below left, below right. */
void sample_fields(struct slice file, char fields[5]);

#endif
