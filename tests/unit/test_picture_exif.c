#include "photos/picture_exif.h"

#include "base/arena.h"

#include "unit.h"

#include <stdlib.h>
#include <string.h>

/* A list at 8 with the one field, of a file with nothing behind it. */
static struct picture_look
read_field(const unsigned char *field, size_t length)
{
    static const unsigned char head[] = {'M', 'M', 0, 42, 0, 0, 0, 8, 0, 1};
    struct picture_look look = {.orientation = 1};
    char *bytes = memory_alloc(sizeof head + length);

    memcpy(bytes, head, sizeof head);
    memcpy(bytes + sizeof head, field, length);
    picture_exif_read((struct slice){bytes, sizeof head + length}, &look);
    free(bytes);
    return look;
}

static void
exif_that_cannot_be_says_nothing(void **state)
{
    static const struct {
        unsigned char field[12];
        unsigned orientation;
    } fields[] = {
        {{0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0}, 6},
        {{0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, 0, 0, 0}, 1},
        {{0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, 9, 0, 0}, 1},
        {{0x01, 0x12, 0, 3, 0, 0, 0, 1, 0xFF, 0xFF, 0, 0}, 1},
        {{0x01, 0x12, 0, 4, 0, 0, 0, 1, 0, 0, 0, 6}, 1},
        {{0x01, 0x32, 0, 2, 0, 0, 0, 20, 0, 0, 0, 8}, 1},
        {{0x01, 0x32, 0, 2, 0, 0, 0, 20, 0xFF, 0xFF, 0xFF, 0xFF}, 1},
        {{0x87, 0x69, 0, 4, 0, 0, 0, 1, 0, 0, 0, 8}, 1},
        {{0x87, 0x69, 0, 4, 0, 0, 0, 1, 0xFF, 0xFF, 0xFF, 0xFF}, 1},
    };

    (void)state;
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        for (size_t length = 0; length <= 12; length++) {
            struct picture_look look = read_field(fields[i].field, length);

            assert_int_equal(look.orientation, length < 10 ? 1 : fields[i].orientation);
            assert_int_equal(look.taken, 0);
        }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exif_that_cannot_be_says_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
