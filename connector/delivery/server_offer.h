/* server_offer: what a server said it can do, from the first bytes that came from it.
 *
 * libssh2 tells of a failed negotiation only that it failed. The server's offer is in clear
 * (RFC 4253 sections 4.2, 6 and 7.1): its version line and the packet SSH_MSG_KEXINIT.
 */
#ifndef DELIVERY_SERVER_OFFER_H
#define DELIVERY_SERVER_OFFER_H

#include "base/slice.h"

#include <stdbool.h>

/* The name-lists of SSH_MSG_KEXINIT, in their order. */
enum server_offer_list {
    OFFER_KEY_EXCHANGE,
    OFFER_HOST_KEYS,
    OFFER_CIPHERS,                 /* client to server */
    OFFER_MACS = OFFER_CIPHERS + 2 /* client to server */
};

/* The comma list, or SLICE_NONE where the bytes are cut or are no offer. */
struct slice server_offer(struct slice heard, enum server_offer_list list);

/* Whether a comma list has a name. */
bool server_offer_has(struct slice list, const char *name);

#endif
