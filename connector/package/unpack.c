#include "package/package.h"

#include "package/zip_error.h"

#include <inttypes.h>
#include <isa-l/crc.h>
#include <isa-l/igzip_lib.h>
#include <stdlib.h>

enum { INPUT_BYTES = 64 * 1024, OUTPUT_BYTES = 256 * 1024 };

struct unpacker {
    const char *path;
    zip_t *zip;
    const struct package_pieces *pieces;
    struct inflate_state inflate;
    uint8_t input[INPUT_BYTES];
    uint8_t output[OUTPUT_BYTES];
};

struct member {
    zip_stat_t stat;
    zip_file_t *file;
    uint64_t length; /* so far, inflated */
    uint32_t crc;
};

static bool
refuse(const struct unpacker *unpacker, const struct member *member, const char *what,
       struct error *err)
{
    return error_set(err, ERROR_DATA, "'%s' in '%s' %s", member->stat.name, unpacker->path, what);
}

static bool
hand_over(struct unpacker *unpacker, struct member *member, struct error *err)
{
    const size_t length = OUTPUT_BYTES - unpacker->inflate.avail_out;
    const struct package_pieces *pieces = unpacker->pieces;

    member->length += length;
    member->crc = crc32_gzip_refl(member->crc, unpacker->output, length);
    unpacker->inflate.next_out = unpacker->output;
    unpacker->inflate.avail_out = OUTPUT_BYTES;
    return length == 0 ||
           pieces->piece(pieces->context, (struct slice){(const char *)unpacker->output, length},
                         err);
}

/* Takes the next bytes of the member into the inflater; none are left at its end. */
static bool
fill(struct unpacker *unpacker, const struct member *member, struct error *err)
{
    zip_int64_t got = zip_fread(member->file, unpacker->input, INPUT_BYTES);

    if (got < 0)
        return zip_error_word(err, ERROR_DATA, "unpack", unpacker->path,
                              zip_file_get_error(member->file));
    if (got == 0)
        return refuse(unpacker, member, "breaks off", err);
    unpacker->inflate.next_in = unpacker->input;
    unpacker->inflate.avail_in = (uint32_t)got;
    return true;
}

static bool
inflate_member(struct unpacker *unpacker, struct member *member, struct error *err)
{
    struct inflate_state *inflate = &unpacker->inflate;

    isal_inflate_init(inflate);
    inflate->next_out = unpacker->output;
    inflate->avail_out = OUTPUT_BYTES;
    while (inflate->block_state != ISAL_BLOCK_FINISH) {
        if (inflate->avail_in == 0 && inflate->avail_out > 0 && !fill(unpacker, member, err))
            return false;
        if (isal_inflate(inflate) != ISAL_DECOMP_OK)
            return refuse(unpacker, member, "cannot be inflated", err);
        if (!hand_over(unpacker, member, err))
            return false;
    }
    if (member->length != member->stat.size || member->crc != member->stat.crc)
        return refuse(unpacker, member, "does not have the length and checksum that it claims",
                      err);
    return true;
}

static bool
unpack_member(struct unpacker *unpacker, zip_uint64_t index, struct error *err)
{
    const struct package_pieces *pieces = unpacker->pieces;
    struct member member = {0};
    bool ok;

    if (zip_stat_index(unpacker->zip, index, 0, &member.stat) < 0)
        return zip_error_word(err, ERROR_DATA, "unpack", unpacker->path,
                              zip_get_error(unpacker->zip));
    if (member.stat.comp_method != ZIP_CM_DEFLATE)
        return refuse(unpacker, &member, "is not deflated", err);
    if (!pieces->begin(pieces->context, member.stat.name, err))
        return false;
    member.file = zip_fopen_index(unpacker->zip, index, ZIP_FL_COMPRESSED);
    if (!member.file)
        return zip_error_word(err, ERROR_DATA, "unpack", unpacker->path,
                              zip_get_error(unpacker->zip));
    ok = inflate_member(unpacker, &member, err);
    zip_fclose(member.file);
    return ok && pieces->end(pieces->context, err);
}

bool
package_unpack(const char *path, const struct package_pieces *pieces, struct error *err)
{
    int code = 0;
    zip_t *zip = zip_open(path, ZIP_RDONLY | ZIP_CHECKCONS, &code);
    struct unpacker *unpacker;
    zip_int64_t count;
    bool ok = true;

    if (!zip)
        return zip_error_word_code(err, ERROR_DATA, "read", path, code);
    unpacker = memory_alloc(sizeof *unpacker);
    unpacker->path = path;
    unpacker->zip = zip;
    unpacker->pieces = pieces;
    count = zip_get_num_entries(zip, 0);
    for (zip_int64_t i = 0; ok && i < count; i++)
        ok = unpack_member(unpacker, (zip_uint64_t)i, err);
    free(unpacker);
    zip_discard(zip);
    return ok;
}
