#include "picture_sample.h"

#include "photos/picture_image.h"

#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#include <jpeglib.h>
#include <lcms2.h>
#include <png.h>

static const unsigned char colors[4][3] = {
    {220, 20, 20}, {20, 200, 20}, {20, 20, 220}, {250, 250, 250}};

static unsigned
field_of(const struct sample *sample, unsigned x, unsigned y)
{
    return (y >= sample->height / 2) * 2 + (x >= sample->width / 2);
}

static unsigned char
noise(unsigned x, unsigned y, unsigned c)
{
    uint32_t mixed = (x * 73856093u) ^ (y * 19349663u) ^ (c * 83492791u);

    mixed ^= mixed >> 13;
    mixed *= 0x5bd1e995u;
    return (unsigned char)(mixed >> 15);
}

static void
row_rgb(const struct sample *sample, unsigned y, unsigned char *row)
{
    for (unsigned x = 0; x < sample->width; x++)
        for (unsigned c = 0; c < 3; c++)
            *row++ = sample->noise ? noise(x, y, c) : colors[field_of(sample, x, y)][c];
}

/* A TIFF, low byte first, with orientation and the date of the exposure. */
static size_t
write_exif(const struct sample *sample, unsigned char *exif)
{
    static const unsigned char head[] = {'I',  'I',  42, 0, 8,  0, 0, 0, /* */
                                         2,    0, /* fields: orientation, Exif */
                                         0x12, 0x01, 3,  0, 1,  0, 0, 0, 1,  0, 0, 0, /* */
                                         0x69, 0x87, 4,  0, 1,  0, 0, 0, 38, 0, 0, 0, /* */
                                         0,    0,    0,  0, /* no other list */
                                         1,    0,           /* field: DateTimeOriginal */
                                         0x03, 0x90, 2,  0, 20, 0, 0, 0, 56, 0, 0, 0, /* */
                                         0,    0,    0,  0};

    memcpy(exif, head, sizeof head);
    exif[18] = (unsigned char)(sample->orientation ? sample->orientation : 1);
    memcpy(exif + sizeof head, sample->date ? sample->date : "0000:00:00 00:00:00", 20);
    return sizeof head + 20;
}

static cmsHPROFILE
display_p3(void)
{
    const cmsCIExyY white = {0.3127, 0.3290, 1};
    const cmsCIExyYTRIPLE primaries = {{0.680, 0.320, 1}, {0.265, 0.690, 1}, {0.150, 0.060, 1}};
    cmsToneCurve *gamma = cmsBuildGamma(NULL, 2.2);
    cmsToneCurve *const curves[] = {gamma, gamma, gamma};
    cmsHPROFILE profile = cmsCreateRGBProfile(&white, &primaries, curves);

    cmsFreeToneCurve(gamma);
    return profile;
}

static void
add_profile(struct jpeg_compress_struct *jpeg)
{
    cmsHPROFILE profile = display_p3();
    unsigned char bytes[4096];
    cmsUInt32Number length = sizeof bytes;

    if (cmsSaveProfileToMem(profile, bytes, &length))
        jpeg_write_icc_profile(jpeg, bytes, length);
    cmsCloseProfile(profile);
}

static void
row_to_p3(unsigned char *row, unsigned width)
{
    cmsHPROFILE from = cmsCreate_sRGBProfile(), to = display_p3();
    cmsHTRANSFORM transform =
        cmsCreateTransform(from, TYPE_RGB_8, to, TYPE_RGB_8, INTENT_PERCEPTUAL, 0);

    cmsDoTransform(transform, row, row, width);
    cmsDeleteTransform(transform);
    cmsCloseProfile(from);
    cmsCloseProfile(to);
}

static void
add_jpeg_markers(struct jpeg_compress_struct *jpeg, const struct sample *sample)
{
    unsigned char exif[128] = "Exif\0";

    if (sample->orientation || sample->date)
        jpeg_write_marker(jpeg, JPEG_APP0 + 1, exif, (unsigned)(6 + write_exif(sample, exif + 6)));
    if (sample->display_p3 && !sample->without_profile)
        add_profile(jpeg);
    if (sample->remark)
        jpeg_write_marker(jpeg, JPEG_COM, (const unsigned char *)sample->remark,
                          (unsigned)strlen(sample->remark));
}

/* Each coefficient of each component by itself. */
static void
script_many_scans(struct jpeg_compress_struct *jpeg, jpeg_scan_info *scans)
{
    int count = 0;

    scans[count++] = (jpeg_scan_info){3, {0, 1, 2}, 0, 0, 0, 0};
    for (int component = 0; component < 3; component++)
        for (int k = 1; k < DCTSIZE2; k++)
            scans[count++] = (jpeg_scan_info){1, {component}, k, k, 0, 0};
    jpeg->scan_info = scans;
    jpeg->num_scans = count;
}

