#include "photos/picture_exif.h"
#include "photos/picture_image.h"

#include <setjmp.h>
#include <stdio.h>

#include <jpeglib.h>

#include <jerror.h>

enum { SEGMENT_BYTES_MOST = 0xFFFF, MARKER_EXIF = JPEG_APP0 + 1, MARKER_PROFILE = JPEG_APP0 + 2 };

static const char exif_mark[] = "Exif\0";

/* libjpeg goes on after warnings and leaves after errors by longjmp. */
struct codec {
    struct jpeg_error_mgr errors;
    struct jpeg_progress_mgr progress;
    jmp_buf leave;
    enum picture_trouble trouble;
};

struct trouble_of {
    int code;
    enum picture_trouble trouble;
};

static const struct trouble_of troubles_of_errors[] = {
    {JERR_OUT_OF_MEMORY, PICTURE_TOO_HEAVY}, {JERR_NO_BACKING_STORE, PICTURE_TOO_HEAVY},
    {JERR_SOF_UNSUPPORTED, PICTURE_ODD},     {JERR_BAD_PRECISION, PICTURE_ODD},
    {JERR_NOT_COMPILED, PICTURE_ODD},        {JERR_COMPONENT_COUNT, PICTURE_ODD},
    {JERR_CONVERSION_NOTIMPL, PICTURE_ODD},  {JERR_IMAGE_TOO_BIG, PICTURE_TOO_WIDE},
    {JERR_INPUT_EMPTY, PICTURE_ENDS_EARLY},  {JERR_NO_IMAGE, PICTURE_ENDS_EARLY},
};

/* Warnings after which something of the picture is missing or wrong. */
static const struct trouble_of troubles_of_warnings[] = {
    {JWRN_JPEG_EOF, PICTURE_ENDS_EARLY},    {JWRN_HIT_MARKER, PICTURE_DAMAGED},
    {JWRN_HUFF_BAD_CODE, PICTURE_DAMAGED},  {JWRN_ARITH_BAD_CODE, PICTURE_DAMAGED},
    {JWRN_MUST_RESYNC, PICTURE_DAMAGED},    {JWRN_BOGUS_PROGRESSION, PICTURE_DAMAGED},
    {JWRN_NOT_SEQUENTIAL, PICTURE_DAMAGED},
};

static enum picture_trouble
find_trouble(const struct trouble_of *table, size_t count, int code, enum picture_trouble otherwise)
{
    for (size_t i = 0; i < count; i++)
        if (table[i].code == code)
            return table[i].trouble;
    return otherwise;
}

static _Noreturn void
leave(j_common_ptr jpeg, enum picture_trouble trouble)
{
    struct codec *codec = jpeg->client_data;

    codec->trouble = trouble;
    longjmp(codec->leave, 1);
}

static void
on_error(j_common_ptr jpeg)
{
    leave(jpeg,
          find_trouble(troubles_of_errors, sizeof troubles_of_errors / sizeof *troubles_of_errors,
                       jpeg->err->msg_code, PICTURE_DAMAGED));
}

static void
on_message(j_common_ptr jpeg, int level)
{
    enum picture_trouble trouble = PICTURE_FINE;

    if (level < 0)
        trouble = find_trouble(troubles_of_warnings,
                               sizeof troubles_of_warnings / sizeof *troubles_of_warnings,
                               jpeg->err->msg_code, PICTURE_FINE);
    if (trouble != PICTURE_FINE)
        leave(jpeg, trouble);
}

/* A progressive JPEG may have thousands of scans, each of which goes over all of the picture. */
static void
on_progress(j_common_ptr jpeg)
{
    if (jpeg->is_decompressor && ((j_decompress_ptr)jpeg)->input_scan_number > PICTURE_SCANS_MOST)
        leave(jpeg, PICTURE_TOO_MANY_SCANS);
}

static void
codec_begin(struct codec *codec, struct jpeg_common_struct *jpeg)
{
    jpeg->err = jpeg_std_error(&codec->errors);
    jpeg->client_data = codec;
    codec->errors.error_exit = on_error;
    codec->errors.emit_message = on_message;
    codec->progress.progress_monitor = on_progress;
    codec->trouble = PICTURE_FINE;
}

static void
begin_reading(struct jpeg_decompress_struct *jpeg, struct slice file)
{
    struct codec *codec = jpeg->client_data;

    jpeg_create_decompress(jpeg);
    jpeg->progress = &codec->progress;
    jpeg->mem->max_memory_to_use = PICTURE_CODEC_BYTES_MOST;
    jpeg_mem_src(jpeg, (const unsigned char *)file.data, file.length);
    jpeg_save_markers(jpeg, MARKER_EXIF, SEGMENT_BYTES_MOST);
    jpeg_save_markers(jpeg, MARKER_PROFILE, SEGMENT_BYTES_MOST);
    jpeg_read_header(jpeg, TRUE);
}

static void
look(struct jpeg_decompress_struct *jpeg, struct slice file, struct picture_look *ret_look)
{
    begin_reading(jpeg, file);
    *ret_look = (struct picture_look){
        .width = jpeg->image_width, .height = jpeg->image_height, .orientation = 1};
    for (jpeg_saved_marker_ptr marker = jpeg->marker_list; marker; marker = marker->next)
        if (marker->marker == MARKER_EXIF && marker->data_length > sizeof exif_mark &&
            memcmp(marker->data, exif_mark, sizeof exif_mark) == 0) {
            picture_exif_read((struct slice){(const char *)marker->data + sizeof exif_mark,
                                             marker->data_length - sizeof exif_mark},
                              ret_look);
            return;
        }
}

