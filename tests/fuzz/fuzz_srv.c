/* Any bytes as the answer of a name server, and as what a domain controller says of our site. */
#include "base/arena.h"
#include "directory/netlogon.h"
#include "directory/srv.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = arena_new();
    struct slice message = {(const char *)data, size};
    struct srv_records records;
    char site[NETLOGON_SITE_SIZE];

    if (srv_parse(arena, message, &records))
        srv_sort(&records, NULL);
    for (size_t i = 0; i < records.count; i++)
        if (!srv_is_name(slice_of(records.items[i].host)) || records.items[i].port == 0 ||
            records.items[i].port > UINT16_MAX)
            abort();
    if (!netlogon_parse(message, site) && site[0])
        abort();
    for (const char *at = site; *at; at++)
        if (*at < ' ' || *at > '~')
            abort();
    arena_free(arena);
    return 0;
}
