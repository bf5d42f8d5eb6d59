#include "directory/sync_message.h"

#include "directory/changes.h"
#include "directory/tlv.h"

/* The tags of the choice of syncInfoValue: context-specific, the first one primitive. */
enum { TAG_NEW_COOKIE = 0x80, TAG_REFRESH_DELETE = 0xa1, TAG_ID_SET = 0xa3 };

static bool
take_cookie(struct slice *rest, struct slice *ret_cookie)
{
    *ret_cookie = SLICE_NONE;
    return !tlv_is_next(*rest, TLV_OCTETS) || tlv_take(rest, TLV_OCTETS, ret_cookie);
}

bool
sync_state_parse(struct slice value, struct sync_state *ret_state)
{
    struct slice inside;
    int32_t kind;

    if (!tlv_take(&value, TLV_SEQUENCE, &inside) ||
        !tlv_take_number(&inside, TLV_ENUMERATED, &kind) || kind < SYNC_PRESENT ||
        kind > SYNC_DELETE || !tlv_take(&inside, TLV_OCTETS, &ret_state->id) ||
        ret_state->id.length != DIRECTORY_ID_BYTES)
        return false;
    ret_state->kind = (enum sync_state_kind)kind;
    return take_cookie(&inside, &ret_state->cookie);
}

bool
sync_done_parse(struct slice value, struct sync_done *ret_done)
{
    struct slice inside;

    return tlv_take(&value, TLV_SEQUENCE, &inside) && take_cookie(&inside, &ret_done->cookie) &&
           tlv_take_flag(&inside, false, &ret_done->deletes);
}

/* Each id is looked at here, so that what is said of a set is said of all of it or not at all. */
static bool
parse_id_set(struct slice inside, struct sync_info *info)
{
    struct slice ids, id;

    if (!take_cookie(&inside, &info->cookie) || !tlv_take_flag(&inside, false, &info->deletes) ||
        !tlv_take(&inside, TLV_SET, &info->ids))
        return false;
    ids = info->ids;
    while (sync_next_id(&ids, &id))
        continue;
    return ids.length == 0;
}

bool
sync_info_parse(struct slice value, struct sync_info *ret_info)
{
    struct slice inside;

    *ret_info = (struct sync_info){.kind = SYNC_NEW_COOKIE};
    if (tlv_take(&value, TAG_NEW_COOKIE, &ret_info->cookie))
        return true;
    for (int kind = SYNC_REFRESH_DELETE; kind <= SYNC_REFRESH_PRESENT; kind++)
        if (tlv_take(&value, (unsigned char)(TAG_REFRESH_DELETE + kind - SYNC_REFRESH_DELETE),
                     &inside)) {
            ret_info->kind = (enum sync_info_kind)kind;
            return take_cookie(&inside, &ret_info->cookie);
        }
    ret_info->kind = SYNC_ID_SET;
    return tlv_take(&value, TAG_ID_SET, &inside) && parse_id_set(inside, ret_info);
}

bool
sync_next_id(struct slice *ids, struct slice *ret_id)
{
    struct slice rest = *ids;

    if (!tlv_take(&rest, TLV_OCTETS, ret_id) || ret_id->length != DIRECTORY_ID_BYTES)
        return false;
    *ids = rest;
    return true;
}