static void
set_up_jpeg(struct jpeg_compress_struct *jpeg, const struct sample *sample, jpeg_scan_info *scans)
{
    bool inks = sample->kind == SAMPLE_JPEG_CMYK || sample->kind == SAMPLE_JPEG_YCCK;

    jpeg->image_width = sample->width;
    jpeg->image_height = sample->height;
    jpeg->input_components = inks ? 4 : 3;
    jpeg->in_color_space = inks ? JCS_CMYK : JCS_RGB;
    jpeg_set_defaults(jpeg);
    jpeg_set_quality(jpeg, 95, TRUE);
    if (sample->kind == SAMPLE_JPEG_GRAY)
        jpeg_set_colorspace(jpeg, JCS_GRAYSCALE);
    if (sample->kind == SAMPLE_JPEG_YCCK)
        jpeg_set_colorspace(jpeg, JCS_YCCK);
    if (sample->kind == SAMPLE_JPEG_PROGRESSIVE)
        jpeg_simple_progression(jpeg);
    if (sample->kind == SAMPLE_JPEG_SCANS)
        script_many_scans(jpeg, scans);
    jpeg->arith_code = sample->kind == SAMPLE_JPEG_ARITHMETIC;
}

/* As Adobe's programs write it: 255 is no ink. */
static void
row_to_inks(unsigned char *row, unsigned width)
{
    for (unsigned x = width; x-- > 0;) {
        memmove(row + (size_t)x * 4, row + (size_t)x * 3, 3);
        row[(size_t)x * 4 + 3] = 255;
    }
}

static void
write_jpeg(const struct sample *sample, struct buffer *file)
{
    struct jpeg_compress_struct jpeg;
    struct jpeg_error_mgr errors;
    jpeg_scan_info scans[200];
    unsigned char *bytes = NULL, *row = memory_alloc((size_t)sample->width * 4);
    unsigned long length = 0;

    jpeg.err = jpeg_std_error(&errors);
    jpeg_create_compress(&jpeg);
    jpeg_mem_dest(&jpeg, &bytes, &length);
    set_up_jpeg(&jpeg, sample, scans);
    jpeg_start_compress(&jpeg, TRUE);
    add_jpeg_markers(&jpeg, sample);
    for (unsigned y = 0; y < sample->height; y++) {
        row_rgb(sample, y, row);
        if (jpeg.input_components == 4)
            row_to_inks(row, sample->width);
        if (sample->display_p3)
            row_to_p3(row, sample->width);
        jpeg_write_scanlines(&jpeg, &row, 1);
    }
    jpeg_finish_compress(&jpeg);
    jpeg_destroy_compress(&jpeg);
    buffer_add(file, (const char *)bytes, length);
    free(bytes);
    free(row);
}

static void
add_bytes(png_structp png, png_bytep data, size_t length)
{
    buffer_add(png_get_io_ptr(png), (const char *)data, length);
}

/* Of each kind what libpng calls it; those that are not here are plain. */
static const struct {
    int bits, color;
    unsigned bytes; /* a pixel */
} png_kinds[SAMPLE_KIND_COUNT] = {
    [SAMPLE_PNG] = {8, PNG_COLOR_TYPE_RGB, 3},
    [SAMPLE_PNG_GRAY] = {8, PNG_COLOR_TYPE_GRAY, 1},
    [SAMPLE_PNG_PALETTE] = {8, PNG_COLOR_TYPE_PALETTE, 1},
    [SAMPLE_PNG_16_BIT] = {16, PNG_COLOR_TYPE_RGB, 6},
    [SAMPLE_PNG_ALPHA] = {8, PNG_COLOR_TYPE_RGB_ALPHA, 4},
    [SAMPLE_PNG_INTERLACED] = {8, PNG_COLOR_TYPE_RGB, 3},
    [SAMPLE_PNG_ANIMATED] = {8, PNG_COLOR_TYPE_RGB, 3},
};

static void
pixel_to_png(const struct sample *sample, unsigned x, unsigned y, unsigned char *pixel)
{
    unsigned field = field_of(sample, x, y);

    switch (png_kinds[sample->kind].bytes) {
    case 1:
        *pixel = sample->kind == SAMPLE_PNG_PALETTE ? (unsigned char)field : colors[field][1];
        break;
    case 4:
        memcpy(pixel, colors[field], 3);
        if (field == 3)
            memset(pixel, 0, 3);
        pixel[3] = field == 3 ? 0 : 255;
        break;
    case 6:
        for (int c = 0; c < 6; c++)
            pixel[c] = c % 2 ? 0x5A : colors[field][c / 2];
        break;
    default:
        for (unsigned c = 0; c < 3; c++)
            pixel[c] = sample->noise ? noise(x, y, c) : colors[field][c];
    }
}

