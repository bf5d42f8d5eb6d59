#include "package/deflate.h"

#include <isa-l/crc.h>
#include <isa-l/igzip_lib.h>
#include <stdlib.h>

/* ISA-L's level 1 packs this kind of XML at ten times zlib's speed and six tenths of its ratio
 * (tests/bench/deflate_bench.c); what a package costs is reading and time, not its megabytes. */
enum {
    LEVEL = 1,
    LEVEL_BYTES = ISAL_DEF_LVL1_DEFAULT,
    INPUT_BYTES = 256 * 1024,
    OUTPUT_BYTES = 256 * 1024
};

struct deflator {
    struct scratch scratch;
    struct isal_zstream stream;
    uint8_t level_buffer[LEVEL_BYTES];
    char input[INPUT_BYTES];
    uint8_t output[OUTPUT_BYTES];
};

struct deflator *
deflator_open(const char *folder, struct error *err)
{
    struct scratch scratch;
    struct deflator *deflator;

    if (!scratch_open(&scratch, folder, err))
        return NULL;
    deflator = memory_alloc(sizeof *deflator);
    deflator->scratch = scratch;
    return deflator;
}

void
deflator_close(struct deflator *deflator)
{
    if (!deflator)
        return;
    scratch_close(&deflator->scratch);
    free(deflator);
}

static void
begin(struct deflator *deflator)
{
    isal_deflate_init(&deflator->stream);
    deflator->stream.level = LEVEL;
    deflator->stream.level_buf = deflator->level_buffer;
    deflator->stream.level_buf_size = LEVEL_BYTES;
    deflator->stream.gzip_flag = IGZIP_DEFLATE;
    deflator->stream.next_out = deflator->output;
    deflator->stream.avail_out = OUTPUT_BYTES;
}

static bool
write_output(struct deflator *deflator, struct error *err)
{
    size_t length = OUTPUT_BYTES - deflator->stream.avail_out;

    deflator->stream.next_out = deflator->output;
    deflator->stream.avail_out = OUTPUT_BYTES;
    return scratch_append(&deflator->scratch, (const char *)deflator->output, length, err);
}

/* Compresses what is in the input buffer; only full output buffers are written. */
static bool
compress_input(struct deflator *deflator, size_t length, bool last, struct error *err)
{
    struct isal_zstream *stream = &deflator->stream;

    stream->next_in = (uint8_t *)deflator->input;
    stream->avail_in = (uint32_t)length;
    stream->end_of_stream = last;
    for (;;) {
        int result = isal_deflate(stream);

        if (result != COMP_OK)
            return error_set(err, ERROR_INTERNAL, "cannot compress a document: ISA-L error %d",
                             result);
        if (stream->avail_out > 0 || stream->internal_state.state == ZSTATE_END)
            return !last || write_output(deflator, err);
        if (!write_output(deflator, err))
            return false;
    }
}

bool
deflator_run(struct deflator *deflator, struct document *document, struct deflated *ret_deflated,
             struct error *err)
{
    struct deflated deflated = {.scratch = &deflator->scratch, .offset = deflator->scratch.length};
    size_t length;

    begin(deflator);
    do {
        if (!document_read(document, deflator->input, INPUT_BYTES, &length, err))
            return false;
        deflated.size += length;
        deflated.crc = crc32_gzip_refl(deflated.crc, (unsigned char *)deflator->input, length);
        if (!compress_input(deflator, length, length < INPUT_BYTES, err))
            return false;
    } while (length == INPUT_BYTES);
    deflated.length = deflator->scratch.length - deflated.offset;
    *ret_deflated = deflated;
    return true;
}
