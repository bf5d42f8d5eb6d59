#include "photos/picture_color.h"
#include "photos/picture_image.h"
#include "photos/picture_make.h"

#include "picture_sample.h"
#include "unit.h"

#include <string.h>

/* A ZIP and a script, as somebody would put them into a picture to have them served. */
static const char payload[] = "<?php system('id'); ?> PK\3\4 GPS 47.0707N";

static const struct picture_rules usual = {
    .format = PICTURE_JPEG, .width = 300, .height = 400, .max_bytes = 200000};

struct made {
    struct picture_answer answer;
    struct buffer file;
};

static struct slice
whole(const struct buffer *buffer)
{
    return (struct slice){buffer->data, buffer->length};
}

static void
make(const struct picture_rules *rules, const struct slice *values, size_t count, struct made *made)
{
    made->file.length = 0;
    picture_make(rules, values, count, &made->answer, &made->file);
    assert_int_equal(made->answer.length, made->file.length);
    if (made->answer.trouble == PICTURE_FINE) {
        assert_true(picture_is_bare(whole(&made->file), rules->format, made->answer.width,
                                    made->answer.height));
        assert_in_range(made->file.length, 1, rules->max_bytes);
    } else {
        assert_int_equal(made->file.length, 0);
    }
}

static void
make_bytes(struct slice bytes, struct made *made)
{
    make(&usual, &bytes, 1, made);
}

static void
make_sample(const struct sample *sample, const struct picture_rules *rules, struct made *made)
{
    struct buffer source = BUFFER_INIT;
    struct slice value;

    sample_write(sample, &source);
    value = whole(&source);
    make(rules, &value, 1, made);
    buffer_free(&source);
}

static void
every_kind_of_jpeg_and_png_is_taken(void **state)
{
    struct made made = {.file = BUFFER_INIT};
    char fields[5];

    (void)state;
    for (enum sample_kind kind = 0; kind < SAMPLE_KIND_COUNT; kind++) {
        bool gray = kind == SAMPLE_JPEG_GRAY || kind == SAMPLE_PNG_GRAY;

        for (enum picture_format format = PICTURE_JPEG; format <= PICTURE_PNG; format++) {
            struct picture_rules rules = usual;

            rules.format = format;
            make_sample(&(struct sample){.kind = kind, .width = 160, .height = 120}, &rules, &made);
            if (kind == SAMPLE_JPEG_SCANS) {
                assert_int_equal(made.answer.trouble, PICTURE_TOO_MANY_SCANS);
                continue;
            }
            assert_int_equal(made.answer.trouble, PICTURE_FINE);
            assert_int_equal(made.answer.width, 160);
            assert_int_equal(made.answer.height, 120);
            sample_fields(whole(&made.file), fields);
            if (gray)
                assert_string_equal(fields + 3, "w");
            else
                assert_string_equal(fields, "rgbw");
        }
    }
    buffer_free(&made.file);
}

static void
what_is_up_is_up_whatever_exif_says(void **state)
{
    static const char *const seen[] = {NULL,   "rgbw", "grwb", "wbgr", "bwrg",
                                       "rbgw", "brwg", "wgbr", "gwrb"};
    static const enum sample_kind kinds[] = {SAMPLE_JPEG, SAMPLE_PNG};
    struct made made = {.file = BUFFER_INIT};
    char fields[5];

    (void)state;
    for (size_t k = 0; k < 2; k++)
        for (unsigned orientation = 1; orientation <= 8; orientation++) {
            make_sample(
                &(struct sample){
                    .kind = kinds[k], .width = 600, .height = 200, .orientation = orientation},
                &usual, &made);
            assert_int_equal(made.answer.trouble, PICTURE_FINE);
            assert_int_equal(made.answer.width, orientation < 5 ? 300 : 133);
            assert_int_equal(made.answer.height, orientation < 5 ? 100 : 400);
            sample_fields(whole(&made.file), fields);
            assert_string_equal(fields, seen[orientation]);
        }
    buffer_free(&made.file);
}

