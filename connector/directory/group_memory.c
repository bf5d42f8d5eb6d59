#include "directory/group_memory.h"

#include "base/arena.h"
#include "base/buffer.h"

#include <string.h>
#include <xxhash.h>

struct memory_head {
    uint64_t seed, listed, graph_length;
    uint8_t by_login, by_gid, by_sid, spare[5];
};

struct slice
group_memory_write(const struct ldap_groups *groups, struct arena *arena)
{
    struct memory_head head = {
        .seed = groups->seed,
        .listed = groups->listed,
        .by_login = groups->by_login,
        .by_gid = groups->by_gid,
        .by_sid = groups->by_sid,
    };
    struct buffer bytes = BUFFER_INIT;
    struct slice written;

    buffer_add(&bytes, (const char *)&head, sizeof head);
    groups_write(groups->graph, &bytes);
    head.graph_length = bytes.length - sizeof head;
    memcpy(bytes.data, &head, sizeof head);
    buffer_add(&bytes, groups->searched, strlen(groups->searched));
    written = arena_slice(arena, (struct slice){bytes.data, bytes.length});
    buffer_free(&bytes);
    return written;
}

struct slice
group_memory_digest(struct slice bytes, struct arena *arena)
{
    uint64_t digest = XXH3_64bits(bytes.data, bytes.length);

    return arena_slice(arena, (struct slice){(const char *)&digest, sizeof digest});
}

static bool
has_digest(struct slice bytes, struct slice digest)
{
    uint64_t number;

    if (!bytes.data || digest.length != sizeof number)
        return false;
    memcpy(&number, digest.data, sizeof number);
    return XXH3_64bits(bytes.data, bytes.length) == number;
}

struct ldap_groups *
group_memory_read(struct slice bytes, struct slice digest, uint64_t seed)
{
    struct memory_head head;
    struct ldap_groups *groups;
    struct groups *graph;
    struct slice rest;

    if (!has_digest(bytes, digest) || bytes.length < sizeof head)
        return NULL;
    memcpy(&head, bytes.data, sizeof head);
    rest = (struct slice){bytes.data + sizeof head, bytes.length - sizeof head};
    if (head.seed != seed || head.graph_length > rest.length)
        return NULL;
    graph = groups_read((struct slice){rest.data, head.graph_length});
    if (!graph)
        return NULL;
    groups = memory_zero(1, sizeof *groups);
    groups->graph = graph;
    groups->seed = seed;
    groups->listed = head.listed;
    groups->by_login = head.by_login;
    groups->by_gid = head.by_gid;
    groups->by_sid = head.by_sid;
    groups->is_remembered = true;
    groups->arena = arena_new();
    groups->searched =
        arena_copy(groups->arena, rest.data + head.graph_length, rest.length - head.graph_length);
    return groups;
}
