/* dirsync_message: what a server says with Active Directory's control 1.2.840.113556.1.4.841
 * (MS-ADTS section 3.1.1.3.4.1.3), taken apart. The bytes are not trusted. */
#ifndef DIRECTORY_DIRSYNC_MESSAGE_H
#define DIRECTORY_DIRSYNC_MESSAGE_H

#include "base/slice.h"

#include <stdbool.h>

struct dirsync_answer {
    bool more;           /* ask again with the cookie, now */
    struct slice cookie; /* of the bytes */
};

bool dirsync_answer_parse(struct slice value, struct dirsync_answer *ret_answer);

#endif