static void
colors_are_those_that_the_profile_means(void **state)
{
    struct sample sample = {.kind = SAMPLE_JPEG, .width = 160, .height = 120, .display_p3 = true};
    struct made made = {.file = BUFFER_INIT};
    char fields[5];

    (void)state;
    make_sample(&sample, &usual, &made);
    assert_int_equal(made.answer.trouble, PICTURE_FINE);
    sample_fields(whole(&made.file), fields);
    assert_string_equal(fields, "rgbw");
    sample.without_profile = true;
    make_sample(&sample, &usual, &made);
    sample_fields(whole(&made.file), fields);
    assert_string_equal(fields, "??bw");
    assert_true(picture_color_try());
    buffer_free(&made.file);
}

static void
each_pixel_goes_where_exif_says(void **state)
{
    /* Of "AB/CD/EF", by Exif's orientations. */
    static const char *const turned[] = {NULL,     "ABCDEF", "BADCFE", "FEDCBA", "EFCDAB",
                                         "ACEBDF", "ECAFDB", "FDBECA", "BDFACE"};
    struct pixels from, to;

    (void)state;
    pixels_new(&from, 2, 3);
    for (size_t i = 0; i < 18; i++)
        from.rgb[i] = (unsigned char)("ABCDEF"[i / 3] + (i % 3) * 32);
    for (unsigned orientation = 1; orientation <= 8; orientation++) {
        picture_turn(&from, orientation, &to);
        assert_int_equal(to.width, orientation < 5 ? 2 : 3);
        assert_int_equal(to.height, orientation < 5 ? 3 : 2);
        for (size_t i = 0; i < 18; i++)
            assert_int_equal(to.rgb[i], turned[orientation][i / 3] + (i % 3) * 32);
        pixels_free(&to);
    }
    pixels_free(&from);
}

/* Each new pixel against the sum over what it covers. */
static void
a_pixel_is_the_mean_of_what_it_covers(void **state)
{
    static const unsigned sizes[][4] = {
        {7, 5, 3, 2}, {16, 9, 16, 9}, {10, 10, 1, 1}, {31, 4, 30, 3}, {640, 3, 300, 1}};

    (void)state;
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        unsigned w = sizes[s][0], h = sizes[s][1], W = sizes[s][2], H = sizes[s][3];
        struct pixels from, to;

        pixels_new(&from, w, h);
        for (size_t i = 0; i < (size_t)w * h * 3; i++)
            from.rgb[i] = (unsigned char)(i * 37 + i / 11);
        picture_scale(&from, W, H, &to);
        for (unsigned y = 0; y < H; y++)
            for (unsigned x = 0; x < W; x++) {
                double sum = 0;

                for (unsigned j = 0; j < h * H; j++)
                    for (unsigned i = 0; i < w * W && j / h == y; i++)
                        if (i / w == x)
                            sum += from.rgb[((size_t)(j / H) * w + i / W) * 3 + 1];
                assert_float_equal(to.rgb[((size_t)y * W + x) * 3 + 1], sum / ((double)w * h),
                                   0.5001);
            }
        pixels_free(&from);
        pixels_free(&to);
    }
}

static void
a_picture_keeps_its_shape_and_is_never_enlarged(void **state)
{
    static const unsigned cases[][4] = {
        {300, 400, 300, 400},   {299, 10, 299, 10},     {600, 800, 300, 400},
        {3000, 4000, 300, 400}, {4000, 3000, 300, 225}, {301, 400, 300, 399},
        {20000, 1, 300, 1},     {1, 20000, 1, 400},     {400, 400, 300, 300}};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        unsigned width = 300, height = 400;

        picture_fit(cases[i][0], cases[i][1], &width, &height);
        assert_int_equal(width, cases[i][2]);
        assert_int_equal(height, cases[i][3]);
    }
}

