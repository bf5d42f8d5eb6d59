#include "unit.h"

#include "base/arena.h"
#include "base/buffer.h"

#include <stdint.h>
#include <string.h>

static void
pieces_do_not_overlap(void **state)
{
    struct arena *arena = arena_new();
    unsigned char *pieces[500];

    (void)state;
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < 500; i++) {
            pieces[i] = arena_alloc(arena, (size_t)i * 3 + 1);
            assert_int_equal((uintptr_t)pieces[i] % _Alignof(max_align_t), 0);
            for (int j = 0; j < i * 3 + 1; j++)
                assert_int_equal(pieces[i][j], 0);
            memset(pieces[i], i & 0xff, (size_t)i * 3 + 1);
        }
        for (int i = 0; i < 500; i++)
            for (int j = 0; j < i * 3 + 1; j++)
                assert_int_equal(pieces[i][j], i & 0xff);
        arena_reset(arena);
    }
    arena_free(arena);
}

static void
trimming_gives_back_only_the_newest_piece(void **state)
{
    struct arena *arena = arena_new();
    char *first = arena_bytes(arena, 100);
    char *second;
    char *third;

    (void)state;
    arena_trim(arena, first, 100, 8);
    second = arena_bytes(arena, 8);
    assert_ptr_equal(second, first + 8);
    arena_trim(arena, first, 100, 0);
    third = arena_bytes(arena, 8);
    assert_ptr_equal(third, second + 8);
    arena_free(arena);
}

static void
pieces_larger_than_a_block_work(void **state)
{
    struct arena *arena = arena_new();
    char *large = arena_bytes(arena, 10 * 1024 * 1024);

    (void)state;
    memset(large, 'x', 10 * 1024 * 1024);
    assert_string_equal(arena_format(arena, "%s-%d", "after", 7), "after-7");
    assert_string_equal(arena_copy(arena, "abcdef", 3), "abc");
    assert_null(arena_slice(arena, SLICE_NONE).data);
    arena_free(arena);
}

static void
buffers_grow(void **state)
{
    struct buffer buffer = BUFFER_INIT;

    (void)state;
    for (int i = 0; i < 1000; i++)
        buffer_format(&buffer, "%03d,", i);
    buffer_add_text(&buffer, "end");
    assert_int_equal(buffer.length, 4003);
    assert_memory_equal(buffer.data + 4 * 999, "999,end", 7);
    buffer_free(&buffer);
    assert_null(buffer.data);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(pieces_do_not_overlap),
    cmocka_unit_test(trimming_gives_back_only_the_newest_piece),
    cmocka_unit_test(pieces_larger_than_a_block_work),
    cmocka_unit_test(buffers_grow),
};

UNIT_MAIN(tests)
