#include "directory/group_names.h"

#include "directory/groups.h"
#include "model/normal.h"

#include <string.h>
#include <xxhash.h>

/* So that no login name is another one's number. */
enum kind { KIND_DN = 1, KIND_LOGIN, KIND_GID, KIND_SID };

/* [MS-DTYP] section 2.4.2.2: revision, count, 6 bytes of authority, count times 4 bytes. */
enum { SID_HEAD_BYTES = 8, SID_PART_BYTES = 4, SID_PARTS_MOST = 15 };

static uint64_t
make(uint64_t seed, enum kind kind, struct slice text)
{
    uint64_t name = XXH3_64bits_withSeed(text.data, text.length, (XXH64_hash_t)seed + kind);

    return name == GROUP_NAME_NONE ? 1 : name;
}

uint64_t
group_name_dn(uint64_t seed, struct arena *arena, struct slice dn)
{
    struct slice normal = normal_dn(arena, dn);

    if (!normal.data)
        normal = dn;
    return make(seed, KIND_DN, normal);
}

uint64_t
group_name_login(uint64_t seed, struct arena *arena, struct slice login)
{
    return make(seed, KIND_LOGIN, normal_text(arena, login));
}

/* The DN of "DN#'0101'B". */
static struct slice
without_bits(struct slice value)
{
    size_t at = value.length;

    if (at < 4 || memcmp(value.data + at - 2, "'B", 2) != 0)
        return value;
    for (at -= 2; at > 0 && (value.data[at - 1] == '0' || value.data[at - 1] == '1'); at--)
        ;
    if (at < 2 || memcmp(value.data + at - 2, "#'", 2) != 0)
        return value;
    return (struct slice){value.data, at - 2};
}

uint64_t
group_name_member(uint64_t seed, struct arena *arena, struct slice value, bool *ret_is_login)
{
    struct slice normal = normal_dn(arena, without_bits(value));

    *ret_is_login = !normal.data;
    return normal.data ? make(seed, KIND_DN, normal) : group_name_login(seed, arena, value);
}

uint64_t
group_name_gid(uint64_t seed, struct slice number)
{
    return make(seed, KIND_GID, number);
}

uint64_t
group_name_sid(uint64_t seed, struct slice sid)
{
    return make(seed, KIND_SID, sid);
}

static bool
read_number(struct slice text, uint32_t *ret_number)
{
    uint64_t number = 0;

    if (text.length == 0 || text.length > 10)
        return false;
    for (size_t i = 0; i < text.length; i++) {
        if (text.data[i] < '0' || text.data[i] > '9')
            return false;
        number = number * 10 + (uint64_t)(text.data[i] - '0');
    }
    *ret_number = (uint32_t)number;
    return number <= UINT32_MAX;
}

uint64_t
group_name_primary(uint64_t seed, struct slice sid, struct slice primary_group_id)
{
    char bytes[SID_HEAD_BYTES + SID_PARTS_MOST * SID_PART_BYTES];
    uint32_t number;

    if (sid.length < SID_HEAD_BYTES + SID_PART_BYTES || sid.length > sizeof bytes ||
        sid.length != SID_HEAD_BYTES + (size_t)(unsigned char)sid.data[1] * SID_PART_BYTES ||
        !read_number(primary_group_id, &number))
        return GROUP_NAME_NONE;
    memcpy(bytes, sid.data, sid.length);
    for (size_t i = 0; i < SID_PART_BYTES; i++)
        bytes[sid.length - SID_PART_BYTES + i] = (char)(number >> 8 * i & 0xff);
    return group_name_sid(seed, (struct slice){bytes, sid.length});
}
