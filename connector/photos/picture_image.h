/* picture_image: a picture's formats, in and out, and its pixels in between.
 *
 * Used only by the program that is shut in (photos/picture_program.c). First looked at, which
 * reads its header, then read, then written; each gives PICTURE_FINE or what is the matter.
 */
#ifndef PHOTOS_PICTURE_IMAGE_H
#define PHOTOS_PICTURE_IMAGE_H

#include "base/buffer.h"
#include "photos/picture_trouble.h"
#include "photos/pictures.h"

enum {
    PICTURE_SIDE_MOST = 20000, /* pixels */
    PICTURE_PIXELS_MOST = 50 * 1000 * 1000,
    PICTURE_SCANS_MOST = 100,
    /* That a codec may take; 50 million pixels in a progressive JPEG without subsampling. */
    PICTURE_CODEC_BYTES_MOST = 320 * 1024 * 1024
};

struct picture_look {
    unsigned width, height;
    unsigned orientation; /* Exif's: 1 to 8, see picture_exif.h */
    uint64_t taken;       /* 20240131235959; 0: not known */
};

/* Three bytes a pixel, sRGB, row by row. */
struct pixels {
    unsigned width, height;
    unsigned char *rgb; /* malloc'ed */
};

void pixels_new(struct pixels *pixels, unsigned width, unsigned height);
void pixels_free(struct pixels *pixels);

enum picture_trouble picture_jpeg_look(struct slice file, struct picture_look *ret_look);
enum picture_trouble picture_png_look(struct slice file, struct picture_look *ret_look);

/* `width`, `height`: fewer pixels are not needed, so what comes may be smaller than the picture,
 * but not than these where the picture is not. `profile` is emptied and gets that of the colors
 * (ICC) where the file has one. */
enum picture_trouble picture_jpeg_read(struct slice file, unsigned width, unsigned height,
                                       struct pixels *ret_pixels, struct buffer *profile);
enum picture_trouble picture_png_read(struct slice file, const struct picture_look *look,
                                      struct pixels *ret_pixels);

/* Appends the file to `bytes`; `quality` up to 100. */
enum picture_trouble picture_jpeg_write(const struct pixels *pixels, int quality,
                                        struct buffer *bytes);
enum picture_trouble picture_png_write(const struct pixels *pixels, struct buffer *bytes);

/* The largest size of the same shape that lies in *width x *height, and is not larger than it. */
void picture_fit(unsigned from_width, unsigned from_height, unsigned *width, unsigned *height);

/* Each new pixel is the mean of the area that it covers; not for enlarging. */
void picture_scale(const struct pixels *from, unsigned width, unsigned height,
                   struct pixels *ret_pixels);

/* As it is to be looked at, by Exif's orientation. */
void picture_turn(const struct pixels *from, unsigned orientation, struct pixels *ret_pixels);

#endif