static void
no_size_is_too_odd(void **state)
{
    static const unsigned sizes[][2] = {{1, 1},   {1, 900},   {900, 1},
                                        {17, 23}, {301, 401}, {2999, 7}};
    struct made made = {.file = BUFFER_INIT};

    (void)state;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        for (enum sample_kind kind = 0; kind < SAMPLE_KIND_COUNT; kind++) {
            if (kind == SAMPLE_JPEG_SCANS)
                continue;
            make_sample(&(struct sample){.kind = kind, .width = sizes[i][0], .height = sizes[i][1]},
                        &usual, &made);
            assert_int_equal(made.answer.trouble, PICTURE_FINE);
        }
    buffer_free(&made.file);
}

static void
what_is_no_jpeg_or_png_is_told_by_name(void **state)
{
    static const struct {
        struct slice bytes;
        enum picture_trouble trouble;
    } cases[] = {
        {{"", 0}, PICTURE_EMPTY},
        {{"GIF89a....", 10}, PICTURE_IS_GIF},
        {{"BM\0\0\0\0", 6}, PICTURE_IS_BMP},
        {{"RIFF\1\2\3\4WEBPVP8 ", 16}, PICTURE_IS_WEBP},
        {{"\0\0\0\x18"
          "ftypheic",
          12},
         PICTURE_IS_HEIC},
        {{"\0\0\0\x20"
          "ftypavif",
          12},
         PICTURE_IS_HEIC},
        {{"II*\0\10\0\0\0", 8}, PICTURE_IS_TIFF},
        {{"MM\0*\0\0\0\10", 8}, PICTURE_IS_TIFF},
        {{"%PDF-1.7", 8}, PICTURE_IS_PDF},
        {{"<svg xmlns=", 11}, PICTURE_IS_SVG},
        {{"\xEF\xBB\xBF<?xml version=", 17}, PICTURE_IS_SVG},
        {{"PK\3\4....", 8}, PICTURE_IS_ZIP},
        {{"hello", 5}, PICTURE_IS_UNKNOWN},
        {{"\xFF", 1}, PICTURE_IS_UNKNOWN},
        {{"\xFF\xD8\xFF", 3}, PICTURE_ENDS_EARLY},
        {{"\x89PNG\r\n\x1A\n", 8}, PICTURE_ENDS_EARLY},
    };
    struct made made = {.file = BUFFER_INIT};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        make_bytes(cases[i].bytes, &made);
        assert_int_equal(made.answer.trouble, cases[i].trouble);
    }
    for (enum picture_trouble trouble = PICTURE_EMPTY; trouble < PICTURE_TROUBLE_COUNT; trouble++)
        assert_non_null(picture_trouble_text(trouble));
    buffer_free(&made.file);
}

static void
what_ends_early_is_refused_wherever_it_ends(void **state)
{
    struct made made = {.file = BUFFER_INIT};
    struct buffer source = BUFFER_INIT;

    (void)state;
    for (enum sample_kind kind = 0; kind < SAMPLE_KIND_COUNT; kind++) {
        size_t step;

        sample_write(&(struct sample){.kind = kind, .width = 60, .height = 50}, &source);
        step = source.length / 40 + 1;
        for (size_t length = 0; length < source.length; length += step) {
            make_bytes((struct slice){source.data, length}, &made);
            assert_int_not_equal(made.answer.trouble, PICTURE_FINE);
        }
        make_bytes((struct slice){source.data, source.length - 2}, &made);
        assert_int_not_equal(made.answer.trouble, PICTURE_FINE);
    }
    buffer_free(&made.file);
    buffer_free(&source);
}