enum picture_trouble
picture_jpeg_look(struct slice file, struct picture_look *ret_look)
{
    struct jpeg_decompress_struct jpeg = {0};
    struct codec codec;

    codec_begin(&codec, (struct jpeg_common_struct *)&jpeg);
    if (setjmp(codec.leave) == 0)
        look(&jpeg, file, ret_look);
    jpeg_destroy_decompress(&jpeg);
    return codec.trouble;
}

/* Adobe's programs write CMYK upside down: 255 is no ink. */
static void
row_from_cmyk(const unsigned char *cmyk, unsigned width, bool upside_down, unsigned char *rgb)
{
    unsigned char flip = upside_down ? 0 : 0xFF;

    for (unsigned x = 0; x < width; x++, cmyk += 4)
        for (int c = 0; c < 3; c++)
            *rgb++ = (unsigned char)(((cmyk[c] ^ flip) * (cmyk[3] ^ flip) + 127) / 255);
}

/* libjpeg makes an eighth, a quarter or half of a picture at a fraction of the cost. */
static unsigned
choose_denominator(const struct jpeg_decompress_struct *jpeg, unsigned width, unsigned height)
{
    unsigned denominator = 8;

    while (denominator > 1 &&
           (jpeg->image_width / denominator < width || jpeg->image_height / denominator < height))
        denominator /= 2;
    return denominator;
}

static void
keep_profile(struct jpeg_decompress_struct *jpeg, struct buffer *profile)
{
    JOCTET *bytes = NULL;
    unsigned length = 0;

    if (jpeg->num_components == 3 && jpeg_read_icc_profile(jpeg, &bytes, &length))
        buffer_add(profile, (const char *)bytes, length);
    free(bytes);
}

static void
read_pixels(struct jpeg_decompress_struct *jpeg, struct slice file, unsigned width, unsigned height,
            struct pixels *pixels, struct buffer *profile)
{
    JSAMPARRAY four = NULL;

    begin_reading(jpeg, file);
    keep_profile(jpeg, profile);
    jpeg->scale_num = 1;
    jpeg->scale_denom = choose_denominator(jpeg, width, height);
    jpeg->out_color_space = jpeg->num_components == 4 ? JCS_CMYK : JCS_RGB;
    jpeg->dct_method = JDCT_ISLOW;
    jpeg_start_decompress(jpeg);
    pixels_new(pixels, jpeg->output_width, jpeg->output_height);
    if (jpeg->out_color_space == JCS_CMYK)
        four = jpeg->mem->alloc_sarray((j_common_ptr)jpeg, JPOOL_IMAGE, jpeg->output_width * 4, 1);
    while (jpeg->output_scanline < jpeg->output_height) {
        JSAMPROW row = pixels->rgb + (size_t)jpeg->output_scanline * pixels->width * 3;

        jpeg_read_scanlines(jpeg, four ? four : &row, 1);
        if (four)
            row_from_cmyk(four[0], pixels->width, jpeg->saw_Adobe_marker, row);
    }
    jpeg_finish_decompress(jpeg);
}

enum picture_trouble
picture_jpeg_read(struct slice file, unsigned width, unsigned height, struct pixels *ret_pixels,
                  struct buffer *profile)
{
    struct jpeg_decompress_struct jpeg = {0};
    struct codec codec;

    *ret_pixels = (struct pixels){0};
    profile->length = 0;
    codec_begin(&codec, (struct jpeg_common_struct *)&jpeg);
    if (setjmp(codec.leave) == 0)
        read_pixels(&jpeg, file, width, height, ret_pixels, profile);
    jpeg_destroy_decompress(&jpeg);
    if (codec.trouble != PICTURE_FINE)
        pixels_free(ret_pixels);
    return codec.trouble;
}

static void
write_pixels(struct jpeg_compress_struct *jpeg, const struct pixels *pixels, int quality,
             unsigned char **file, unsigned long *length)
{
    jpeg_create_compress(jpeg);
    jpeg_mem_dest(jpeg, file, length);
    jpeg->image_width = pixels->width;
    jpeg->image_height = pixels->height;
    jpeg->input_components = 3;
    jpeg->in_color_space = JCS_RGB;
    jpeg_set_defaults(jpeg);
    jpeg_set_quality(jpeg, quality, TRUE);
    jpeg->optimize_coding = TRUE;
    jpeg->dct_method = JDCT_ISLOW;
    jpeg_start_compress(jpeg, TRUE);
    while (jpeg->next_scanline < jpeg->image_height) {
        JSAMPROW row = pixels->rgb + (size_t)jpeg->next_scanline * pixels->width * 3;

        jpeg_write_scanlines(jpeg, &row, 1);
    }
    jpeg_finish_compress(jpeg);
}

enum picture_trouble
picture_jpeg_write(const struct pixels *pixels, int quality, struct buffer *bytes)
{
    struct jpeg_compress_struct jpeg = {0};
    struct codec codec;
    unsigned char *file = NULL;
    unsigned long length = 0;

    codec_begin(&codec, (struct jpeg_common_struct *)&jpeg);
    if (setjmp(codec.leave) == 0)
        write_pixels(&jpeg, pixels, quality, &file, &length);
    jpeg_destroy_compress(&jpeg);
    if (codec.trouble == PICTURE_FINE)
        buffer_add(bytes, (const char *)file, length);
    free(file);
    return codec.trouble;
}
