/* deflate_bench [PEOPLE]: how fast and how well the deflate libraries of Debian pack what our
 * writer makes. One document at a time, one thread; ISA-L in pieces, as the packager feeds it. */
#include "alma/alma.h"
#include "../support/sample_users.h"

#include <isa-l/igzip_lib.h>
#include <libdeflate.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <zlib.h>

enum { DEFAULT_PEOPLE = 10000, ROUNDS = 3, PIECE_BYTES = 256 * 1024 };

typedef size_t (*deflate_function)(const struct buffer *in, struct buffer *out, int level);

static size_t
deflate_zlib(const struct buffer *in, struct buffer *out, int level)
{
    z_stream stream = {.next_in = (Bytef *)in->data,
                       .avail_in = (uInt)in->length,
                       .next_out = (Bytef *)out->data,
                       .avail_out = (uInt)out->capacity};
    size_t length;

    deflateInit2(&stream, level, Z_DEFLATED, -15, 9, Z_DEFAULT_STRATEGY);
    deflate(&stream, Z_FINISH);
    length = stream.total_out;
    deflateEnd(&stream);
    return length;
}

static size_t
deflate_libdeflate(const struct buffer *in, struct buffer *out, int level)
{
    struct libdeflate_compressor *compressor = libdeflate_alloc_compressor(level);
    size_t length =
        libdeflate_deflate_compress(compressor, in->data, in->length, out->data, out->capacity);

    libdeflate_free_compressor(compressor);
    return length;
}

static size_t
deflate_isal(const struct buffer *in, struct buffer *out, int level)
{
    static const uint32_t level_bytes[] = {ISAL_DEF_LVL0_DEFAULT, ISAL_DEF_LVL1_DEFAULT,
                                           ISAL_DEF_LVL2_DEFAULT, ISAL_DEF_LVL3_DEFAULT};
    struct isal_zstream *stream = memory_zero(1, sizeof *stream);
    uint8_t *level_buffer = memory_alloc(level_bytes[level]);
    size_t length;

    isal_deflate_init(stream);
    stream->level = (uint32_t)level;
    stream->level_buf = level_buffer;
    stream->level_buf_size = level_bytes[level];
    stream->next_out = (uint8_t *)out->data;
    stream->avail_out = (uint32_t)out->capacity;
    for (size_t done = 0; done < in->length; done += PIECE_BYTES) {
        size_t left = in->length - done;

        stream->next_in = (uint8_t *)in->data + done;
        stream->avail_in = (uint32_t)(left < PIECE_BYTES ? left : PIECE_BYTES);
        stream->end_of_stream = left <= PIECE_BYTES;
        isal_deflate(stream);
    }
    length = stream->total_out;
    free(level_buffer);
    free(stream);
    return length;
}

static const struct {
    const char *name;
    deflate_function deflate;
    int level;
} candidates[] = {
    {"zlib", deflate_zlib, 1},
    {"zlib", deflate_zlib, 6},
    {"libdeflate", deflate_libdeflate, 1},
    {"libdeflate", deflate_libdeflate, 6},
    {"ISA-L", deflate_isal, 0},
    {"ISA-L", deflate_isal, 1},
    {"ISA-L", deflate_isal, 2},
    {"ISA-L", deflate_isal, 3},
};

static double
cpu_seconds(void)
{
    return (double)clock() / CLOCKS_PER_SEC;
}

static void
write_people(size_t people, struct buffer *out)
{
    struct arena *arena = arena_new();
    struct alma_writer *writer = alma_writer_new();

    for (size_t i = 0; i < people; i++) {
        struct user user;

        sample_user_ordinary(arena, i, &user);
        alma_check(&user, NULL);
        alma_write_user(writer, &user, out);
        arena_reset(arena);
    }
    alma_writer_free(writer);
    arena_free(arena);
}

int
main(int argc, char **argv)
{
    struct buffer in = BUFFER_INIT, out = BUFFER_INIT;

    write_people(argc > 1 ? strtoul(argv[1], NULL, 10) : DEFAULT_PEOPLE, &in);
    memset(buffer_reserve(&out, in.length), 0, in.length);
    for (size_t i = 0; i < sizeof candidates / sizeof candidates[0]; i++) {
        double best = 0;
        size_t length = 0;

        for (int round = 0; round < ROUNDS; round++) {
            double started = cpu_seconds(), seconds;

            length = candidates[i].deflate(&in, &out, candidates[i].level);
            seconds = cpu_seconds() - started;
            if (round == 0 || seconds < best)
                best = seconds;
        }
        printf("%-10s level %d: %6.0f MB/s, %.1f MB in %.2f MB (1:%.1f)\n", candidates[i].name,
               candidates[i].level, (double)in.length / 1e6 / best, (double)in.length / 1e6,
               (double)length / 1e6, (double)in.length / (double)length);
    }
    buffer_free(&in);
    buffer_free(&out);
    return EXIT_SUCCESS;
}