/* Small files that say that they are huge pictures. */
static void
huge_pictures_are_refused_by_their_header(void **state)
{
    struct made made = {.file = BUFFER_INIT};
    struct buffer source = BUFFER_INIT;
    char *frame;

    (void)state;
    sample_write(&(struct sample){.kind = SAMPLE_JPEG, .width = 60, .height = 50}, &source);
    frame = memmem(source.data, source.length, "\xFF\xC0", 2);
    assert_non_null(frame);
    memcpy(frame + 5, "\xFF\xDC\xFF\xDC", 4); /* 65500 × 65500 */
    make_bytes(whole(&source), &made);
    assert_int_equal(made.answer.trouble, PICTURE_TOO_WIDE);
    memcpy(frame + 5, "\x00\x01\x4E\x21", 4); /* 20001 × 1 */
    make_bytes(whole(&source), &made);
    assert_int_equal(made.answer.trouble, PICTURE_TOO_WIDE);
    memcpy(frame + 5, "\x1B\x9F\x1B\xA0", 4); /* 7071 × 7072, without the bytes for it */
    make_bytes(whole(&source), &made);
    assert_int_equal(made.answer.trouble, PICTURE_TOO_WIDE);
    memcpy(frame + 5, "\x1B\x9F\x1B\x9F", 4); /* 7071 × 7071 */
    make_bytes(whole(&source), &made);
    assert_int_equal(made.answer.trouble, PICTURE_DAMAGED);
    make_sample(&(struct sample){.kind = SAMPLE_PNG, .claimed_side = 30000}, &usual, &made);
    assert_int_equal(made.answer.trouble, PICTURE_TOO_WIDE);
    make_sample(&(struct sample){.kind = SAMPLE_PNG, .claimed_side = 1000}, &usual, &made);
    assert_int_equal(made.answer.trouble, PICTURE_DAMAGED);
    buffer_free(&made.file);
    buffer_free(&source);
}

/* Memory is what is said to be needed, before there is a single byte of the picture. */
static void
heavy_pictures_are_refused(void **state)
{
    struct made made = {.file = BUFFER_INIT};
    struct buffer source = BUFFER_INIT;
    char *frame;

    (void)state;
    sample_write(&(struct sample){.kind = SAMPLE_JPEG_CMYK, .width = 60, .height = 50}, &source);
    frame = memmem(source.data, source.length, "\xFF\xC0", 2);
    assert_non_null(frame);
    frame[1] = '\xC2';                        /* progressive: all coefficients are kept */
    memcpy(frame + 5, "\x1B\x9F\x1B\x9F", 4); /* 7071 × 7071 */
    make_bytes(whole(&source), &made);
    assert_int_equal(made.answer.trouble, PICTURE_TOO_HEAVY);
    buffer_free(&source);
}

/* libpng has not come to a second header when the picture is complete. */
static void
a_png_with_two_sizes_is_damaged(void **state)
{
    static const unsigned char header[] = {0, 0, 0, 13, 'I', 'H', 'D', 'R', 0, 0, 1, 0, 0,
                                           0, 1, 0, 8,  2,   0,   0,   0,   0, 0, 0, 0};
    struct made made = {.file = BUFFER_INIT};
    struct buffer source = BUFFER_INIT, twice = BUFFER_INIT;
    size_t end;

    (void)state;
    sample_write(&(struct sample){.kind = SAMPLE_PNG, .width = 60, .height = 50}, &source);
    end = source.length - 12;
    buffer_add(&twice, source.data, end);
    buffer_add(&twice, (const char *)header, sizeof header);
    buffer_add(&twice, source.data + end, 12);
    make_bytes(whole(&twice), &made);
    assert_int_equal(made.answer.trouble, PICTURE_DAMAGED);
    buffer_free(&source);
    buffer_free(&twice);
}

static void
assert_gone(const struct made *made)
{
    assert_int_equal(made->answer.trouble, PICTURE_FINE);
    assert_null(memmem(made->file.data, made->file.length, payload, 8));
    assert_null(memmem(made->file.data, made->file.length, "GPS", 3));
    assert_null(memmem(made->file.data, made->file.length, "Exif", 4));
    assert_null(memmem(made->file.data, made->file.length, "2024:01:31", 10));
}

