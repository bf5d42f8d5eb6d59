#include "photos/picture_make.h"

#include "photos/picture_color.h"
#include "photos/picture_image.h"

enum { QUALITY_FIRST = 88, QUALITY_LAST = 48, QUALITY_STEP = 4, SIDE_LEAST = 16 };

struct candidate {
    struct slice file;
    bool is_png;
    enum picture_trouble trouble;
    struct picture_look look;
    uint64_t ranks[2];
};

/* By what files begin with; WebP and HEIC are told by what stands behind a length. */
static const struct {
    unsigned at;
    const char *mark;
    unsigned length;
    enum picture_trouble trouble;
} kinds[] = {
    {0, "\xFF\xD8\xFF", 3, PICTURE_FINE},    {0, "\x89PNG\r\n\x1A\n", 8, PICTURE_FINE},
    {0, "GIF8", 4, PICTURE_IS_GIF},          {0, "BM", 2, PICTURE_IS_BMP},
    {8, "WEBP", 4, PICTURE_IS_WEBP},         {4, "ftyp", 4, PICTURE_IS_HEIC},
    {0, "II*", 4, PICTURE_IS_TIFF},          {0, "MM\0*", 4, PICTURE_IS_TIFF},
    {0, "%PDF", 4, PICTURE_IS_PDF},          {0, "<", 1, PICTURE_IS_SVG},
    {0, "\xEF\xBB\xBF<", 4, PICTURE_IS_SVG}, {0, "PK\3\4", 4, PICTURE_IS_ZIP},
};

static enum picture_trouble
recognize(struct slice file)
{
    if (file.length == 0)
        return PICTURE_EMPTY;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (file.length >= kinds[i].at + kinds[i].length &&
            memcmp(file.data + kinds[i].at, kinds[i].mark, kinds[i].length) == 0)
            return kinds[i].trouble;
    return PICTURE_IS_UNKNOWN;
}

static void
look_at(struct candidate *candidate, enum picture_several several)
{
    struct picture_look *look = &candidate->look;
    uint64_t pixels;

    candidate->trouble = recognize(candidate->file);
    if (candidate->trouble != PICTURE_FINE)
        return;
    candidate->is_png = candidate->file.data[0] != '\xFF';
    candidate->trouble = candidate->is_png ? picture_png_look(candidate->file, look)
                                           : picture_jpeg_look(candidate->file, look);
    if (candidate->trouble != PICTURE_FINE)
        return;
    pixels = (uint64_t)look->width * look->height;
    if (look->width > PICTURE_SIDE_MOST || look->height > PICTURE_SIDE_MOST ||
        pixels > PICTURE_PIXELS_MOST)
        candidate->trouble = PICTURE_TOO_WIDE;
    candidate->ranks[several == PICTURE_NEWEST] = pixels;
    candidate->ranks[several == PICTURE_LARGEST] = look->taken;
}

/* Those without trouble first; never by the order in which they came. */
static int
compare(const void *left, const void *right)
{
    const struct candidate *a = left, *b = right;

    if ((a->trouble == PICTURE_FINE) != (b->trouble == PICTURE_FINE))
        return a->trouble == PICTURE_FINE ? -1 : 1;
    for (int i = 0; i < 2; i++)
        if (a->ranks[i] != b->ranks[i])
            return a->ranks[i] > b->ranks[i] ? -1 : 1;
    return slice_compare(a->file, b->file);
}

static enum picture_trouble
write_once(const struct picture_rules *rules, const struct pixels *pixels, int quality,
           struct buffer *bytes)
{
    bytes->length = 0;
    return rules->format == PICTURE_PNG ? picture_png_write(pixels, bytes)
                                        : picture_jpeg_write(pixels, quality, bytes);
}

/* First with less quality, then with fewer pixels, until it is small enough. */
static enum picture_trouble
write_small(const struct picture_rules *rules, struct pixels *pixels, struct buffer *bytes)
{
    int last = rules->format == PICTURE_PNG ? QUALITY_FIRST : QUALITY_LAST;

    for (;;) {
        struct pixels smaller;

        for (int quality = QUALITY_FIRST; quality >= last; quality -= QUALITY_STEP) {
            enum picture_trouble trouble = write_once(rules, pixels, quality, bytes);

            if (trouble != PICTURE_FINE || bytes->length <= rules->max_bytes)
                return trouble;
        }
        if (pixels->width < SIDE_LEAST || pixels->height < SIDE_LEAST)
            return PICTURE_STAYS_LARGE;
        picture_scale(pixels, pixels->width * 7 / 8, pixels->height * 7 / 8, &smaller);
        pixels_free(pixels);
        *pixels = smaller;
    }
}

static void
replace(struct pixels *pixels, struct pixels *by)
{
    pixels_free(pixels);
    *pixels = *by;
}

static enum picture_trouble
render(const struct picture_rules *rules, const struct candidate *candidate,
       struct pixels *ret_pixels)
{
    const struct picture_look *look = &candidate->look;
    bool crossed = look->orientation >= 5;
    unsigned width = crossed ? rules->height : rules->width;
    unsigned height = crossed ? rules->width : rules->height;
    struct buffer profile = BUFFER_INIT;
    enum picture_trouble trouble;
    struct pixels next;

    picture_fit(look->width, look->height, &width, &height);
    if (candidate->is_png)
        trouble = picture_png_read(candidate->file, look, ret_pixels);
    else
        trouble = picture_jpeg_read(candidate->file, width, height, ret_pixels, &profile);
    if (trouble != PICTURE_FINE)
        goto done;
    if (ret_pixels->width != width || ret_pixels->height != height) {
        picture_scale(ret_pixels, width, height, &next);
        replace(ret_pixels, &next);
    }
    picture_color_to_srgb(ret_pixels, (struct slice){profile.data, profile.length});
    if (look->orientation != 1) {
        picture_turn(ret_pixels, look->orientation, &next);
        replace(ret_pixels, &next);
    }
done:
    buffer_free(&profile);
    return trouble;
}

static void
make_one(const struct picture_rules *rules, const struct candidate *candidate,
         struct picture_answer *ret_answer, struct buffer *bytes)
{
    struct pixels pixels = {0};

    *ret_answer = (struct picture_answer){.trouble = candidate->trouble};
    if (ret_answer->trouble == PICTURE_FINE)
        ret_answer->trouble = render(rules, candidate, &pixels);
    if (ret_answer->trouble == PICTURE_FINE)
        ret_answer->trouble = write_small(rules, &pixels, bytes);
    if (ret_answer->trouble == PICTURE_FINE) {
        ret_answer->width = pixels.width;
        ret_answer->height = pixels.height;
        ret_answer->length = bytes->length;
    }
    pixels_free(&pixels);
}

void
picture_make(const struct picture_rules *rules, const struct slice *values, size_t count,
             struct picture_answer *ret_answer, struct buffer *bytes)
{
    struct candidate candidates[PICTURE_SOURCES_MOST] = {0};
    enum picture_trouble first = PICTURE_EMPTY;

    for (size_t i = 0; i < count; i++) {
        candidates[i].file = values[i];
        look_at(&candidates[i], rules->several);
    }
    qsort(candidates, count, sizeof *candidates, compare);
    *ret_answer = (struct picture_answer){.trouble = PICTURE_EMPTY};
    for (size_t i = 0; i < count; i++) {
        make_one(rules, &candidates[i], ret_answer, bytes);
        if (ret_answer->trouble == PICTURE_FINE)
            return;
        if (i == 0)
            first = ret_answer->trouble;
    }
    bytes->length = 0;
    ret_answer->trouble = first;
}
