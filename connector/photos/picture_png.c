#include "photos/picture_exif.h"
#include "photos/picture_image.h"

#include <setjmp.h>

#include <png.h>

enum { SIGNATURE_BYTES = 8, CHUNK_FRAME_BYTES = 12 };

/* libpng stops with the last pixel, and has limits of its own for sizes: so what follows, the size
 * and Exif are looked for here. */
static bool
walk(struct slice file, struct picture_look *look)
{
    const unsigned char *data = (const unsigned char *)file.data;
    size_t at = SIGNATURE_BYTES;

    while (file.length - at >= CHUNK_FRAME_BYTES) {
        size_t length = png_get_uint_32(data + at);

        if (memcmp(data + at + 4, "IEND", 4) == 0)
            return true;
        if (length > file.length - at - CHUNK_FRAME_BYTES)
            return false;
        if (memcmp(data + at + 4, "IHDR", 4) == 0 && length >= 8) {
            look->width = png_get_uint_32(data + at + 8);
            look->height = png_get_uint_32(data + at + 12);
        } else if (memcmp(data + at + 4, "eXIf", 4) == 0) {
            picture_exif_read((struct slice){file.data + at + 8, length}, look);
        }
        at += length + CHUNK_FRAME_BYTES;
    }
    return false;
}

enum picture_trouble
picture_png_look(struct slice file, struct picture_look *ret_look)
{
    *ret_look = (struct picture_look){.orientation = 1};
    if (!walk(file, ret_look))
        return PICTURE_ENDS_EARLY;
    return ret_look->width > 0 && ret_look->height > 0 ? PICTURE_FINE : PICTURE_DAMAGED;
}

enum picture_trouble
picture_png_read(struct slice file, const struct picture_look *look, struct pixels *ret_pixels)
{
    static const png_color white = {255, 255, 255};
    png_image image = {.version = PNG_IMAGE_VERSION};

    *ret_pixels = (struct pixels){0};
    if (!png_image_begin_read_from_memory(&image, file.data, file.length))
        return PICTURE_DAMAGED;
    if (image.width != look->width || image.height != look->height) {
        png_image_free(&image);
        return PICTURE_DAMAGED;
    }
    image.format = PNG_FORMAT_RGB;
    /* Else 16 bits without gAMA would be taken for linear light. */
    image.flags |= PNG_IMAGE_FLAG_16BIT_sRGB;
    pixels_new(ret_pixels, image.width, image.height);
    if (!png_image_finish_read(&image, &white, ret_pixels->rgb, 0, NULL)) {
        pixels_free(ret_pixels);
        return PICTURE_DAMAGED;
    }
    return PICTURE_FINE;
}

static void
on_error(png_structp png, png_const_charp text)
{
    (void)text;
    png_longjmp(png, 1);
}

static void
on_warning(png_structp png, png_const_charp text)
{
    (void)png;
    (void)text;
}

static void
add_bytes(png_structp png, png_bytep data, size_t length)
{
    buffer_add(png_get_io_ptr(png), (const char *)data, length);
}

static void
flush_bytes(png_structp png)
{
    (void)png;
}

enum picture_trouble
picture_png_write(const struct pixels *pixels, struct buffer *bytes)
{
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, on_error, on_warning);
    png_infop info = png ? png_create_info_struct(png) : NULL;

    if (!info || setjmp(png_jmpbuf(png)) != 0) {
        png_destroy_write_struct(&png, &info);
        return PICTURE_TOO_HEAVY;
    }
    png_set_write_fn(png, bytes, add_bytes, flush_bytes);
    png_set_IHDR(png, info, pixels->width, pixels->height, 8, PNG_COLOR_TYPE_RGB,
                 PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    png_write_info(png, info);
    for (unsigned y = 0; y < pixels->height; y++)
        png_write_row(png, pixels->rgb + (size_t)y * pixels->width * 3);
    png_write_end(png, NULL);
    png_destroy_write_struct(&png, &info);
    return PICTURE_FINE;
}