static void
nothing_but_the_picture_gets_through(void **state)
{
    static const enum sample_kind kinds[] = {SAMPLE_JPEG, SAMPLE_JPEG_PROGRESSIVE, SAMPLE_PNG};
    struct made made = {.file = BUFFER_INIT};
    struct buffer source = BUFFER_INIT;

    (void)state;
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++)
        for (enum picture_format format = PICTURE_JPEG; format <= PICTURE_PNG; format++) {
            struct picture_rules rules = usual;
            struct slice value;

            rules.format = format;
            sample_write(&(struct sample){.kind = kinds[k],
                                          .width = 300,
                                          .height = 400,
                                          .orientation = 1,
                                          .date = "2024:01:31 23:59:59",
                                          .remark = payload},
                         &source);
            buffer_add(&source, payload, sizeof payload);
            value = whole(&source);
            assert_non_null(memmem(value.data, value.length, "GPS", 3));
            make(&rules, &value, 1, &made);
            assert_gone(&made);
        }
    buffer_free(&made.file);
    buffer_free(&source);
}

static void
a_file_becomes_as_small_as_it_must(void **state)
{
    static const uint64_t bounds[] = {200000, 60000, 20000, 5000};
    struct sample sample = {.kind = SAMPLE_JPEG, .width = 300, .height = 400, .noise = true};
    struct made made = {.file = BUFFER_INIT};
    size_t before = SIZE_MAX;

    (void)state;
    for (enum picture_format format = PICTURE_JPEG; format <= PICTURE_PNG; format++)
        for (size_t i = 0; i < sizeof bounds / sizeof *bounds; i++) {
            struct picture_rules rules = usual;

            rules.format = format;
            rules.max_bytes = bounds[i];
            make_sample(&sample, &rules, &made);
            assert_int_equal(made.answer.trouble, PICTURE_FINE);
            /* It keeps its shape, and is as large as it may be. */
            assert_in_range(made.answer.width * 400, made.answer.height * 285,
                            made.answer.height * 315);
            assert_in_range(made.file.length, bounds[i] / 3, bounds[i]);
            assert_true(i == 0 || made.file.length < before);
            before = made.file.length;
        }
    buffer_free(&made.file);
}

static void
what_cannot_become_small_enough_is_refused(void **state)
{
    struct sample sample = {.kind = SAMPLE_JPEG, .width = 60, .height = 80, .noise = true};
    struct picture_rules rules = usual;
    struct made made = {.file = BUFFER_INIT};

    (void)state;
    rules.max_bytes = 100;
    make_sample(&sample, &rules, &made);
    assert_int_equal(made.answer.trouble, PICTURE_STAYS_LARGE);
    buffer_free(&made.file);
}

static void
the_same_picture_gives_the_same_bytes(void **state)
{
    struct sample sample = {.kind = SAMPLE_JPEG, .width = 700, .height = 900, .noise = true};
    struct made once = {.file = BUFFER_INIT}, again = {.file = BUFFER_INIT};

    (void)state;
    make_sample(&sample, &usual, &once);
    make_sample(&sample, &usual, &again);
    assert_true(slice_equal(whole(&once.file), whole(&again.file)));
    buffer_free(&once.file);
    buffer_free(&again.file);
}

/* Small and new, large and old, large and new, unreadable. */
static const struct sample several[] = {
    {.kind = SAMPLE_JPEG, .width = 80, .height = 80, .date = "2025:06:01 08:00:00"},
    {.kind = SAMPLE_PNG, .width = 200, .height = 90, .date = "2019:06:01 08:00:00"},
    {.kind = SAMPLE_JPEG, .width = 180, .height = 100, .date = "2024:06:01 08:00:00"},
    {.kind = SAMPLE_JPEG_SCANS, .width = 290, .height = 290, .date = "2026:06:01 08:00:00"},
};
enum { SEVERAL = sizeof several / sizeof *several };

