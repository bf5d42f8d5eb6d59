#include "photos/picture_wire.h"

#include "picture_sample.h"
#include "unit.h"

#include <stdlib.h>

static const struct picture_rules usual = {.format = PICTURE_PNG,
                                           .several = PICTURE_NEWEST,
                                           .width = 300,
                                           .height = 400,
                                           .max_bytes = 200000};

static void
what_is_written_is_read_again(void **state)
{
    const struct slice values[] = {{"one", 3}, {"", 0}, {"three", 5}};
    unsigned char bytes[PICTURE_RULES_BYTES];
    struct buffer request = BUFFER_INIT;
    struct picture_rules rules;
    size_t lengths[PICTURE_SOURCES_MOST], count;

    (void)state;
    picture_rules_encode(&usual, bytes);
    assert_true(picture_rules_decode(bytes, &rules));
    assert_int_equal(rules.format, PICTURE_PNG);
    assert_int_equal(rules.several, PICTURE_NEWEST);
    assert_int_equal(rules.width, 300);
    assert_int_equal(rules.height, 400);
    assert_int_equal(rules.max_bytes, 200000);
    picture_request_encode(values, 3, &request);
    assert_int_equal(request.length, PICTURE_REQUEST_HEAD_BYTES + 8);
    assert_memory_equal(request.data + PICTURE_REQUEST_HEAD_BYTES, "onethree", 8);
    assert_true(picture_request_decode((unsigned char *)request.data, &count, lengths));
    assert_int_equal(count, 3);
    assert_int_equal(lengths[0], 3);
    assert_int_equal(lengths[1], 0);
    assert_int_equal(lengths[2], 5);
    request.data[3] = 17;
    assert_false(picture_request_decode((unsigned char *)request.data, &count, lengths));
    request.data[3] = 2;
    assert_false(picture_request_decode((unsigned char *)request.data, &count, lengths));
    buffer_free(&request);
}

static void
an_answer_keeps_to_the_rules_or_is_none(void **state)
{
    static const struct {
        struct picture_answer answer;
        bool sound;
    } cases[] = {
        {{PICTURE_FINE, 300, 400, 200000}, true}, {{PICTURE_FINE, 1, 1, 1}, true},
        {{PICTURE_FINE, 301, 400, 9}, false},     {{PICTURE_FINE, 300, 401, 9}, false},
        {{PICTURE_FINE, 0, 400, 9}, false},       {{PICTURE_FINE, 300, 0, 9}, false},
        {{PICTURE_FINE, 300, 400, 0}, false},     {{PICTURE_FINE, 300, 400, 200001}, false},
        {{PICTURE_DAMAGED, 0, 0, 0}, true},       {{PICTURE_DAMAGED, 0, 0, 1}, false},
        {{PICTURE_TOO_SLOW, 0, 0, 0}, false},     {{PICTURE_TROUBLE_COUNT, 0, 0, 0}, false},
    };
    unsigned char bytes[PICTURE_ANSWER_HEAD_BYTES];
    struct picture_answer answer;

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        picture_answer_encode(&cases[i].answer, bytes);
        assert_int_equal(picture_answer_decode(bytes, &usual, &answer), cases[i].sound);
        if (cases[i].sound)
            assert_memory_equal(&answer, &cases[i].answer, sizeof answer);
    }
}

static bool
is_bare(const struct buffer *file, enum picture_format format)
{
    return picture_is_bare((struct slice){file->data, file->length}, format, 40, 30);
}

/* Puts `bytes` behind the first `at` of the file, then looks, then takes them away. */
static void
refuse_with(struct buffer *file, enum picture_format format, size_t at, const char *bytes,
            size_t length)
{
    struct buffer changed = BUFFER_INIT;

    buffer_add(&changed, file->data, at);
    buffer_add(&changed, bytes, length);
    buffer_add(&changed, file->data + at, file->length - at);
    assert_false(is_bare(&changed, format));
    buffer_free(&changed);
}

static void
a_jpeg_is_bare_or_refused(void **state)
{
    struct buffer file = BUFFER_INIT;
    struct sample sample = {.kind = SAMPLE_JPEG, .width = 40, .height = 30};
    char *header;

    (void)state;
    sample_write(&sample, &file);
    assert_true(is_bare(&file, PICTURE_JPEG));
    assert_false(is_bare(&file, PICTURE_PNG));
    assert_false(picture_is_bare((struct slice){file.data, file.length}, PICTURE_JPEG, 30, 40));
    for (size_t length = 0; length < file.length; length++)
        assert_false(picture_is_bare((struct slice){file.data, length}, PICTURE_JPEG, 40, 30));
    refuse_with(&file, PICTURE_JPEG, file.length, "x", 1);
    refuse_with(&file, PICTURE_JPEG, 0, "x", 1);
    refuse_with(&file, PICTURE_JPEG, 2, "\xFF\xFE\0\6evil", 8);
    refuse_with(&file, PICTURE_JPEG, 2, "\xFF\xE1\0\6Exif", 8);
    refuse_with(&file, PICTURE_JPEG, 2, "\xFF\xE2\0\6ICC_", 8);
    refuse_with(&file, PICTURE_JPEG, file.length - 2, "\xFF\xFE\0\6evil", 8);
    refuse_with(&file, PICTURE_JPEG, file.length - 2, "\xFF\xDA\0\6evil", 8);
    header = memmem(file.data, file.length, "JFIF", 4);
    assert_non_null(header);
    header[12] = header[13] = 1; /* a thumbnail */
    assert_false(is_bare(&file, PICTURE_JPEG));
    sample.remark = "remark";
    sample_write(&sample, &file);
    assert_false(is_bare(&file, PICTURE_JPEG));
    sample_write(&(struct sample){.kind = SAMPLE_JPEG_PROGRESSIVE, .width = 40, .height = 30},
                 &file);
    assert_false(is_bare(&file, PICTURE_JPEG));
    buffer_free(&file);
}

static void
a_png_is_bare_or_refused(void **state)
{
    struct buffer file = BUFFER_INIT;
    struct sample sample = {.kind = SAMPLE_PNG, .width = 40, .height = 30};
    size_t after_header = 8 + 25;

    (void)state;
    sample_write(&sample, &file);
    assert_true(is_bare(&file, PICTURE_PNG));
    assert_false(is_bare(&file, PICTURE_JPEG));
    assert_false(picture_is_bare((struct slice){file.data, file.length}, PICTURE_PNG, 30, 40));
    for (size_t length = 0; length < file.length; length++)
        assert_false(picture_is_bare((struct slice){file.data, length}, PICTURE_PNG, 40, 30));
    refuse_with(&file, PICTURE_PNG, file.length, "x", 1);
    refuse_with(&file, PICTURE_PNG, after_header, "\0\0\0\4tEXtevil....", 16);
    refuse_with(&file, PICTURE_PNG, after_header, file.data + 8, 25);
    refuse_with(&file, PICTURE_PNG, file.length - 12, "\0\0\0\4tEXtevil....", 16);
    sample.remark = "remark";
    sample_write(&sample, &file);
    assert_false(is_bare(&file, PICTURE_PNG));
    buffer_free(&file);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_read_again),
        cmocka_unit_test(an_answer_keeps_to_the_rules_or_is_none),
        cmocka_unit_test(a_jpeg_is_bare_or_refused),
        cmocka_unit_test(a_png_is_bare_or_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
