#include "directory/dirsync_message.h"

#include "directory/tlv.h"

bool
dirsync_answer_parse(struct slice value, struct dirsync_answer *ret_answer)
{
    struct slice inside;
    int32_t more, unused;

    if (!tlv_take(&value, TLV_SEQUENCE, &inside) || !tlv_take_number(&inside, TLV_INTEGER, &more) ||
        !tlv_take_number(&inside, TLV_INTEGER, &unused) ||
        !tlv_take(&inside, TLV_OCTETS, &ret_answer->cookie))
        return false;
    ret_answer->more = more != 0;
    return true;
}