static unsigned
choose(enum picture_several rule, const struct slice *values, size_t count)
{
    struct made made = {.file = BUFFER_INIT};
    struct picture_rules rules = usual;
    unsigned width;

    rules.several = rule;
    make(&rules, values, count, &made);
    assert_int_equal(made.answer.trouble, PICTURE_FINE);
    width = made.answer.width;
    buffer_free(&made.file);
    return width;
}

static void
of_several_the_rule_chooses_and_not_their_order(void **state)
{
    struct buffer sources[SEVERAL];
    struct slice values[SEVERAL];

    (void)state;
    for (int i = 0; i < SEVERAL; i++) {
        sources[i] = BUFFER_INIT;
        sample_write(&several[i], &sources[i]);
    }
    for (int turn = 0; turn < SEVERAL * 2; turn++) {
        for (int i = 0; i < SEVERAL; i++)
            values[turn < SEVERAL ? i : SEVERAL - 1 - i] = whole(&sources[(i + turn) % SEVERAL]);
        /* Two have 18,000 pixels: the newer one. The unreadable one counts for nothing. */
        assert_int_equal(choose(PICTURE_LARGEST, values, SEVERAL), 180);
        assert_int_equal(choose(PICTURE_NEWEST, values, SEVERAL), 80);
    }
    for (int i = 0; i < SEVERAL; i++)
        buffer_free(&sources[i]);
}

static void
equal_ranks_are_settled_by_bytes(void **state)
{
    struct buffer a = BUFFER_INIT, b = BUFFER_INIT;
    struct made once = {.file = BUFFER_INIT}, again = {.file = BUFFER_INIT};
    struct slice values[3] = {{"not a picture", 13}};

    (void)state;
    sample_write(&(struct sample){.kind = SAMPLE_JPEG, .width = 90, .height = 90}, &a);
    sample_write(&(struct sample){.kind = SAMPLE_PNG, .width = 90, .height = 90, .noise = true},
                 &b);
    values[1] = whole(&a);
    values[2] = whole(&b);
    make(&usual, values, 3, &once);
    values[1] = whole(&b);
    values[2] = whole(&a);
    make(&usual, values, 3, &again);
    assert_int_equal(once.answer.trouble, PICTURE_FINE);
    assert_true(slice_equal(whole(&once.file), whole(&again.file)));
    values[1] = values[2] = (struct slice){"GIF89a", 6};
    make(&usual, values, 3, &once);
    assert_int_equal(once.answer.trouble, PICTURE_IS_GIF);
    buffer_free(&a);
    buffer_free(&b);
    buffer_free(&once.file);
    buffer_free(&again.file);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_of_jpeg_and_png_is_taken),
        cmocka_unit_test(what_is_up_is_up_whatever_exif_says),
        cmocka_unit_test(colors_are_those_that_the_profile_means),
        cmocka_unit_test(each_pixel_goes_where_exif_says),
        cmocka_unit_test(a_pixel_is_the_mean_of_what_it_covers),
        cmocka_unit_test(a_picture_keeps_its_shape_and_is_never_enlarged),
        cmocka_unit_test(no_size_is_too_odd),
        cmocka_unit_test(what_is_no_jpeg_or_png_is_told_by_name),
        cmocka_unit_test(what_ends_early_is_refused_wherever_it_ends),
        cmocka_unit_test(huge_pictures_are_refused_by_their_header),
        cmocka_unit_test(heavy_pictures_are_refused),
        cmocka_unit_test(a_png_with_two_sizes_is_damaged),
        cmocka_unit_test(nothing_but_the_picture_gets_through),
        cmocka_unit_test(a_file_becomes_as_small_as_it_must),
        cmocka_unit_test(what_cannot_become_small_enough_is_refused),
        cmocka_unit_test(the_same_picture_gives_the_same_bytes),
        cmocka_unit_test(of_several_the_rule_chooses_and_not_their_order),
        cmocka_unit_test(equal_ranks_are_settled_by_bytes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