static void
write_png_head(png_structp png, png_infop info, const struct sample *sample)
{
    unsigned claimed = sample->claimed_side;
    png_color palette[4];
    unsigned char exif[128];

    for (int i = 0; i < 4; i++)
        palette[i] = (png_color){colors[i][0], colors[i][1], colors[i][2]};
    png_set_IHDR(png, info, claimed ? claimed : sample->width, claimed ? claimed : sample->height,
                 png_kinds[sample->kind].bits, png_kinds[sample->kind].color,
                 sample->kind == SAMPLE_PNG_INTERLACED ? PNG_INTERLACE_ADAM7 : PNG_INTERLACE_NONE,
                 PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    if (sample->kind == SAMPLE_PNG_PALETTE)
        png_set_PLTE(png, info, palette, 4);
    png_write_info(png, info);
    if (sample->orientation || sample->date)
        png_write_chunk(png, (png_const_bytep) "eXIf", exif, write_exif(sample, exif));
    if (sample->remark)
        png_write_chunk(png, (png_const_bytep) "tEXt", (png_const_bytep)sample->remark,
                        strlen(sample->remark));
    if (sample->kind == SAMPLE_PNG_ANIMATED)
        png_write_chunk(png, (png_const_bytep) "acTL", (png_const_bytep) "\0\0\0\2\0\0\0\0", 8);
}

static void
write_png(const struct sample *sample, struct buffer *file)
{
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
    png_infop info = png_create_info_struct(png);
    unsigned bytes = png_kinds[sample->kind].bytes;
    unsigned char *row = memory_alloc((size_t)sample->width * bytes);
    int passes;

    png_set_write_fn(png, file, add_bytes, NULL);
    png_set_user_limits(png, 0x7FFFFFFF, 0x7FFFFFFF);
    write_png_head(png, info, sample);
    passes = sample->claimed_side ? 0 : png_set_interlace_handling(png);
    while (passes-- > 0)
        for (unsigned y = 0; y < sample->height; y++) {
            for (unsigned x = 0; x < sample->width; x++)
                pixel_to_png(sample, x, y, row + (size_t)x * bytes);
            png_write_row(png, row);
        }
    if (sample->kind == SAMPLE_PNG_ANIMATED)
        png_write_chunk(png, (png_const_bytep) "fdAT", (png_const_bytep) "\0\0\0\1second", 10);
    if (sample->claimed_side)
        png_write_chunk(png, (png_const_bytep) "IEND", NULL, 0);
    else
        png_write_end(png, NULL);
    png_destroy_write_struct(&png, &info);
    free(row);
}

void
sample_write(const struct sample *sample, struct buffer *file)
{
    file->length = 0;
    if (png_kinds[sample->kind].bytes)
        write_png(sample, file);
    else
        write_jpeg(sample, file);
}

struct sample_color
sample_look(struct slice file, unsigned across, unsigned down)
{
    struct sample_color color = {-1, -1, -1};
    struct picture_look look;
    struct pixels pixels = {0};
    struct buffer profile = BUFFER_INIT;

    picture_png_look(file, &look);
    if ((file.data[0] == '\xFF' ? picture_jpeg_read(file, UINT32_MAX, UINT32_MAX, &pixels, &profile)
                                : picture_png_read(file, &look, &pixels)) == PICTURE_FINE) {
        const unsigned char *pixel =
            pixels.rgb + 3 * ((size_t)(pixels.height * down / 1000) * pixels.width +
                              pixels.width * across / 1000);

        color = (struct sample_color){pixel[0], pixel[1], pixel[2]};
    }
    pixels_free(&pixels);
    buffer_free(&profile);
    return color;
}

char
sample_field(struct sample_color color)
{
    for (int i = 0; i < 4; i++) {
        int apart = abs(color.red - colors[i][0]) + abs(color.green - colors[i][1]) +
                    abs(color.blue - colors[i][2]);

        if (apart < 30)
            return "rgbw"[i];
    }
    return '?';
}

void
sample_fields(struct slice file, char fields[5])
{
    for (unsigned i = 0; i < 4; i++)
        fields[i] = sample_field(sample_look(file, i % 2 ? 750 : 250, i / 2 ? 750 : 250));
    fields[4] = 0;
}
